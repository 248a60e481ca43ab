"""Events as SendGrid's webhook posts them, one JSON object a line."""
import json

from . import replies
from .talk import Talks

START, COUNT = 1793600000, 20000
EVENTS = {"processed": 29, "delivered": 28, "open": 24, "click": 6, "deferred": 6, "bounce": 4, "dropped": 2,
          "spamreport": 0.4, "unsubscribe": 0.6}
DROPPED = [("Bounced Address", "5.0.0"), ("Unsubscribed Address", "5.0.0"), ("Spam Reporting Address", "5.0.0"),
           ("Invalid", "5.0.0"), ("Spam Content", "5.0.0")]
AGENTS = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
          "Mozilla/5.0 (via ggpht.com GoogleImageProxy)", "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"]
CLASSES = {"1": "Invalid Address", "2": "Mailbox Unavailable", "7": "Reputation", "4": "Technical Failure", "3": "Technical Failure"}


def part(world, seed, number, _options):
    rng = replies.generator("sendgrid", seed, number)
    talks = Talks(world, rng)
    names = rng.choices(list(EVENTS), list(EVENTS.values()), k=COUNT)
    first = START + number * COUNT // 25
    return "".join(line(talks, name, first + index // 25) for index, name in enumerate(names)).encode()


def line(talks, name, unix):
    words = talks.words
    words["unix"] = str(unix)
    domain, relay = talks.meet()
    token = words.token(16)
    event = {"email": words["rcpt"], "timestamp": unix, "smtp-id": f"<{words.token(22)}@geopod-ismtpd-{words.small()}>",
             "event": name, "category": [talks.pick(("newsletter", "receipt", "password-reset", "digest", "alert"))],
             "sg_event_id": words.token(22), "sg_message_id": f"{words.token(22)}.recvd-{token[:8]}-{token[8:13]}-1-{words.hex12()}.0"}
    event.update(DETAILS.get(name, plain)(talks, domain, relay))
    return json.dumps(event, separators=(",", ":")) + "\n"


def plain(_talks, _domain, _relay):
    return {}


def delivered(talks, domain, relay):
    return {"response": talks.replies.draw(domain.group, "sent").text, "ip": talks.words["ip"], "tls": 1}


def deferred(talks, domain, relay):
    reply = talks.replies.draw(domain.group, "deferred")
    return {"response": joined(reply), "attempt": str(talks.words.small()), "ip": talks.words["ip"], "tls": 1, "domain": domain.name}


def bounce(talks, domain, relay):
    reply = talks.replies.draw(domain.group, "bounced")
    text = joined(reply)
    status = text[4:].split(" ", 1)[0]
    status = status if status.count(".") == 2 and status.replace(".", "").isdigit() else "5.0.0"
    blocked = status.startswith("5.7")
    return {"reason": text, "status": status, "type": "blocked" if blocked else "bounce", "ip": talks.words["ip"], "tls": 1,
            "bounce_classification": CLASSES.get(status[2], "Unclassified")}


def dropped(talks, _domain, _relay):
    reason, status = talks.pick(DROPPED)
    return {"reason": reason, "status": status}


def opened(talks, _domain, relay):
    return {"useragent": talks.pick(AGENTS), "ip": relay.ip, "sg_machine_open": talks.random() < 0.4}


def clicked(talks, _domain, relay):
    return {"useragent": talks.pick(AGENTS), "ip": relay.ip, "url": f"https://www.{talks.words['sdomain']}/go/{talks.words.token(12)}"}


def joined(reply):
    return reply.text.replace("\\n", "\n")


DETAILS = {"delivered": delivered, "deferred": deferred, "bounce": bounce, "dropped": dropped, "open": opened, "click": clicked}
