"""Replies as servers give them, made from the templates of replies.tsv. Knows nothing of log formats."""
import os
import random
from collections import defaultdict, namedtuple

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "replies.tsv")

Template = namedtuple("Template", "text stage weight")
Reply = namedtuple("Reply", "text stage")


class Words(dict):
    """What the names in a template stand for; a name that is not set is made anew each time."""

    def __init__(self, rng):
        super().__init__(unix="1795000000", iso="2026-11-18T00:00:00.000Z")
        self.random = rng.random
        self.bits = rng.getrandbits
        self.choice = rng.choice

    def __missing__(self, name):
        return getattr(self, name)()

    def token(self, length):
        number, letters = self.bits(6 * length), []
        for _ in range(length):
            letters.append(LETTERS[(number & 63) % 62])
            number >>= 6
        return "".join(letters)

    def token6(self):
        return self.token(6)

    def token16(self):
        return self.token(16)

    def token24(self):
        return self.token(24)

    def token48(self):
        return self.token(48)

    def hex12(self):
        return f"{self.bits(48):012x}"

    def hex16(self):
        return f"{self.bits(64):016X}"

    def small(self):
        return int(self.random() * 9) + 1

    def num(self):
        return int(self.random() * 900000) + 100000

    def num3(self):
        return int(self.random() * 900) + 100

    def gsmtp(self):
        """The session mark at the end of each of Gmail's replies, in its older and newer form."""
        bits, number = self.bits(64), int(self.random() * 9e9)
        if bits & 1:
            return f"{LETTERS[10 + bits % 26].lower()}{bits % 30}-20020a{bits & 0xffffffffffff:012x}si{number}pj{LETTERS[40 + bits % 20]}.{bits % 600} - gsmtp"
        return f"{bits & 0xfffffffffffff:013x}-{number:x}si{number % 10**8}{bits & 0xfff:x}.{bits % 600} - gsmtp"

    def eop(self):
        place = self.choice(("BN8NAM11", "CO1NAM11", "DM6NAM12", "MW2NAM04", "AM7EUR03", "DB5EUR01", "HE1EUR04", "VI1EUR05", "PU1APC01"))
        return f"{place}FT0{self.bits(6) + 10}.eop-{place[3:].lower()}.prod.protection.outlook.com"

    def prod(self):
        place, region = self.choice((("AM0", "eurprd04"), ("DB9", "eurprd03"), ("VI1", "eurprd05"), ("SN6", "namprd11"),
                                     ("BY5", "namprd10"), ("PAX", "eurprd08"), ("TYZ", "apcprd04")))
        return f"{place}PR{self.bits(4):02}MB{int(self.random() * 9000) + 1000}.{region}.prod.outlook.com"

    def yahoo(self):
        return f"mta{1000 + self.bits(10)}.mail.{self.choice(('ne1', 'bf1', 'gq1', 'ir2'))}.yahoo.com"

    def gmxhost(self):
        return f"mxgmx{self.bits(7):03}"

    def orange(self):
        return f"mwinf5c{int(self.random() * 90) + 10}"

    def qid(self):
        return f"{int(self.random() * 1000000):05X}{self.bits(24):06X}"

    def longqid(self):
        return "4" + self.token(5) + "z" + self.token(5)

    def exid(self):
        return f"1w{self.token(4)}-0000000{self.token(4)}-{self.token(4)}"

    def smid(self):
        return f"5AL{self.token(5)}{int(self.random() * 900000) + 100000:06}"

    def ppid(self):
        return f"4{self.token(3).lower()}{self.token(6).lower()}-1"

    def mcid(self):
        return f"{self.token(22)}.{self.choice(('uk', 'us', 'de', 'za'))}{self.bits(7)}"

    def mid(self):
        """A message id, in one of the forms that programs give it."""
        bits, form = self.bits(128), self.random()
        if form < 0.4:
            text = f"{bits:032x}"
            return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}@{self['sdomain']}"
        if form < 0.6:
            return f"{bits:032X}@{self['sdomain']}"
        if form < 0.8:
            return f"{self['unix']}.{bits % 10**9}.{bits >> 100}@mail.{self['sdomain']}"
        return f"CA+{self.token(42)}@mail.gmail.example"


class Replies:
    """Draws replies of a server group with a given outcome: sent, deferred or bounced."""

    def __init__(self, rng):
        self.rng = rng
        self.words = Words(rng)
        self.pools = {}
        for (group, outcome), templates in templates_of().items():
            drawn = rng.choices(templates, [template.weight for template in templates], k=2048)
            self.pools[group, outcome] = drawn

    def draw(self, group, outcome):
        """The reply of a server of this group; the words of the conversation must have been set."""
        pool = self.pools[group, outcome]
        template = pool[int(self.rng.random() * len(pool))]
        return Reply(template.text.format_map(self.words), template.stage)

    def groups(self, outcome):
        return [group for group, other in self.pools if other == outcome]


def templates_of():
    found = defaultdict(list)
    with open(FILE, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            group, weight, stage, text = line.rstrip("\n").split("\t")
            found[group, outcome_of(group, stage, text)].append(Template(text, stage, int(weight)))
    return dict(found)


def outcome_of(group, stage, text):
    """What Postfix makes of it: a refusal at the greeting is tried again, whatever its number."""
    if group == "gone":
        return "bounced"
    if group == "none" or stage == "greeting":
        return "deferred"
    return {"2": "sent", "4": "deferred", "5": "bounced"}[text[0]]


def generator(*key):
    """Random numbers that depend on nothing but the key."""
    return random.Random(" ".join(str(part) for part in key))
