#!/usr/bin/env python3
"""Feeds the program inputs that were made to do harm and prints how long each takes and how much memory.

usage: benches/worst.py [-l] [-s SCALE] [-t SECONDS] [NAME…]     (needs target/release/smtpwhy and GNU time)

NAME is part of a case's name; -l lists the names, -s 0.1 makes inputs a tenth as large, -t is the longest wait
(600 s). Two runs with different scales show whether time grows in proportion. Nothing here is a test: a machine
that is busy takes longer, so the time of the processors is printed beside it.
"""
import bz2
import gzip
import json
import lzma
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target"), "release", "smtpwhy")
MIB = 1 << 20
TIME = "/usr/bin/time"
# No case may take more than this; what wants more is killed by the system.
MOST_MEMORY = 8 << 30
CASES = []

BOUNCED = ("2026-11-21T17:{m:02}:{s:02}+00:00 mail postfix/smtp[7]: {id}: to=<{to}>, relay={mx}[192.0.2.25]:25, delay=1, "
           "delays=0/0/0/1, dsn=5.1.1, status=bounced (host {mx}[192.0.2.25] said: 550 5.1.1 {text} (in reply to RCPT TO command))\n")
SENT = ("2026-11-21T17:{m:02}:{s:02}+00:00 mail postfix/smtp[7]: {id}: to=<{to}>, relay={mx}[192.0.2.25]:25, delay=1, "
        "delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4B2)\n")


def postfix(n, form=BOUNCED, to=None, mx="mx.example.com", text="User unknown"):
    return form.format(m=n // 60 % 60, s=n % 60, id=f"4B{n:08X}", to=to or f"user{n}@example.com", mx=mx, text=text)


def case(name, *args, stdin=False, meanwhile=None):
    """A case: `args` of the program, the last of them the file, unless it goes to standard input. `meanwhile`
    changes the file while it is read."""
    def keep(write):
        CASES.append((name, list(args), stdin, write, meanwhile))
        return write
    return keep


def repeat(out, piece, size):
    """Writes `piece` again and again, about `size` bytes."""
    block = piece * max(1, MIB // len(piece))
    for _ in range(max(1, int(size) // len(block))):
        out.write(block)


def lines(out, count, line):
    """Writes line(0) to line(count - 1)."""
    for start in range(0, int(count), 10_000):
        out.write("".join(line(n) for n in range(start, min(start + 10_000, int(count)))).encode())


# --- lines -----------------------------------------------------------------------------------------------------

@case("a line of 100 MB", "scan")
def _(out, scale):
    repeat(out, b"550 5.1.1 User unknown ", 100 * MIB * scale)


@case("a line of 100 MB, pasted", stdin=True)
def _(out, scale):
    repeat(out, b"550 5.1.1 User unknown ", 100 * MIB * scale)


@case("a line of 100 MB for annotate", "annotate")
def _(out, scale):
    out.write(b'{"reply":"')
    repeat(out, b"550 5.1.1 User unknown ", 100 * MIB * scale)


for command in (["scan"], ["scan", "--unmatched"], ["scan", "--unknown"], ["scan", "--list", "recipients"], ["annotate"]):
    @case("10 million tiny lines, " + " ".join(command), *command)
    def _(out, scale):
        repeat(out, b"a\n", 20_000_000 * scale)


@case("10 million empty lines", "scan")
def _(out, scale):
    repeat(out, b"\n", 10_000_000 * scale)


@case("1 GB of zero bytes", "scan")
def _(out, scale):
    repeat(out, b"\0", 1024 * MIB * scale)


@case("1 GB of zero bytes, pasted", stdin=True)
def _(out, scale):
    repeat(out, b"\0", 1024 * MIB * scale)


@case("1 GB of Postfix lines, pasted", stdin=True)
def _(out, scale):
    repeat(out, postfix(1).encode(), 1024 * MIB * scale)


@case("1 GB of words, pasted", stdin=True)
def _(out, scale):
    repeat(out, b"the quick brown fox jumps over the lazy dog\n", 1024 * MIB * scale)


@case("1 million bare replies, pasted", "-f", "jsonl", stdin=True)
def _(out, scale):
    lines(out, 1e6 * scale, lambda n: "550 5.1.1 User unknown\n")


@case("1 million bare replies, pasted, json", "-f", "json", stdin=True)
def _(out, scale):
    lines(out, 1e6 * scale, lambda n: f"550 5.1.1 User {n} unknown\n")


@case("1 million bare replies", "scan")
def _(out, scale):
    lines(out, 1e6 * scale, lambda n: f"550 5.1.1 User {n} unknown\n")


@case("a reply of 1 million lines, pasted", stdin=True)
def _(out, scale):
    lines(out, 1e6 * scale, lambda n: "550-5.1.1 User unknown\n")


@case("random bytes", "scan")
def _(out, scale):
    for _ in range(int(100 * scale) or 1):
        out.write(os.urandom(MIB))


@case("random bytes, pasted", stdin=True)
def _(out, scale):
    for _ in range(int(100 * scale) or 1):
        out.write(os.urandom(MIB))


# --- line ends, encodings, files that change ---------------------------------------------------------------------

MANY = 500_000


@case("500,000 lines that end in CR LF", "scan")
def _(out, scale):
    lines(out, MANY * scale, lambda n: postfix(n).replace("\n", "\r\n"))


@case("500,000 lines that end in CR", "scan")
def _(out, scale):
    lines(out, MANY * scale, lambda n: postfix(n).replace("\n", "\r"))


@case("100 MB of CR", "scan")
def _(out, scale):
    repeat(out, b"\r", 100 * MIB * scale)


@case("500,000 lines of UTF-16", "scan")
def _(out, scale):
    text = "".join(postfix(n) for n in range(1000)).encode("utf-16-le")
    out.write(b"\xff\xfe")
    for _ in range(int(MANY * scale) // 1000 or 1):
        out.write(text)


@case("a line of 100 MB of UTF-16", "scan")
def _(out, scale):
    out.write(b"\xfe\xff")
    repeat(out, "550 5.1.1 User unknown ".encode("utf-16-be"), 100 * MIB * scale)


@case("zero bytes in each of 500,000 lines", "scan")
def _(out, scale):
    lines(out, MANY * scale, lambda n: postfix(n, text="User\0unknown\0"))


def grow(path):
    """100 MB more, about as fast as they are read."""
    with open(path, "ab") as out:
        for _ in range(100):
            repeat(out, postfix(1).encode(), MIB)
            out.flush()
            time.sleep(0.02)


def shorten(path):
    time.sleep(0.05)
    os.truncate(path, os.path.getsize(path) // 2)
    time.sleep(0.05)
    os.truncate(path, 1000)


@case("a file that grows while it is read", "scan", meanwhile=grow)
def _(out, scale):
    lines(out, MANY * scale, postfix)


@case("a file that is cut while it is read", "scan", meanwhile=shorten)
def _(out, scale):
    lines(out, 2 * MANY * scale, postfix)


# --- texts that rules must read --------------------------------------------------------------------------------

TEXTS = {
    "concepts": "User unknown mailbox full blocked listed spam quota exceeded policy SPF DKIM DMARC greylisted ",
    "brackets": ")",
    "open brackets": "(",
    "quotes": "'a' ",
    "addresses": "<a@example.com> ",
    "dots": "a.",
    "hosts": "mx1.example.com[192.0.2.1] ",
    "links": "https://example.com/?a=b ",
    "escapes": "\\377",
    "entities": "&lt;",
    "said": "host a[192.0.2.1] said: ",
    "codes": "550-5.1.1 ",
    "at signs": "@",
}
for name, piece in TEXTS.items():
    @case(f"1000 lines of 32 kB: {name}", "scan", "--each")
    def _(out, scale, piece=piece):
        text = piece * (32_000 // len(piece))
        lines(out, 1000 * scale, lambda n: postfix(n, text=f"{n} {text}"))

    @case(f"a line of 1 MB: {name}", "scan", "--each")
    def _(out, scale, piece=piece):
        text = piece * (int(1_000_000 * scale) // len(piece))
        out.write(f"550 5.1.1 {text}\n".encode())
        out.write(text.encode())

    @case(f"60 MB pasted on one line: {name}", stdin=True)
    def _(out, scale, piece=piece):
        repeat(out, piece.encode(), 60_000_000 * scale)


# --- what is kept for each of many things -------------------------------------------------------------------------

for options in ([], ["--by", "recipient"], ["--by", "sender"], ["--unknown"], ["--list", "recipients"]):
    @case(" ".join(["5 million refused addresses", *options]), "scan", *options)
    def _(out, scale):
        lines(out, 5e6 * scale, postfix)

    @case(" ".join(["2000 records of 1 MB", *options]), "scan", *options)
    def _(out, scale):
        text = "flurb " * 160_000
        lines(out, 2000 * scale, lambda n: postfix(n, text=f"{n} {text}"))

    @case(" ".join(["2000 addresses of 1 MB", *options]), "scan", *options)
    def _(out, scale):
        long = "a" * 900_000
        lines(out, 2000 * scale, lambda n: postfix(n, to=f"{n}{long}@example.com"))


@case("2000 senders of 1 MB", "scan")
def _(out, scale):
    long = "a" * 900_000
    lines(out, 2000 * scale, lambda n: f"Nov 21 17:40:48 mail postfix/qmgr[1]: {n:010X}: from=<{long}>, size=278, nrcpt=1 (queue active)\n")


@case("2000 unmatched lines of 1 MB", "scan")
def _(out, scale):
    long = "a" * 900_000
    lines(out, 2000 * scale, lambda n: f"{long} was rejected\n")


@case("5 million delivered addresses --list", "scan", "--list", "recipients")
def _(out, scale):
    lines(out, 5e6 * scale, lambda n: postfix(n, form=SENT))


@case("20,000 groups over many hours", "scan", "--by", "domain")
def _(out, scale):
    line = "{y:04}-{m:02}-{d:02}T{h:02}:00:00+00:00 mail postfix/smtp[7]: 4B00000001: to=<u@d{g}.example>, relay=mx.example.com[192.0.2.25]:25, " \
        "delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.25] said: 550 5.1.1 no (in reply to RCPT TO command))\n"
    lines(out, 5e6 * scale, lambda n: line.format(y=1990 + n // 20_000 // 8064, m=n // 20_000 // 672 % 12 + 1, d=n // 20_000 // 24 % 28 + 1,
                                                  h=n // 20_000 % 24, g=n % 20_000))


@case("100,000 unknown replies --unknown", "scan", "--unknown")
def _(out, scale):
    letters = "abcdefghijklmnopqrst"
    word = lambda n: "".join(letters[n // 20 ** k % 20] for k in range(4))
    lines(out, 1e5 * scale, lambda n: postfix(n, text=f"flurb {word(n)} " + "blurb " * 300, mx=f"mx{n}.example.com"))


@case("everything at once", "scan")
def _(out, scale):
    """Groups, providers, hours, senders, lines that fit no format, long names."""
    long = "a" * 250
    sent = "{time} mail postfix/qmgr[1]: {id}: from=<{n}{long}@example.org>, size=278, nrcpt=1 (queue active)\n"
    for start in range(0, int(1.5e6 * scale), 10_000):
        parts = []
        for n in range(start, start + 10_000):
            time_ = f"2026-11-{n // 50_000 % 28 + 1:02}T{n // 2000 % 24:02}:{n // 60 % 60:02}:{n % 60:02}+00:00"
            line = postfix(n, to=f"{n}{long}@d{n % 9000}.example", mx=f"mx.{long[:50]}{n % 9000}.example", text=f"rate limit exceeded {n % 7} {long}")
            parts.append(line.replace("550 5.1.1", "421 4.7.28").replace("5.1.1", "4.7.28").replace(line[:25], time_))
            parts.append(sent.format(time=time_, id=f"4B{n:08X}", n=n, long=long))
            parts.append(f"{n} {long} was rejected {long}\n" if n % 100 == 0 else "")
        out.write("".join(parts).encode())


@case("100,000 busy providers at one time", "scan")
def _(out, scale):
    line = "2026-11-21T17:40:48+00:00 mail postfix/smtp[7]: 4B00000001: to=<u{n}@d{g}.example>, relay=mx.d{g}.example[192.0.2.25]:25, delay=1, " \
        "delays=0/0/0/1, dsn=4.7.28, status=deferred (host mx.d{g}.example[192.0.2.25] said: 421 4.7.28 rate limit exceeded (in reply to RCPT TO command))\n"
    lines(out, 1.6e6 * scale, lambda n: line.format(n=n, g=n % int(150_000 * scale)))


@case("recipients and replies of one line multiply: Exchange", "scan")
def _(out, scale):
    out.write(b"#Fields: date-time,source,event-id,internal-message-id,recipient-address,recipient-status,a,b,c,d,e\n")
    half = int(500_000 * scale)
    out.write(b"2026-11-21T17:40:48.000Z,SMTP,FAIL,1," + b"a;" * (half // 2) + b"b,550 5.1.1 " + b"x" * half + b",,,,,\n")


@case("recipients and replies of one line multiply: Sendmail", "scan")
def _(out, scale):
    half = int(500_000 * scale)
    out.write(b"Nov 21 17:40:48 mail sendmail[1]: 3ALHemNQ012345: to=" + b"<a@b>," * (half // 6) + b"<b@b>, delay=0, xdelay=0, mailer=esmtp, "
              b"relay=mx.example.com [192.0.2.1], dsn=5.1.1, reply=550 5.1.1 " + b"x\\n" * (half // 3) + b", stat=User unknown\n")


@case("recipients and replies of one line multiply: Amazon SES", "scan")
def _(out, scale):
    half = int(500_000 * scale)
    people = ["a@example.com"] * (half // 16)
    event = {"eventType": "Delivery", "mail": {"messageId": "1"}, "delivery": {"recipients": people, "smtpResponse": "250 " + "x" * half}}
    out.write(json.dumps(event).encode())


@case("sessions with many recipients", "scan")
def _(out, scale):
    out.write(b"#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\n")
    for session in range(int(10_000 * scale)):
        row = f"2026-11-21T17:40:48.000Z,c,{session:016X},1,192.0.2.1:1,192.0.2.2:25,{{}},{{}},\n"
        sent, said = (lambda data: row.format(">", data)), (lambda data: row.format("<", data))
        rcpt = "".join(sent(f"RCPT TO:<user{n}@example.com>") for n in range(1000))
        out.write((sent("MAIL FROM:<a@example.com>") + said("250 ok") + rcpt + said("250 ok") * 1000).encode())


# --- whole files --------------------------------------------------------------------------------------------------

@case("100,000 brackets", "scan")
def _(out, scale):
    out.write(b"[" * int(100_000 * scale))


@case("60 MB of brackets", "scan")
def _(out, scale):
    repeat(out, b"[", 60_000_000 * scale)


@case("100,000 nested objects", "scan")
def _(out, scale):
    out.write(b'{"a":' * int(100_000 * scale))


@case("60 MB of nested objects, a line each", "scan")
def _(out, scale):
    repeat(out, b'{"a":\n', 60_000_000 * scale)


@case("60 MB of nested objects on one line", "scan")
def _(out, scale):
    out.write(b"[\n")
    repeat(out, b'{"a":', 60_000_000 * scale)


@case("annotate: deep JSON", "annotate")
def _(out, scale):
    out.write(b'{"a":' + b"[" * int(100_000 * scale) + b"]" * int(100_000 * scale) + b"}\n" + b'{"a":' * int(100_000 * scale))


@case("a JSON document of 60 MB of numbers", "scan")
def _(out, scale):
    out.write(b'[{"a":[0')
    repeat(out, b",0", 60_000_000 * scale)
    out.write(b"]}]")


@case("a JSON document of 300,000 events", "scan")
def _(out, scale):
    out.write(b"[")
    lines(out, 3e5 * scale, lambda n: f'{{"event":"bounce","recipient":"user{n}@example.com","reason":"550 5.1.1 User unknown {n}"}},\n')
    out.write(b"{}]")


@case("a JSON document of 300,000 events, one object", "scan")
def _(out, scale):
    out.write(b'{"list":{\n')
    lines(out, 3e5 * scale, lambda n: f'"k{n}":{{"status":"bounce","recipient":"user{n}@example.com","reason":"550 5.1.1 User unknown {n}"}},\n')
    out.write(b'"z":0}}')


@case("a JSON document of 300,000 events in an unknown wrap", "scan")
def _(out, scale):
    out.write(b'{"list":[\n')
    lines(out, 3e5 * scale, lambda n: f'{{"status":"bounce","recipient":"user{n}@example.com","reason":"550 5.1.1 User unknown {n}"}},\n')
    out.write(b'{}]}')


@case("a table of 1 million columns", "scan")
def _(out, scale):
    count = int(1e6 * scale)
    out.write(b"reply,recipient" + b",c" * count + b"\n")
    for _ in range(20):
        out.write(b"550 5.1.1 no,a@example.com" + b",x" * count + b"\n")


@case("a table with a quote that is never closed", "scan")
def _(out, scale):
    out.write(b"reply,recipient\n550 5.1.1 no,a@example.com\n\"550 5.1.1 no,b@example.com\n")
    repeat(out, b"550 5.1.1 no,c@example.com\n", 1024 * MIB * scale)


@case("a table of 5 million rows", "scan")
def _(out, scale):
    out.write(b"reply,recipient\n")
    lines(out, 5e6 * scale, lambda n: f"550 5.1.1 User unknown,user{n}@example.com\n")


HEAD = b"From: MAILER-DAEMON@example.com\nTo: a@example.com\nSubject: Undelivered Mail Returned to Sender\n"


@case("a mail of 1 million header lines", "scan")
def _(out, scale):
    out.write(HEAD)
    lines(out, 1e6 * scale, lambda n: f"X-{n}: y\n")


@case("a mail with a header of 1 million folds", "scan")
def _(out, scale):
    out.write(HEAD + b"X-A: a\n")
    lines(out, 1e6 * scale, lambda n: " =?utf-8?q?a?=\n")


@case("a mail of 1 million MIME parts", "scan")
def _(out, scale):
    out.write(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n")
    lines(out, 1e6 * scale, lambda n: "--b\nContent-Type: text/plain\n\n550 no\n")


@case("multipart in multipart, 10,000 deep", "scan")
def _(out, scale):
    out.write(HEAD)
    lines(out, 10_000 * scale, lambda n: f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")


@case("mail in mail, 10,000 deep", "scan")
def _(out, scale):
    out.write(b"From: a@example.com\nTo: b@example.com\n")
    lines(out, 10_000 * scale, lambda n: "Content-Type: message/rfc822\n\nFrom: a@example.com\n")


@case("a report of 100,000 recipients", "scan")
def _(out, scale):
    out.write(HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n")
    lines(out, 2e4 * scale, lambda n: f"<user{n}@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 no\n\n")
    out.write(b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.com\n\n")
    lines(out, 1e5 * scale, lambda n: f"Final-Recipient: rfc822; user{n}@example.com\nAction: failed\nStatus: 5.1.1\n\n")


for name, piece in {"tags": "<", "words": "<b>a", "entities": "&", "addresses": "<a@example.com>: 550 no\n", "quoted": "> ",
                    "talk": "... while talking to a.example.:\n>>> DATA\n<<< 550 no\n"}.items():
    for kind in ("plain", "html"):
        @case(f"a bounce of 4 MB {kind}: {name}", "scan")
        def _(out, scale, piece=piece, kind=kind):
            out.write(HEAD + f"Content-Type: text/{kind}\n\n".encode())
            repeat(out, piece.encode(), 4_000_000 * scale)


@case("an mbox of 1 million empty mails", "scan")
def _(out, scale):
    lines(out, 1e6 * scale, lambda n: "From a@example.com Sat Nov 21 17:40:48 2026\n\n")


@case("an mbox of 60,000 bounces", "scan")
def _(out, scale):
    lines(out, 6e4 * scale, lambda n: "From MAILER-DAEMON Sat Nov 21 17:40:48 2026\n" + HEAD.decode() + "\n"
          f"<user{n}@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 no (in reply to RCPT TO command)\n\n")


@case("an mbox of 500 MB", "scan")
def _(out, scale):
    mail = "From MAILER-DAEMON Sat Nov 21 17:40:48 2026\n" + HEAD.decode() + "\n<u@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 no\n\n"
    repeat(out, mail.encode(), 500 * MIB * scale)


SWAKS = "=== Connected to mx.example.com.\n<-  220 mx\n -> EHLO a\n<-  250 mx\n -> MAIL FROM:<a@example.com>\n<-  250 ok\n"


@case("a transcript of 60 MB: recipients taken", "scan")
def _(out, scale):
    out.write(SWAKS.encode())
    lines(out, 1e6 * scale, lambda n: f" -> RCPT TO:<user{n}@example.com>\n<-  250 ok\n")
    out.write(b" -> DATA\n")
    lines(out, 1e3 * scale, lambda n: f"<** 451 no {n}\n -> DATA\n")


@case("a transcript of 60 MB: recipients refused", "scan")
def _(out, scale):
    out.write(SWAKS.encode())
    lines(out, 6e5 * scale, lambda n: f" -> RCPT TO:<user{n}@example.com>\n<** 550 5.1.1 no user{n}\n")


@case("a transcript of 60 MB: greetings", "scan")
def _(out, scale):
    out.write(SWAKS.encode())
    lines(out, 6e5 * scale, lambda n: f" -> EHLO a{n}\n<** 550 no {n}\n -> EHLO a\n<-  250 ok\n")


@case("a transcript of 60 MB: exceptions", "scan")
def _(out, scale):
    lines(out, 3e5 * scale, lambda n: f"javax.mail.SendFailedException: Invalid Addresses;\n  nested exception is: com.sun.mail.smtp.SMTPAddressFailedException: 550 5.1.1 no {n}\n")


@case("a transcript of 60 MB: blank lines", "scan")
def _(out, scale):
    out.write(SWAKS.encode())
    repeat(out, b"\n", 60_000_000 * scale)


# --- packed -------------------------------------------------------------------------------------------------------

def packed(out, opener, piece, size):
    with opener(out) as inner:
        repeat(inner, piece, size)


GZIP = lambda out: gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1)
BZIP2 = lambda out: bz2.BZ2File(out, "wb", compresslevel=9)
XZ = lambda out: lzma.LZMAFile(out, "wb", preset=0)


@case("gzip: 10 GB of zero bytes", "scan")
def _(out, scale):
    packed(out, GZIP, b"\0", 10 * 1024 * MIB * scale)


@case("gzip: 2 GB of a repeated line", "scan")
def _(out, scale):
    packed(out, GZIP, postfix(1).encode(), 2 * 1024 * MIB * scale)


@case("gzip: 2 GB of a repeated line, pasted", stdin=True)
def _(out, scale):
    packed(out, GZIP, postfix(1).encode(), 2 * 1024 * MIB * scale)


@case("gzip: 2 GB of a JSON document", "scan")
def _(out, scale):
    with GZIP(out) as inner:
        inner.write(b"[\n")
        repeat(inner, b'{"event":"bounce","recipient":"user@example.com","reason":"550 5.1.1 User unknown"},\n', 2 * 1024 * MIB * scale)


@case("gzip: 2 GB for annotate", "annotate", "-q")
def _(out, scale):
    packed(out, GZIP, b'{"reply":"550 5.1.1 User unknown"}\n', 2 * 1024 * MIB * scale)


@case("bzip2: 1 GB of zero bytes", "scan")
def _(out, scale):
    packed(out, BZIP2, b"\0", 1024 * MIB * scale)


@case("xz: 2 GB of zero bytes", "scan")
def _(out, scale):
    packed(out, XZ, b"\0", 2 * 1024 * MIB * scale)


@case("xz: a dictionary of 1.5 GB", "scan")
def _(out, scale):
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1536 << 20, "preset": 0, "mf": lzma.MF_HC3, "mode": lzma.MODE_FAST}]
    raw = subprocess.run(["xz", "--lzma2=preset=0,dict=1536MiB", "-c"], input=postfix(1).encode() * 1000, stdout=subprocess.PIPE, check=True)
    out.write(raw.stdout)


@case("zstd: 2 GB of zero bytes", "scan")
def _(out, scale):
    zeros = subprocess.Popen(["head", "-c", str(int(2 * 1024 * MIB * scale)), "/dev/zero"], stdout=subprocess.PIPE)
    subprocess.run(["zstd", "-q", "-c"], stdin=zeros.stdout, stdout=out, check=True)


@case("diff: two logs", "diff", "/dev/null")
def _(out, scale):
    lines(out, 1e6 * scale, postfix)


@case("diff: a summary of 500 MB", "diff", "/dev/null")
def _(out, scale):
    out.write(b'{"schema":1,"totals":{"records":1,"attempts":1,"delivered":0},"groups":[')
    repeat(out, b'{"key":["mailbox-unknown","","","remove",""],"cause":"mailbox-unknown","verdict":"remove","provider":null,"count":1},', 500 * MIB * scale)


# --- running ------------------------------------------------------------------------------------------------------

def limited():
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def run(args, stdin, path, wait, meanwhile):
    """Seconds, those of the processors, bytes of memory at the peak, exit status, what was said.

    The program is started by GNU time: what a process took before it became another program counts as that
    program's memory, and this one takes more than what is measured."""
    with open(path, "rb") as given, tempfile.TemporaryFile() as said, tempfile.NamedTemporaryFile() as figures, open(os.devnull, "r+b") as nothing:
        command = [TIME, "-q", "-o", figures.name, "-f", "%U %S %M", BIN, *args] + ([] if stdin else [path])
        start = time.monotonic()
        child = subprocess.Popen(command, stdin=given if stdin else nothing, stdout=nothing, stderr=said, preexec_fn=limited, start_new_session=True)
        signal.signal(signal.SIGALRM, lambda *_: os.killpg(child.pid, signal.SIGKILL))
        signal.alarm(wait)
        change = threading.Thread(target=meanwhile or (lambda _: None), args=[path])
        change.start()
        status = child.wait()
        signal.alarm(0)
        took = time.monotonic() - start
        change.join()
        user, system, memory = (figures.read().split() or [0, 0, 0])[-3:]
        said.seek(0)
        text = said.read(2000).decode(errors="replace").replace(path, "FILE").strip()
    return took, float(user) + float(system), int(memory) * 1024, status, text


def main():
    args = sys.argv[1:]
    scale, wait = 1.0, 600
    if "-l" in args:
        return print("\n".join(name for name, *_ in CASES))
    if "-s" in args:
        at = args.index("-s")
        scale = float(args[at + 1])
        del args[at:at + 2]
    if "-t" in args:
        at = args.index("-t")
        wait = int(args[at + 1])
        del args[at:at + 2]
    folder = tempfile.mkdtemp(prefix="smtpwhy-worst-")
    print(f"{'input':<62} {'input MB':>8} {'seconds':>8} {'cpu s':>8} {'peak MB':>8} {'exit':>5}  first message")
    try:
        for name, command, stdin, write, meanwhile in CASES:
            if args and not any(a in name for a in args):
                continue
            path = os.path.join(folder, "input")
            with open(path, "wb") as out:
                write(out, scale)
            size = os.path.getsize(path)
            took, used, memory, status, text = run(command, stdin, path, wait, meanwhile)
            first = text.split("\n")[0][:120]
            print(f"{name:<62} {size / 1e6:>8.1f} {took:>8.2f} {used:>8.2f} {memory / 1e6:>8.1f} {status:>5}  {first}", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
