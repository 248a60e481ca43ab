#!/usr/bin/env python3
"""Measures smtpwhy against other programs on the same data in the same run, and prints one table.

usage: benches/run.py [--only NAME]... [--data FOLDER] [--seed N] [--size BYTES] [--pairs N] [--list]

Builds the release program, writes data that is missing (about 2.2 GB for the default size), and uses two cores.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import namedtuple

import generate
import measure

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PATH = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
LINES_A_GB = 3_000_000
MIB = 1 << 20

PASTED = ("550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
          "550-5.1.1 double-checking the recipient's email address for typos or\n"
          "550-5.1.1 unnecessary spaces. For more information, go to\n"
          "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser d9443c01a7336-1a2b3c4d5e6si12345678a12.34 - gsmtp")
FAILING = r"status=(deferred|bounced)|reject: "
BOUNCES = 'select(.event=="bounce")|.reason'

Row = namedtuple("Row", "name what goal measure")
Result = namedtuple("Result", "measured spread met")


class Missing(Exception):
    """A program to compare with that is not on this machine."""


def main():
    options = arguments()
    bench = Bench(options)
    chosen = [row for row in rows(bench) if not options.only or row.name in options.only]
    if options.list:
        for row in chosen:
            print(f"{row.name:<16} {row.what}: {row.goal}")
        return
    if not chosen:
        raise SystemExit("no such row; --list names them")
    bench.build()
    os.sched_setaffinity(0, bench.two)
    print_table([(row, result(row)) for row in chosen])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", action="append", metavar="NAME", help="only this row, more than once for several")
    parser.add_argument("--data", help="folder for the data (default: bench in the target folder)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=generate.size, default=10**9, help="of the large log; other data in proportion")
    parser.add_argument("--pairs", type=int, help="pairs of runs that count, for each row")
    parser.add_argument("--list", action="store_true", help="name the rows")
    return parser.parse_args()


def rows(bench):
    """Name, what is measured, the goal, how."""
    log, cut, packed = "postfix.log", "postfix-cut.log", "postfix-cut.log.gz"
    events, exim = "sendgrid.jsonl", "exim.log"
    return [
        Row("start-code", "`smtpwhy 550 5.7.26` / an empty program", "<= 1.3x",
            lambda: bench.start(["550", "5.7.26"], 1.3)),
        Row("start-reply", "a pasted Gmail reply / an empty program", "<= 1.3x",
            lambda: bench.start([PASTED], 1.3)),
        Row("summary", "summary of a Postfix log, two threads / `rg -c status=`", "<= 1.0x",
            lambda: bench.slower(bench.scan(log), ["rg", "-c", "status=", bench.file(log)], 1.0)),
        Row("summary-1", "the same, one thread / `rg -j1 -c status=`", "<= 1.6x",
            lambda: bench.slower(bench.scan(log, threads=1), ["rg", "-j1", "-c", "status=", bench.file(log)], 1.6,
                                 one=True)),
        Row("jsonl", "jsonl of its failing lines / `rg` printing them", "<= 0.8x",
            lambda: bench.slower(bench.scan(log, "--each", "-f", "jsonl", "--verdict", "!ok"),
                                 ["rg", FAILING, bench.file(log)], 0.8)),
        Row("pflogsumm", "summary, one thread / pflogsumm", ">= 200x faster",
            lambda: bench.faster(bench.scan(cut, threads=1), ["pflogsumm", bench.file(cut)], 200, one=True)),
        Row("replies", "bare replies, a line each, one core", ">= 3 million/s",
            lambda: bench.rate("replies.txt", 3e6)),
        Row("sendgrid-rg", "SendGrid events / `rg -c '\"event\":\"'`", "<= 2x",
            lambda: bench.slower(bench.scan(events), ["rg", "-c", '"event":"', bench.file(events)], 2)),
        Row("sendgrid-jq", "SendGrid events / `jq` picking the bounces' reasons", ">= 30x faster",
            lambda: bench.faster(bench.scan(events), ["jq", "-c", BOUNCES, bench.file(events)], 30)),
        Row("eximstats", "summary of an Exim main log / eximstats", ">= 80x faster",
            lambda: bench.faster(bench.scan(exim), ["eximstats", bench.file(exim)], 80)),
        Row("gzip", "summary of a packed log / `gzip -dc`", "<= 1.1x",
            lambda: bench.slower(bench.scan(packed), ["gzip", "-dc", bench.file(packed)], 1.1)),
        Row("memory-summary", "peak memory of a summary, whatever the input", "<= 16 MiB",
            lambda: bench.memory([], 16 * MIB)),
        Row("memory-jsonl", "peak memory of jsonl, whatever the input", "<= 8 MiB",
            lambda: bench.memory(["--each", "-f", "jsonl"], 8 * MIB)),
        Row("binary", "the program, stripped", "<= 6 MB", lambda: bench.binary(6e6)),
    ]


class Bench:
    """The programs, the data, and how each kind of row is measured."""

    def __init__(self, options):
        self.options = options
        target = os.environ.get("CARGO_TARGET_DIR")
        self.ours = os.path.join(target or os.path.join(ROOT, "target"), "release", "smtpwhy")
        self.empty = os.path.join(target or os.path.join(HERE, "empty", "target"), "release", "empty")
        folder = options.data or os.path.join(target or os.path.join(ROOT, "target"), "bench")
        self.folder = os.path.join(folder, f"seed{options.seed}-{options.size}")
        self.two = set(sorted(os.sched_getaffinity(0))[:2])
        self.warm = set()

    def build(self):
        for folder in (ROOT, os.path.join(HERE, "empty")):
            subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=folder, check=True)
        told = subprocess.run([self.ours, "scan", "--help"], capture_output=True, text=True, check=True)
        self.has_threads = "--threads" in told.stdout

    def scan(self, name, *more, threads=2):
        one = ["--threads", "1"] if threads == 1 and self.has_threads else []
        return [self.ours, "scan", *one, *more, self.file(name)]

    def start(self, args, limit):
        pairs = self.options.pairs or 300
        found = measure.ratio([self.ours, *args], [self.empty, *args], pairs, measure.moment, self.two)
        return compared(found, limit, 1000, "ms")

    def slower(self, ours, theirs, limit, one=False):
        found = self.pairs(ours, theirs, one)
        return compared(found, limit, 1, "s")

    def faster(self, ours, theirs, limit, one=False):
        found = self.pairs(ours, theirs, one)
        spread = f"{1 / found.most:.1f} to {1 / found.least:.1f}; {found.ours:.3f} s / {found.theirs:.3f} s"
        return Result(f"{1 / found.median:.1f}x faster", spread, 1 / found.median >= limit)

    def pairs(self, ours, theirs, one):
        """One thread means one core too, unless the program can be told."""
        cores = {min(self.two)} if one and not self.has_threads else self.two
        theirs = [program(theirs[0]), *theirs[1:]]
        return measure.ratio(ours, theirs, self.options.pairs, measure.whole, cores)

    def rate(self, name, goal):
        command, core = self.scan(name, threads=1), {min(self.two)}
        lines = count_lines(self.file(name))
        measure.whole(command, core)
        rates = sorted(lines / measure.whole(command, core) for _ in range(self.options.pairs or 3))
        median = statistics.median(rates)
        return Result(f"{median / 1e6:.2f} million/s", f"{rates[0] / 1e6:.2f} to {rates[-1] / 1e6:.2f}; {lines:,} replies",
                      median >= goal)

    def memory(self, more, limit):
        peaks = {name: measure.peak_memory(self.scan(name, *more), program("time")) for name in MAKERS}
        worst = max(peaks.values())
        each = ", ".join(f"{name} {peak / MIB:.1f}" for name, peak in peaks.items())
        return Result(f"{worst / MIB:.1f} MiB", each, worst <= limit)

    def binary(self, limit):
        size = os.path.getsize(self.ours)
        return Result(f"{size / 1e6:.2f} MB", f"{size:,} bytes", size <= limit)

    def file(self, name):
        """The path of a data file, written if need be and read once, so that it is in the cache."""
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            os.makedirs(self.folder, exist_ok=True)
            say(f"writing {path}")
            MAKERS[name](self, path + ".part")
            os.rename(path + ".part", path)
        if name not in self.warm:
            subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)
            self.warm.add(name)
        return path

    def make(self, kind, amount, path):
        writer = [sys.executable, os.path.join(HERE, "generate.py"), "--seed", str(self.options.seed)]
        subprocess.run([*writer, *amount, kind, path], check=True)

    def pack(self, name, path):
        with open(path, "wb") as out:
            subprocess.run(["gzip", "-c", self.file(name)], stdout=out, check=True)


MAKERS = {
    "postfix.log": lambda b, path: b.make("postfix", ["--size", str(b.options.size)], path),
    "postfix-cut.log": lambda b, path: b.make("postfix", ["--size", str(b.options.size // 10)], path),
    "postfix-cut.log.gz": lambda b, path: b.pack("postfix-cut.log", path),
    "replies.txt": lambda b, path: b.make("replies", ["--lines", str(b.options.size * LINES_A_GB // 10**9)], path),
    "sendgrid.jsonl": lambda b, path: b.make("sendgrid", ["--size", str(b.options.size // 5)], path),
    "exim.log": lambda b, path: b.make("exim", ["--size", str(b.options.size // 10)], path),
}


def program(name):
    found = shutil.which(name, path=PATH)
    if not found:
        raise Missing(name)
    return found


def count_lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(MIB), b""))


def compared(found, limit, factor, unit):
    return Result(f"{found.median:.2f}x", f"{found.least:.2f} to {found.most:.2f}; "
                  f"{found.ours * factor:.2f} {unit} / {found.theirs * factor:.2f} {unit}", found.median <= limit)


def result(row):
    say(row.name)
    try:
        return row.measure()
    except Missing as missing:
        return Result(f"{missing} is not installed", "", None)


def print_table(results):
    print("| row | what | goal | measured | met | least to most; median times, ours / theirs |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row, found in results:
        met = {True: "yes", False: "no", None: "-"}[found.met]
        what = row.what.replace("|", "\\|")
        print(f"| {row.name} | {what} | {row.goal} | {found.measured} | {met} | {found.spread} |")


def say(text):
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
