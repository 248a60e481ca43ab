"""An Exim main log of a busy host: an hour a part, its lines in the order of time."""
import time

from . import replies
from .talk import Talks

START = 1793600000 // 3600 * 3600
SECONDS = 3600
MAILS_A_SECOND = 3
DEFERRED, BOUNCED = 0.10, 0.07
TLS = ["TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256", "TLS1.3:TLS_AES_256_GCM_SHA384:256",
       "TLS1.2:ECDHE_SECP256R1__RSA_SHA256__AES_256_GCM:256", "TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256"]
NOISE = [
    "no host name found for IP address {ip}",
    "no IP address found for host {host} (during SMTP connection from [{ip}])",
    "SMTP connection from [{ip}] lost D={n}s",
    "unexpected disconnection while reading SMTP command from ({host}) [{ip}] D={n}s",
    "TLS error on connection from ({host}) [{ip}] (recv): The TLS connection was non-properly terminated.",
    "login authenticator failed for ({host}) [{ip}]: 535 Incorrect authentication data (set_id={user})",
    "plain authenticator failed for ({host}) [{ip}]: 535 Incorrect authentication data (set_id={user})",
    "SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[{ip}] input=\"\\026\\003\\001\"",
    "rejected EHLO from [{ip}]: syntactically invalid argument(s): {user}",
    "Start queue run: pid={n}", "End queue run: pid={n}",
]
REJECTS = [
    "rejected RCPT <{rcpt}>: relay not permitted",
    "rejected RCPT <{rcpt}>: Unrouteable address",
    "rejected RCPT <{rcpt}>: Sender verify failed",
    "rejected RCPT <{rcpt}>: {ip} is in a black list at zen.spamhaus.org: https://www.spamhaus.org/query/ip/{ip}",
    "rejected after DATA: This message scored {n}.{small} spam points.",
    "temporarily rejected RCPT <{rcpt}>: greylisted",
]


def part(world, seed, number, _options):
    return Hour(world, seed, number).text().encode()


class Hour:
    def __init__(self, world, seed, number):
        self.rng = replies.generator("exim", seed, number)
        self.world = world
        self.random = self.rng.random
        self.start = START + number * SECONDS
        self.talks = Talks(world, self.rng)
        self.words = self.talks.words
        self.pick = self.talks.pick
        self.seconds = [[] for _ in range(SECONDS)]
        for second in range(SECONDS):
            self.words["unix"] = str(self.start + second)
            for _ in range(int(2 * MAILS_A_SECOND * self.random())):
                self.mail(second)
            if self.random() < 0.5:
                self.reject(second)
            if self.random() < 0.8:
                self.noise(second)

    def say(self, second, line):
        self.seconds[min(second, SECONDS - 1)].append(line)

    def mail(self, second):
        name, address = self.pick(self.world.clients)
        mail = self.words.exid()
        self.talks.meet()
        sender = self.words["sender"]
        self.say(second, f"{mail} <= {sender} H={name} [{address}] P=esmtps X={self.pick(TLS)} CV=no "
                         f"S={int(900 / (self.random() + 0.0003))} id={self.words.mid()}")
        done, last = True, second
        for _ in range(1 if self.random() < 0.75 else 2 + int(self.random() * 6)):
            last = max(last, second + int(self.random() * 5))
            done = self.deliver(last, mail) and done
        if done:
            self.say(last + 1, f"{mail} Completed")

    def deliver(self, second, mail):
        """Says whether this recipient is done with."""
        domain, relay = self.talks.meet()
        chance = self.random()
        if chance < DEFERRED + BOUNCED:
            return self.fail(second, mail, domain, relay, "deferred" if chance < DEFERRED else "bounced")
        reply = self.talks.replies.draw(domain.group, "sent").text
        self.say(second, f'{mail} => {self.words["rcpt"]} R=dnslookup T=remote_smtp H={relay.host} [{relay.ip}] X={self.pick(TLS)} CV=yes C="{reply}"')
        return True

    def fail(self, second, mail, domain, relay, outcome):
        to, where = self.words["rcpt"], f"H={relay.host} [{relay.ip}]"
        reply = self.talks.replies.draw(domain.group, outcome)
        text = f"SMTP error from remote mail server after {self.stage(reply)}: {reply.text}"
        if outcome == "bounced" or reply.text[0] == "5":
            self.say(second, f"{mail} ** {to} R=dnslookup T=remote_smtp {where}: {text}")
            return True
        if self.random() < (0.02 if domain.local_parts is self.world.mass_parts else 0.35):
            self.say(second, f"{mail} {where} Connection timed out")
            self.say(second, f"{mail} == {to} R=dnslookup T=remote_smtp defer (110): Connection timed out")
        else:
            self.say(second, f"{mail} == {to} R=dnslookup T=remote_smtp defer (-{44 + self.words.small() % 3}) {where}: {text}")
        return False

    def stage(self, reply):
        return {"RCPT TO": f"RCPT TO:<{self.words['rcpt']}>", "MAIL FROM": f"MAIL FROM:<{self.words['sender']}>",
                "end of DATA": "end of data", "greeting": "initial connection"}[reply.stage]

    def reject(self, second):
        name, address = self.pick(self.world.clients)
        self.talks.meet()
        text = self.pick(REJECTS).format(rcpt=self.words["rcpt"], ip=address, n=self.words.small() + 5, small=self.words.small())
        self.say(second, f"H=({name}) [{address}] X={self.pick(TLS)} CV=no F=<{self.words['sender']}> {text}")

    def noise(self, second):
        name, address = self.pick(self.world.clients)
        self.say(second, self.pick(NOISE).format(host=name, ip=address, n=int(self.random() * 90000), user=self.pick(self.world.firm_parts)))

    def text(self):
        return "".join(stamped(self.start + second, lines) for second, lines in enumerate(self.seconds) if lines)


def stamped(unix, lines):
    stamp = time.strftime("%Y-%m-%d %H:%M:%S ", time.gmtime(unix))
    return stamp + ("\n" + stamp).join(lines) + "\n"
