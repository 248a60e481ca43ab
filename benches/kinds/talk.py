"""One attempt to deliver without a log around it: recipient, mail server, sender and the reply."""
from . import replies


class Talks:
    """Draws attempts; kinds that need no order of events are made of them."""

    def __init__(self, world, rng):
        self.world = world
        self.random = rng.random
        self.replies = replies.Replies(rng)
        self.words = self.replies.words
        self.domains = rng.choices(world.domains, world.weights, k=20000)

    def pick(self, pool):
        return pool[int(self.random() * len(pool))]

    def meet(self):
        """A new recipient; sets the words that replies are made with and returns the domain and its mail server."""
        domain = self.pick(self.domains)
        relay = self.pick(domain.relays)
        words, senders = self.words, self.world.senders
        sender_domain = senders[int(self.random() ** 2 * len(senders))]
        words["sender"] = f"{self.pick(self.world.firm_parts)}@{sender_domain}"
        words["sdomain"], words["SDOMAIN"] = sender_domain, sender_domain.upper()
        words["rcpt"], words["domain"] = f"{self.pick(domain.local_parts)}@{domain.name}", domain.name
        words["host"], words["relayip"], words["ip"] = relay.host, relay.ip, self.pick(self.world.own_ips)
        return domain, relay

    def fails(self, domain, deferred_share=0.6):
        """A refusal and what becomes of it."""
        outcome = "deferred" if self.random() < deferred_share else "bounced"
        return self.replies.draw(domain.group, outcome), outcome
