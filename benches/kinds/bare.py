"""Refusals alone, one a line, the lines of each joined by spaces, as they are cut out of logs and tables."""
import time

from . import replies
from .talk import Talks

START, COUNT = 1793600000, 50000


def part(world, seed, number, _options):
    talks = Talks(world, replies.generator("replies", seed, number))
    return "".join(line(talks, START + number * COUNT + index) for index in range(COUNT)).encode()


def line(talks, unix):
    talks.words["unix"] = str(unix)
    talks.words["iso"] = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(unix)) + f"{talks.words.num3()}Z"
    domain, _ = talks.meet()
    reply, _ = talks.fails(domain, 0.55)
    return reply.text.replace("\\n", " ") + "\n"
