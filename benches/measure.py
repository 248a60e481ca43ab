"""Runs commands in turns and compares their times; knows nothing of what is compared.

What a command prints goes through a pipe to cat: some programs stop early when they see that it goes to /dev/null.
"""
import os
import statistics
import subprocess
import tempfile
import time
from collections import namedtuple

# Pairs that count, where nobody asks for a number: a short pair takes less than two seconds.
SHORT_PAIRS, LONG_PAIRS = 7, 3
# Median, least and greatest of the ratios, and the median seconds of both.
Ratio = namedtuple("Ratio", "median least most ours theirs")


def ratio(ours, theirs, pairs, seconds, cores):
    """Times both in turns after a pair that does not count; a busy machine slows both alike."""
    warm_up = seconds(ours, cores) + seconds(theirs, cores)
    pairs = pairs or (SHORT_PAIRS if warm_up < 2 else LONG_PAIRS)
    times = [(seconds(ours, cores), seconds(theirs, cores)) for _ in range(pairs)]
    ratios = [a / b for a, b in times]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios),
                 statistics.median(a for a, _ in times), statistics.median(b for _, b in times))


def whole(command, cores):
    """Seconds of a command whose output is read to its end."""
    with on(cores):
        start = time.perf_counter()
        ours = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    reader = subprocess.Popen(["cat"], stdin=ours.stdout, stdout=subprocess.DEVNULL)
    ours.stdout.close()
    ours.wait()
    reader.wait()
    spent = time.perf_counter() - start
    check(command, ours.returncode)
    return spent


def moment(command, cores):
    """Seconds of a command that is done at once: started with as little besides as can be."""
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    with on(cores):
        start = time.perf_counter()
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=silent)
        _, status = os.waitpid(pid, 0)
        spent = time.perf_counter() - start
    check(command, os.waitstatus_to_exitcode(status))
    return spent


def peak_memory(command, time_program):
    """Bytes at the most. GNU time starts the command, for a child's figure is never less than its starter's."""
    with tempfile.NamedTemporaryFile("r") as note:
        whole([time_program, "-f", "%M", "-o", note.name, *command], None)
        return int(note.read().split()[-1]) * 1024


def check(command, status):
    if status not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with status {status}")


class on:
    """Starts processes on these cores only; None leaves all."""

    def __init__(self, cores):
        self.cores = cores

    def __enter__(self):
        if self.cores:
            self.all = os.sched_getaffinity(0)
            os.sched_setaffinity(0, self.cores)

    def __exit__(self, *_error):
        if self.cores:
            os.sched_setaffinity(0, self.all)
