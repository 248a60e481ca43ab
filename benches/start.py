#!/usr/bin/env python3
"""Times one answer, whole process, against an empty program built alike, in turns: prints the median of the ratios.

usage: benches/start.py [RUNS]     (builds both programs first)
"""
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
REPLIES = {
    "550 5.7.26": ["550", "5.7.26"],
    "a Gmail reply": ["550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
                      "550-5.1.1 double-checking the recipient's email address for typos or\n"
                      "550 5.1.1 unnecessary spaces. https://support.google.com/mail/?p=NoSuchUser - gsmtp"],
}


def build(folder):
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=folder, check=True)


def seconds(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def main():
    empty_folder = os.path.join(HERE, "empty")
    build(ROOT)
    build(empty_folder)
    target = os.environ.get("CARGO_TARGET_DIR")
    ours = os.path.join(target or os.path.join(ROOT, "target"), "release", "smtpwhy")
    empty = os.path.join(target or os.path.join(empty_folder, "target"), "release", "empty")
    for name, args in REPLIES.items():
        pairs = [(seconds([ours, *args]), seconds([empty, *args])) for _ in range(RUNS + 5)][5:]
        ratios = sorted(a / b for a, b in pairs)
        print(f"{name:<16} {statistics.median(ratios):.2f} x an empty program "
              f"(middle half {ratios[len(ratios) // 4]:.2f} to {ratios[3 * len(ratios) // 4]:.2f}, {RUNS} pairs)")


if __name__ == "__main__":
    main()
