"""A Postfix log of a busy relay: an hour a part, its lines in the order of time.

Of all lines a quarter is status=sent, 3.5 % deferred, 2 % bounced, 2.5 % rejects; the rest is what a relay says besides.
"""
import time

from collections import namedtuple

from . import replies
from .world import ip

Mail = namedtuple("Mail", "qid sender domain size")

START = 1793600000 // 3600 * 3600
SECONDS = 3600
HOST = "relay1"
SESSIONS_A_SECOND = 1.1
DEFERRED, BOUNCED = 0.089, 0.077
RETRY_AFTER = (300, 700, 1500)

TLS = [
    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256",
    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange ECDHE (P-256) server-signature ECDSA (P-256) server-digest SHA256",
    "TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)",
    "TLSv1.2 with cipher ECDHE-ECDSA-AES256-GCM-SHA384 (256/256 bits)",
    "TLSv1.2 with cipher ECDHE-RSA-AES128-GCM-SHA256 (128/128 bits)",
]
STATISTICS = ["max connection rate {n}/60s for (smtp:{ip})", "max connection count {n} for (smtp:{ip})",
              "max message rate {n}/60s for (submission:{ip})", "max cache size {n}"]
# Number of refusals of this kind in a hundred, and the refusal.
REJECTS = [
    (22, "554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/{ip}"),
    (18, "450 4.7.25 Client host rejected: cannot find your hostname, [{ip}]"),
    (14, "454 4.7.1 <{rcpt}>: Relay access denied"),
    (11, "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in relay recipient table"),
    (8, "450 4.7.1 <{helo}>: Helo command rejected: Host not found"),
    (7, "504 5.5.2 <{label}>: Helo command rejected: need fully-qualified hostname"),
    (6, "450 4.1.8 <{sender}>: Sender address rejected: Domain not found"),
    (5, "450 4.2.0 <{rcpt}>: Recipient address rejected: Greylisted, see http://postgrey.example.com/help/{domain}.html"),
    (3, "554 5.7.1 Service unavailable; Client host [{ip}] blocked using bl.spamcop.net; Blocked - see https://www.spamcop.net/bl.shtml?{ip}"),
    (3, "553 5.7.1 <{sender}>: Sender address rejected: not logged in"),
    (2, "550 5.7.23 <{rcpt}>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.org/Why?s=mfrom;id={sender};ip={ip};r={rcpt}"),
    (1, "452 4.3.1 Insufficient system storage"),
]
NOISE = [
    "smtpd|warning: hostname {host} does not resolve to address {ip}: Name or service not known",
    "smtpd|warning: hostname {host} does not resolve to address {ip}",
    "smtpd|lost connection after {stage} from {host}[{ip}]",
    "smtpd|lost connection after {stage} from unknown[{ip}]",
    "smtpd|timeout after {stage} from {host}[{ip}]",
    "smtpd|improper command pipelining after {stage} from {host}[{ip}]: \\026\\003\\001\\002\\000\\001\\000\\001\\374\\003\\003{hex}",
    "smtpd|SSL_accept error from unknown[{ip}]: lost connection",
    "smtpd|warning: TLS library problem: error:0A000076:SSL routines::no suitable signature algorithm:../ssl/t1_lib.c:3341:",
    "smtpd|warning: non-SMTP command from unknown[{ip}]: GET / HTTP/1.1",
    "smtpd|warning: Connection rate limit exceeded: {n} from unknown[{ip}] for service smtp",
    "smtpd|too many errors after RCPT from {host}[{ip}]",
    "smtp|connect to {relay}:25: Connection timed out",
    "smtp|connect to {relay}:25: Connection refused",
    "smtp|connect to {relay}:25: Network is unreachable",
    "smtp|warning: no MX host for {domain} has a valid address record",
    "postscreen|CONNECT from [{ip}]:{n} to [192.0.2.10]:25",
    "postscreen|PASS OLD [{ip}]:{n}",
    "postscreen|DNSBL rank {small} for [{ip}]:{n}",
    "postscreen|DISCONNECT [{ip}]:{n}",
    "tlsproxy|CONNECT from [{ip}]:{n}",
    "scache|statistics: domain lookup hits={n} miss={n} success={small}%",
]
STAGES = ["AUTH", "EHLO", "CONNECT", "STARTTLS", "DATA", "RCPT", "UNKNOWN", "MAIL", "END-OF-MESSAGE"]


def part(world, seed, number, options):
    """The bytes of one hour."""
    return Hour(world, seed, number).text(options.stamps).encode()


class Hour:
    def __init__(self, world, seed, number):
        self.rng = replies.generator("postfix", seed, number)
        self.world = world
        self.start = START + number * SECONDS
        self.random = self.rng.random
        self.replies = replies.Replies(self.rng)
        self.words = self.replies.words
        self.seconds = [[] for _ in range(SECONDS)]
        self.domains = self.rng.choices(world.domains, world.weights, k=40000)
        self.rejects = self.rng.choices([text for _, text in REJECTS], [share for share, _ in REJECTS], k=500)
        self.delays = [delays(self.random, 0) for _ in range(6000)]
        self.qmgr = f"postfix/qmgr[{self.rng.randrange(1000, 9999)}]: "
        self.pids = {name: [f"postfix/{name}[{self.rng.randrange(10000, 4000000)}]: " for _ in range(count)]
                     for name, count in (("smtpd", 300), ("cleanup", 120), ("smtp", 600), ("submission/smtpd", 60),
                                         ("anvil", 12), ("bounce", 40), ("error", 30), ("postscreen", 2),
                                         ("tlsproxy", 4), ("scache", 4))}
        self.fill()

    def pick(self, pool):
        return pool[int(self.random() * len(pool))]

    def say(self, second, line):
        self.seconds[second if second < SECONDS else SECONDS - 1].append(line)

    def fill(self):
        load = SESSIONS_A_SECOND * (1 + 0.5 * abs(12 - (self.start // 3600) % 24) / 12)
        for second in range(SECONDS):
            unix = str(self.start + second)
            self.words["unix"] = unix
            self.words["iso"] = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(self.start + second)) + f"{second % 997:03}Z"
            for _ in range(int(load * 2 * self.random() + self.random())):
                self.session(second)
            if self.random() < 0.44 * load:
                self.refused_session(second)
            if self.random() < 0.12:
                self.password_guess(second)
            for _ in range(int(1.5 * load * self.random() + 0.5)):
                self.noise(second)
            if second % 200 == 0:
                self.statistics(second)

    def session(self, second):
        """A client that hands over some messages."""
        name, address = self.pick(self.world.clients)
        host = f"{name}[{address}]"
        login = self.random() < 0.3
        server = self.pick(self.pids["submission/smtpd" if login else "smtpd"])
        kind = self.random()
        count = 1 if kind < 0.45 else 2 if kind < 0.7 else 3 + int(self.random() * 9)
        self.say(second, f"{server}connect from {host}")
        if login or self.random() < 0.15:
            self.say(second, f"{server}Anonymous TLS connection established from {host}: {self.pick(TLS)}")
        sender_domain = self.world.senders[int(self.random() ** 2 * len(self.world.senders))]
        for number in range(count):
            second += self.random() < 0.5
            self.message(second, server, host, sender_domain, login)
        tls = "starttls=1 " if login else ""
        self.say(second + 1, f"{server}disconnect from {host} ehlo=2 {tls}mail={count} rcpt={count} data={count} quit=1 commands={3 * count + 3 + login}")

    def message(self, second, server, host, sender_domain, login):
        mail = Mail(self.words.qid(), self.sender(sender_domain), sender_domain, int(900 / (self.random() + 0.0003)))
        qid = mail.qid
        self.words["sdomain"] = sender_domain
        auth = f", sasl_method=PLAIN, sasl_username={sender_domain}" if login else ""
        recipients = self.recipients()
        self.say(second, f"{server}{qid}: client={host}{auth}")
        self.say(second, f"{self.pick(self.pids['cleanup'])}{qid}: message-id=<{self.words.mid()}>")
        if self.random() < 0.12:
            self.say(second, f"opendkim[811]: {qid}: DKIM-Signature field added (s=s2026, d={sender_domain})")
        self.activate(second, mail, len(recipients))
        self.deliver_all(second + (self.random() < 0.6), mail, recipients)

    def activate(self, second, mail, count):
        self.say(second, f"{self.qmgr}{mail.qid}: from=<{mail.sender}>, size={mail.size}, nrcpt={count} (queue active)")

    def remove(self, second, qid):
        self.say(second, f"{self.qmgr}{qid}: removed")

    def sender(self, domain):
        kind = self.random()
        if kind < 0.35:
            return f"bounces+{int(self.random() * 9999999)}-{self.words.bits(16):04x}@{domain}"
        return f"{self.pick(self.world.firm_parts)}@{domain}"

    def recipients(self):
        """Address, domain and mail server of each; some share the domain and so the conversation."""
        kind = self.random()
        count = 1 if kind < 0.6 else 2 if kind < 0.78 else 3 + int(self.random() * 3) if kind < 0.93 else 6 + int(self.random() ** 2 * 24)
        found = []
        for _ in range(count):
            if not found or self.random() < 0.7:
                domain = self.pick(self.domains)
                relay = self.pick(domain.relays)
            found.append((f"{self.pick(domain.local_parts)}@{domain.name}", domain, relay))
        return found

    def deliver_all(self, second, mail, recipients):
        done, last = True, second
        shared = None
        for recipient in recipients:
            when = second + int(self.random() * 4)
            last = max(last, when)
            chance = self.random()
            if chance < DEFERRED:
                self.fail(when, mail, recipient, "deferred", 0)
                done = False
            elif chance < DEFERRED + BOUNCED:
                self.fail(when, mail, recipient, "bounced", 0)
                self.notice(last + 1, mail)
            else:
                shared = self.sent(when, mail, recipient, shared)
        if done:
            self.remove(last + 1, mail.qid)

    def talk(self, mail, recipient):
        address, domain, relay = recipient
        words = self.words
        words["sender"], words["sdomain"], words["SDOMAIN"] = mail.sender, mail.domain, mail.domain.upper()
        words["rcpt"], words["domain"], words["host"], words["relayip"] = address, domain.name, relay.host, relay.ip
        words["ip"] = self.pick(self.world.own_ips)

    def sent(self, second, mail, recipient, shared):
        """Recipients of one conversation share its answer; so it is handed on with its server."""
        address, domain, relay = recipient
        if shared and shared[0] is relay:
            process, text = shared[1], shared[2]
        else:
            process = self.pick(self.pids["smtp"])
            self.talk(mail, recipient)
            text = self.replies.draw(domain.group, "sent").text
            if self.random() < 0.12:
                trust = "Untrusted" if self.random() < 0.4 else "Trusted"
                self.say(second, f"{process}{trust} TLS connection established to {relay.host}[{relay.ip}]:25: {self.pick(TLS)}")
        self.say(second, f"{process}{mail.qid}: to=<{address}>, relay={relay.host}[{relay.ip}]:25, {self.pick(self.delays)}, dsn=2.0.0, status=sent ({text})")
        return relay, process, text

    def fail(self, second, mail, recipient, status, attempt):
        """A failing attempt; what is deferred is tried again later in the hour."""
        address, domain, relay = recipient
        self.talk(mail, recipient)
        reply = self.replies.draw(self.speaker(domain, status), status)
        reason = said(reply, relay)
        where = "none" if reply.stage == "local" and not reply.text.startswith(("lost", "conv", "Cannot")) else f"{relay.host}[{relay.ip}]:25"
        process = self.pick(self.pids["smtp"])
        if status == "deferred" and self.random() < 0.08:
            process, where, reason = self.pick(self.pids["error"]), "none", "delivery temporarily suspended: " + reason
        waited = 0 if attempt == 0 else RETRY_AFTER[attempt - 1]
        spent = delays(self.random, waited) if waited else self.pick(self.delays)
        self.say(second, f"{process}{mail.qid}: to=<{address}>, relay={where}, {spent}, dsn={dsn(reply, status)}, status={status} ({reason})")
        if status == "deferred" and attempt < len(RETRY_AFTER):
            later = second + RETRY_AFTER[attempt] + int(self.random() * 60)
            if later < SECONDS - 5:
                self.retry(later, mail, recipient, attempt + 1)

    def speaker(self, domain, status):
        """The group of servers that refuses; some failures are found out by the relay itself."""
        large = domain.local_parts is self.world.mass_parts
        if status == "deferred":
            return "none" if self.random() < (0.02 if large else 0.35) else domain.group
        return "gone" if not large and self.random() < 0.2 else domain.group

    def retry(self, second, mail, recipient, attempt):
        self.activate(second, mail, 1)
        if self.random() < 0.55:
            self.sent(second + 1, mail, recipient, None)
            self.remove(second + 2, mail.qid)
        else:
            self.fail(second + 1, mail, recipient, "deferred", attempt)

    def notice(self, second, mail):
        """The bounce that is sent to the sender."""
        notice = Mail(self.words.qid(), "", HOST + ".example.com", self.words.num() % 30000)
        self.say(second, f"{self.pick(self.pids['cleanup'])}{notice.qid}: message-id=<20261118.{notice.qid}@{HOST}.example.com>")
        self.say(second, f"{self.pick(self.pids['bounce'])}{mail.qid}: sender non-delivery notification: {notice.qid}")
        self.activate(second, notice, 1)
        self.say(second + 1, f"{self.pick(self.pids['smtp'])}{notice.qid}: to=<{mail.sender}>, relay=mail.example.com[192.0.2.3]:25, "
                             f"{self.pick(self.delays)}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {self.words.qid()})")
        self.remove(second + 1, notice.qid)

    def refused_session(self, second):
        name, address = self.pick(self.world.clients)
        host = f"{name}[{address}]"
        server = self.pick(self.pids["smtpd"])
        helo = name if name != "unknown" else f"[{address}]" if self.random() < 0.2 else f"mail.d{int(self.random() * 9999)}.example.org"
        count = 1 if self.random() < 0.7 else 2 + int(self.random() * 4)
        self.say(second, f"{server}connect from {host}")
        refusal = self.pick(self.rejects)
        for _ in range(count):
            domain = self.pick(self.domains)
            rcpt = f"{self.pick(domain.local_parts)}@{domain.name}"
            sender = f"{self.pick(self.world.mass_parts)}@d{int(self.random() * 99999)}.example.net"
            text = refusal.format(ip=address, rcpt=rcpt, domain=domain.name, sender=sender, helo=helo, label=f"WIN-{self.words.hex12()[:8].upper()}")
            self.say(second, f"{server}NOQUEUE: reject: RCPT from {host}: {text}; from=<{sender}> to=<{rcpt}> proto=ESMTP helo=<{helo}>")
        self.say(second + 1, f"{server}disconnect from {host} ehlo=1 mail=1 rcpt=0/{count} quit=1 commands=3/{count + 3}")

    def password_guess(self, second):
        address = ip(self.rng)
        server = self.pick(self.pids["submission/smtpd"])
        user = f"{self.pick(self.world.firm_parts)}@{self.pick(self.world.senders)}"
        self.say(second, f"{server}connect from unknown[{address}]")
        self.say(second + 2, f"{server}warning: unknown[{address}]: SASL LOGIN authentication failed: (reason unavailable), sasl_username={user}")
        self.say(second + 3, f"{server}lost connection after AUTH from unknown[{address}]")
        self.say(second + 3, f"{server}disconnect from unknown[{address}] ehlo=1 auth=0/1 rset=1 commands=2/3")

    def noise(self, second):
        name, address = self.pick(self.world.clients)
        domain = self.pick(self.domains)
        relay = self.pick(domain.relays)
        service, text = self.pick(NOISE).split("|", 1)
        self.say(second, self.pick(self.pids[service]) + text.format(
            host=name, ip=address, relay=f"{relay.host}[{relay.ip}]", domain=domain.name, stage=self.pick(STAGES),
            n=int(self.random() * 60000), small=int(self.random() * 9) + 1, hex=self.words.hex12()))

    def statistics(self, second):
        stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(self.start + second - 60))
        server = self.pick(self.pids["anvil"])
        for text in STATISTICS:
            self.say(second, f"{server}statistics: {text.format(n=int(self.random() * 40) + 1, ip=ip(self.rng))} at {stamp}")

    def text(self, stamps):
        write = classic if stamps == "classic" else rfc3339
        return "".join(write(self.start + second, lines, self.rng) for second, lines in enumerate(self.seconds) if lines)


def said(reply, relay):
    """The reason as Postfix writes it around a reply."""
    text = reply.text.replace("\\n", " ")
    if reply.stage == "local":
        return text
    if reply.stage == "greeting":
        return f"host {relay.host}[{relay.ip}] refused to talk to me: {text}"
    return f"host {relay.host}[{relay.ip}] said: {text} (in reply to {reply.stage} command)"


def dsn(reply, status):
    """Postfix takes the enhanced code that stands at the start of the reply, in the class of its own outcome."""
    words = reply.text[4:14].split()
    first = words[0] if words else ""
    if reply.stage != "local" and first[1:2] == "." and first.count(".") == 2 and first.replace(".", "").isdigit():
        return ("4" if status == "deferred" else "5") + first[1:]
    return {"deferred": "4.4.1" if reply.stage == "local" else "4.0.0", "bounced": "5.4.4" if reply.stage == "local" else "5.0.0"}[status]


def delays(random, waited):
    queued, ready, connect, transfer = random() * 0.4 + waited, random() * 0.03, random() ** 3 * 2, random() ** 2 * 4
    parts = (queued, ready, connect, transfer)
    return f"delay={short(sum(parts))}, delays=" + "/".join(short(part) for part in parts)


def short(seconds):
    """Two digits that count, as Postfix rounds."""
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.2f}".rstrip("0").rstrip(".")


def classic(unix, lines, _rng):
    stamp = time.strftime("%b %e %H:%M:%S ", time.gmtime(unix)) + HOST + " "
    return stamp + ("\n" + stamp).join(lines) + "\n"


def rfc3339(unix, lines, rng):
    day = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(unix))
    parts = sorted(rng.randrange(1000000) for _ in lines)
    return "".join(f"{day}{part:06}+00:00 {HOST} {line}\n" for part, line in zip(parts, lines))
