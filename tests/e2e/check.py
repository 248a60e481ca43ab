"""Compares what the scan found with cases.tsv: check.py CASES LOG.jsonl
BOUNCES.jsonl; exit status 1 when something differs."""

import json
import re
import sys

from sink import cases


def findings(path):
    """The last finding by recipient, and the summary."""
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    attempts = [row for row in rows[:-1] if row["kind"] == "attempt"]
    return {row["recipient"]: row for row in attempts}, rows[-1]


def expected(case, place):
    """The fields of a finding for a case."""
    fields = {name: case[name] for name in ("verdict", "cause") if case[name]}
    lines = case["reply"].split("|")
    if case["stage"] == "lost" or place == "log" and case["status"] == "sent":
        return fields
    numbers = re.match(r"(\d{3})(?: (\d\.\d+\.\d+))?", lines[0])
    fields["code"], fields["enhanced"] = int(numbers[1]), numbers[2]
    fields["stage"] = case["stage"]
    text = " ".join(re.sub(r"^\d{3} ?(\d\.\d+\.\d+ ?)?", "", line) for line in lines)
    fields["text"] = text
    return fields


def main(path, log, bounces):
    faults = 0
    wanted = cases(path)
    for place, source in (("log", log), ("bounces", bounces)):
        found, summary = findings(source)
        for local, case in wanted.items():
            if place == "bounces" and case["status"] != "bounced":
                continue
            row = found.get(f"{local}@rcpt.test")
            fields = expected(case, place)
            if place == "log":
                fields["status"] = case["status"]
            for name, value in fields.items():
                got = row and row[name]
                if got != value:
                    faults += 1
                    print(f"{place}: {local}: {name} is {got!r}, not {value!r}")
        print(f"{place}: {summary['records']} records, {summary['attempts']} attempts, formats {', '.join(summary['formats'])}")
    print("all as expected" if faults == 0 else f"{faults} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
