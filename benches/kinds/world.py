"""Who writes to whom: domains, their mail servers, senders and client hosts; the same for each part of a file.

Relay hosts of large providers have their real names, which replies are read by; all other names and addresses are
kept for documentation. Knows nothing of replies or log formats.
"""
import random
from collections import namedtuple

Relay = namedtuple("Relay", "host ip")
Domain = namedtuple("Domain", "name group relays local_parts")

TAIL_DOMAINS = 9000
SENDING_DOMAINS = 400

# Share of deliveries in percent, names of recipients' domains, mail servers; group names as in replies.tsv.
PROVIDERS = {
    "google": (27, ["gmail.example", "googlemail.example"],
               ["gmail-smtp-in.l.google.com"] * 5 + [f"alt{n}.gmail-smtp-in.l.google.com" for n in (1, 2, 3, 4)]),
    "outlook": (13, ["hotmail.example", "outlook.example", "live.example", "msn.example"],
                ["outlook-com.olc.protection.outlook.com", "hotmail-com.olc.protection.outlook.com",
                 "live-com.olc.protection.outlook.com", "eur.olc.protection.outlook.com"]),
    "yahoo": (8, ["yahoo.example", "aol.example", "ymail.example"],
              ["mta5.am0.yahoodns.net", "mta6.am0.yahoodns.net", "mta7.am0.yahoodns.net", "mx-eu.mail.am0.yahoodns.net",
               "mx-aol.mail.gm0.yahoodns.net"]),
    "icloud": (4, ["icloud.example", "me.example"], ["mx01.mail.icloud.com", "mx02.mail.icloud.com"]),
    "gmx": (4, ["gmx.example", "web.example"],
            ["mx00.gmx.net", "mx01.gmx.net", "mx00.emig.gmx.net", "mx-ha02.web.de", "mx-ha03.web.de"]),
    "tonline": (2, ["t-online.example"], [f"mx0{n}.t-online.de" for n in (0, 1, 2, 3)]),
    "comcast": (1.5, ["comcast.example"], ["mx1a1.comcast.net", "mx2h1.comcast.net", "mx1h1.comcast.net"]),
    "orange": (2, ["orange.example", "wanadoo.example"], ["smtp-in.orange.fr"]),
    "mailru": (1.5, ["mail.example", "inbox.example"], ["mxs.mail.ru"]),
    "qq": (1, ["qq.example", "foxmail.example"], ["mx1.qq.com", "mx2.qq.com", "mx3.qq.com"]),
}

# Who hosts the mail of the long tail of domains: share in percent, how its servers are called.
HOSTERS = {
    "m365": (32, ["{dashed}.mail.protection.outlook.com"]),
    "google": (16, ["aspmx.l.google.com", "alt1.aspmx.l.google.com", "alt2.aspmx.l.google.com"]),
    "proofpoint": (7, ["mxa-00{n:06}.gslb.pphosted.com", "mxb-00{n:06}.gslb.pphosted.com"]),
    "mimecast": (6, ["eu-smtp-inbound-1.mimecast.com", "us-smtp-inbound-2.mimecast.com"]),
    "barracuda": (3, ["d{n}a.ess.barracudanetworks.com", "d{n}b.ess.barracudanetworks.com"]),
    "cisco": (3, ["esa1.hc{n}-12.eu.iphmx.com", "esa2.hc{n}-12.eu.iphmx.com"]),
    "zoho": (2, ["mx.zoho.eu", "mx2.zoho.eu"]),
    "postfix": (19, ["mx1.{name}", "mx2.{name}", "mail.{name}"]),
    "exim": (7, ["mail.{name}", "{name}"]),
    "sendmail": (2, ["mail.{name}"]),
    "exchange": (3, ["mail.{name}", "owa.{name}"]),
}

FIRST = """anna ben carla david elena frank gina hugo ines jan karin lukas maria nils olga paul rosa simon tina uwe vera
wolf yara zoe alice bob chris dora emil fatima george helen ivan julia kim leo mona nora oscar petra ravi sara tom""".split()
LAST = """weber smith novak rossi garcia jensen kowalski dubois silva meyer jones brown schulz fischer costa lopez
martin bernard moreau svensson larsen nielsen virtanen horvath ivanov petrov tanaka sato kim park chen wang singh kumar
khan ali yilmaz demir cohen levi murphy kelly walker hall young king wright scott green baker adams nelson""".split()
ROLES = "info office sales contact admin billing support orders hello team hr press service shop mail".split()


class World:
    def __init__(self, seed):
        rng = random.Random(f"world {seed}")
        self.own_ips = [f"192.0.2.{n}" for n in range(10, 26)]
        personal = [f"{a}.{b}" for a in FIRST for b in LAST]
        short = [f"{a[0]}.{b}" for a in FIRST for b in LAST] + [a + b[0] for a in FIRST for b in LAST]
        users = [f"user{n}" for n in range(2000)]
        rng.shuffle(personal)
        self.mass_parts = [f"{part}{rng.randrange(2000)}" if rng.random() < 0.7 else part
                           for part in (personal + short + users) * 24]
        self.firm_parts = ROLES * 12 + FIRST * 2 + personal[:600] + short[:600]
        self.domains, self.weights = [], []
        for group, (share, names, hosts) in PROVIDERS.items():
            relays = [Relay(rng.choice(hosts), ip(rng)) for _ in range(40)]
            for rank, name in enumerate(names):
                weight = share * (0.8 if rank == 0 else 0.2 / (len(names) - 1)) if len(names) > 1 else share
                self.add(Domain(name, group, relays, self.mass_parts), weight)
        self.add_tail(rng, 100 - sum(self.weights))
        self.senders = [f"d{rng.randrange(10000, 99999)}.{zone(rng)}" for _ in range(SENDING_DOMAINS)]
        self.clients = [client(rng) for _ in range(20000)]

    def add(self, domain, weight):
        self.domains.append(domain)
        self.weights.append(weight)

    def add_tail(self, rng, share):
        groups = rng.choices(list(HOSTERS), [share for share, _ in HOSTERS.values()], k=TAIL_DOMAINS)
        ranks = [1 / (rank + 15) for rank in range(TAIL_DOMAINS)]
        total = sum(ranks)
        for rank, group in enumerate(groups):
            number = rng.randrange(1000, 99999)
            name = f"d{number}.{zone(rng)}"
            words = {"name": name, "dashed": name.replace(".", "-"), "n": number}
            relays = [Relay(pattern.format(**words), ip(rng)) for pattern in HOSTERS[group][1]]
            start = rng.randrange(len(self.firm_parts) - 60)
            self.add(Domain(name, group, relays, self.firm_parts[start:start + 60]), share * ranks[rank] / total)


def zone(rng):
    return rng.choice(("example.com", "example.com", "example.net", "example.org"))


def ip(rng):
    """An address kept for documentation, one in seven an IPv6 one."""
    if rng.random() < 0.14:
        return f"2001:db8:{rng.randrange(65536):x}:{rng.randrange(65536):x}::{rng.randrange(1, 65536):x}"
    return rng.choice(("192.0.2.", "198.51.100.", "203.0.113.")) + str(rng.randrange(1, 255))


def client(rng):
    """A host that connects, as name[address]; a third has no name."""
    address = ip(rng)
    kind = rng.random()
    if kind < 0.34:
        return "unknown", address
    if kind < 0.5 and ":" not in address:
        return f"{address.replace('.', '-')}.dyn.d{rng.randrange(300)}.example.net", address
    return f"{rng.choice(('mail', 'mx', 'smtp', 'out', 'web', 'app'))}{rng.randrange(40)}.d{rng.randrange(100000)}.{zone(rng)}", address
