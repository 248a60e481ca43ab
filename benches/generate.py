#!/usr/bin/env python3
"""Writes data to measure with, made up but shaped as real: the same seed writes the same bytes.

usage: benches/generate.py [--seed N] [--size BYTES | --lines N] [--stamps classic|iso] KIND OUT
       KIND is postfix, exim, sendgrid or replies; OUT may be - ; BYTES may end in K, M or G (powers of ten)
"""
import argparse
import collections
import concurrent.futures
import functools
import importlib
import itertools
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kinds import world  # noqa: E402  (found beside this file, wherever it is called from)

KINDS = ["postfix", "exim", "sendgrid", "replies"]
MODULES = {"replies": "bare"}


def main():
    options = arguments()
    out = sys.stdout.buffer if options.out == "-" else open(options.out, "wb")
    with out:
        write(out, options)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=size, default=None, help="about this many bytes, never more (default 100M)")
    parser.add_argument("--lines", type=int, default=None, help="this many lines instead")
    parser.add_argument("--stamps", choices=["classic", "iso"], default="classic", help="time stamps of a Postfix log")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("out")
    options = parser.parse_args()
    if options.size is None and options.lines is None:
        options.size = 100_000_000
    return options


def size(text):
    units = {"K": 10**3, "M": 10**6, "G": 10**9}
    return int(float(text[:-1]) * units[text[-1].upper()]) if text[-1:].upper() in units else int(text)


def write(out, options):
    """Parts are made by all cores and written in their order until there is enough."""
    left = options.lines if options.size is None else options.size
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with concurrent.futures.ProcessPoolExecutor(cores) as pool:
        numbers = itertools.count()
        waiting = collections.deque(pool.submit(part, options, next(numbers)) for _ in range(cores + 1))
        while left > 0:
            made = waiting.popleft().result()
            waiting.append(pool.submit(part, options, next(numbers)))
            kept = first_lines(made, left) if options.size is None else whole_lines(made, left)
            out.write(kept)
            if len(kept) < len(made):
                break
            left -= kept.count(b"\n") if options.size is None else len(kept)
        pool.shutdown(wait=True, cancel_futures=True)


def part(options, number):
    module = importlib.import_module("kinds." + MODULES.get(options.kind, options.kind))
    return module.part(population(options.seed), options.seed, number, options)


@functools.cache
def population(seed):
    return world.World(seed)


def whole_lines(text, limit):
    return text if len(text) <= limit else text[:text.rfind(b"\n", 0, limit) + 1]


def first_lines(text, count):
    return b"".join(text.splitlines(keepends=True)[:count])


if __name__ == "__main__":
    main()
