#!/usr/bin/env bash
# Sends mail through a real Postfix to a server that refuses it in different
# ways (sink.py, cases.tsv), and checks what the scan finds in Postfix's log and
# in the bounce mails. Everything stays on the loopback interface; Postfix runs
# from a folder of its own, and the system's configuration is not touched.
#
#   sudo tests/e2e/run.sh [SMTPWHY]      default: target/debug/smtpwhy
#
# Wants root, Debian or Ubuntu (it installs Postfix where it is missing) and
# Python 3. Not part of `cargo test`. Exit status: 0 all as expected, 1 not.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
smtpwhy=${1:-$here/../../target/debug/smtpwhy}
port_in=12525
port_sink=12526

if ! command -v postfix > /dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postfix > /dev/null
fi

work=$(mktemp -d /tmp/smtpwhy-e2e.XXXXXX)
chmod 755 "$work"
mkdir "$work"/{etc,queue,data,bounces}
chown postfix "$work/data"
sink=
stop() {
    postfix -c "$work/etc" stop > /dev/null 2>&1 || true
    [ -z "$sink" ] || kill "$sink" 2> /dev/null || true
    rm -rf "$work"
}
trap stop EXIT

libexec=/usr/lib/postfix/sbin
[ -d "$libexec" ] || libexec=/usr/libexec/postfix
cat > "$work/etc/main.cf" << END
compatibility_level = 3.6
queue_directory = $work/queue
data_directory = $work/data
daemon_directory = $libexec
maillog_file = $work/mail.log
maillog_file_prefixes = $work
myhostname = sender.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_bind_address = 127.0.0.1
smtp_dns_support_level = disabled
relayhost = [127.0.0.1]:$port_sink
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_tls_security_level = none
smtpd_tls_security_level = none
notify_classes =
# One recipient a transaction, so that each gets its own reply.
smtp_destination_recipient_limit = 1
default_destination_concurrency_failed_cohort_limit = 0
END
cat > "$work/etc/master.cf" << END
127.0.0.1:$port_in inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
error     unix - - n - - error
retry     unix - - n - - error
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
END

python3 "$here/sink.py" "$port_sink" "$here/cases.tsv" "$work/bounces" &
sink=$!
postfix -c "$work/etc" start > "$work/start.out" 2>&1 || { cat "$work/start.out" "$work/mail.log" >&2; exit 1; }

python3 - "$port_in" "$here" << 'END'
import smtplib, sys, time
sys.path.insert(0, sys.argv[2])
from sink import cases

for attempt in range(20):
    try:
        server = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
        break
    except OSError:
        time.sleep(0.5)
for local in cases(sys.argv[2] + "/cases.tsv"):
    to = f"{local}@rcpt.test"
    server.sendmail("sender@sender.test", [to], f"From: sender@sender.test\nTo: {to}\nSubject: test\n\nHello.\n")
server.quit()
END

# Every recipient has an outcome, and each refusal that is final a bounce mail.
outcomes=$(grep -vc '^#\|^local' "$here/cases.tsv")
bounced=$(cut -f4 "$here/cases.tsv" | grep -c '^bounced$')
for _ in $(seq 60); do
    seen=$(grep -c 'to=<[a-z]*@rcpt.test>.* status=' "$work/mail.log" || true)
    mails=$(find "$work/bounces" -name '*.eml' | wc -l)
    [ "$seen" -ge "$outcomes" ] && [ "$mails" -ge "$bounced" ] && break
    sleep 0.5
done
echo "$seen outcomes in the log, $mails bounce mails"

"$smtpwhy" scan --each -f jsonl < "$work/mail.log" > "$work/log.jsonl"
"$smtpwhy" scan -r --each -f jsonl "$work/bounces" > "$work/bounces.jsonl"
PYTHONDONTWRITEBYTECODE=1 python3 "$here/check.py" "$here/cases.tsv" "$work/log.jsonl" "$work/bounces.jsonl"
