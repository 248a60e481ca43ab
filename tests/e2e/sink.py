"""An SMTP server that answers by the local part of the recipient, as listed in
cases.tsv, and keeps the mail that it takes for sender@sender.test.

    sink.py PORT CASES FOLDER
"""

import csv
import pathlib
import socketserver
import sys


def cases(path):
    """The reply and the stage at which it is given, by local part."""
    with open(path, encoding="utf-8") as lines:
        rows = csv.DictReader((l for l in lines if not l.startswith("#")), delimiter="\t")
        return {row["local"]: row for row in rows}


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        """Sends a reply; `|` stands between its lines."""
        lines = text.split("|")
        for at, line in enumerate(lines):
            line = line if at + 1 == len(lines) else line[:3] + "-" + line[4:]
            self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.recipients = []
        self.say("220 sink.test ESMTP")
        for raw in self.rfile:
            line = raw.decode("utf-8", "replace").strip()
            word = line[:4].upper()
            if word == "QUIT":
                return self.say("221 2.0.0 Bye")
            if word == "DATA":
                if not self.data():
                    return None
            elif word == "RCPT":
                self.recipient(line)
            elif word == "EHLO":
                self.say("250 sink.test|250 8BITMIME|250 ENHANCEDSTATUSCODES")
            elif word in ("MAIL", "RSET", "HELO", "NOOP"):
                self.recipients = []
                self.say("250 2.0.0 Ok")
            else:
                self.say("502 5.5.2 Error: command not recognized")
        return None

    def case(self, address):
        return self.server.cases.get(address.split("@")[0])

    def recipient(self, line):
        address = line[line.find("<") + 1 : line.rfind(">")]
        case = self.case(address)
        if case and case["stage"] == "rcpt":
            return self.say(case["reply"])
        self.recipients.append(address)
        return self.say("250 2.1.5 Ok")

    def data(self):
        """Takes a message; false: the connection is to be closed."""
        case = next(filter(None, map(self.case, self.recipients)), None)
        if case and case["stage"] == "lost":
            return False
        if case and case["stage"] == "data":
            self.say(case["reply"])
            return True
        self.say("354 End data with <CR><LF>.<CR><LF>")
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw[1:] if raw.startswith(b".") else raw)
        if "sender@sender.test" in self.recipients:
            folder = self.server.folder
            number = len(list(folder.iterdir())) + 1
            (folder / f"{number:02}.eml").write_bytes(b"".join(lines))
        self.say(case["reply"] if case else "250 2.0.0 Ok: queued as SINK")
        return True


class Sink(socketserver.TCPServer):
    allow_reuse_address = True


if __name__ == "__main__":
    with Sink(("127.0.0.1", int(sys.argv[1])), Session) as sink:
        sink.cases = cases(sys.argv[2])
        sink.folder = pathlib.Path(sys.argv[3])
        sink.serve_forever()
