//! The fast way to read a log gives what reading it line by line gives.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use smtpwhy::Catalogue;
use smtpwhy::cli::Format;
use smtpwhy::render::Style;
use smtpwhy::render::each::Each;
use smtpwhy::scan::filter::Filter;
use smtpwhy::scan::reader::Settings;
use smtpwhy::scan::ruling::Judge;
use smtpwhy::scan::tally::{By, Tally};

/// All that a scan tells, as text.
fn told(file: &Path, settings: &Settings, by: &[By], filter: &Filter) -> String {
    let mut tally = Tally::new(by.to_vec());
    let judge = Judge::new(Catalogue::built_in(), None);
    let report = smtpwhy::scan::scan(&[file.to_path_buf()], settings, judge, filter, &mut tally).unwrap();
    let t = &tally.totals;
    let mut out = format!("{report:?}\n");
    let kinds = (t.attempts, t.delivered, t.rejects, t.logins, t.sessions, t.intermediate, t.expired);
    let verdicts: Vec<usize> = smtpwhy::Verdict::ALL.iter().map(|(_, v)| t.of(*v)).collect();
    writeln!(out, "{} {kinds:?} {verdicts:?} {} {} {:?} {:?}", t.records, t.messages.count(), t.recipients.count(), t.first, t.last)
        .unwrap();
    for g in tally.groups() {
        let (key, hours): (Vec<_>, Vec<_>) = (g.key().collect(), g.hours().counts().collect());
        let (messages, recipients) = (g.messages().count(), g.recipients().count());
        writeln!(out, "{key:?} {} {messages} {recipients} {:?} {:?}", g.count(), g.first(), g.last()).unwrap();
        writeln!(out, "  {:?} {hours:?} {} {} {:?} {:?}", g.about(), g.file(), g.line(), g.queue_id(), g.example()).unwrap();
    }
    for a in tally.watch.alarms() {
        writeln!(out, "{} {} {} {}", a.provider, a.since, a.attempts, a.recipients).unwrap();
    }
    out
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Lines that tell nothing, more than are read line by line at the start.
fn noise() -> String {
    "Nov 21 17:40:48 mx postfix/anvil[7]: statistics: max cache size 1 at Nov 21 17:40:40\n".repeat(400)
}

/// Lines that were made to be odd.
const ODD: &str = "\
Nov 21 17:40:48 mx postfix/qmgr[1]: 4B12345: from=<s@example.org>, size=1, nrcpt=1 (queue active)
Nov 21 17:40:48 mx postfix/smtp[1]: 4B12345: to=<A@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 5.1.1 <A@example.com>: no such user a1b2c3 (in reply to RCPT TO command))\r
Nov 21 17:40:49 mx postfix/smtp[1]: 4B12346: to=<b@example.com>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx.example.com[2001:db8::7]:25: Connection refused)

\u{feff}Nov 21 17:40:49 mx postfix/smtp[1]: 4B12346: to=<c@example.com>, relay=none, dsn=4.4.1, status=sent (250 ok)
Nov 21 17:40:49 mx postfix/smtp[1]: 4B12347: to=<c@example.com>, relay=gmail-smtp-in.l.google.com[192.0.2.9]:25, dsn=2.0.0, status=sent (250 2.0.0 OK)
Nov 21 17:40:49 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[198.51.100.7]: 554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org; from=<x@example.net> to=<y@example.org> proto=ESMTP helo=<h>
Nov 21 17:40:49 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[198.51.100.8]: 554 5.7.1 Service unavailable; Client host [198.51.100.8] blocked using zen.spamhaus.org; from=<x@example.net> to=<y@example.org> proto=ESMTP helo=<h>
2026-11-21T17:41:02.5+01:00 mx postfix/smtp[1]: 4B12348: to=<d@example.com>, relay=mx.example.com[192.0.2.1]:25, dsn=5.2.2, status=bounced (host mx.example.com[192.0.2.1] said: 552 5.2.2 Mailbox full)
2026-11-21 18:01:37 1xUpP7-00003B-2B ** x@example.com R=dnslookup T=remote_smtp: 550 no such user
Nov 21 17:40:49 mx sm-mta[1]: 6ALIAAhb000131: to=<u@example.net>, delay=00:00:00, mailer=esmtp, relay=mx. [192.0.2.1], dsn=5.1.1, stat=User unknown
{\"event\":\"bounce\",\"email\":\"e@example.com\",\"reason\":\"550 5.1.1 unknown\",\"sg_event_id\":\"x\",\"timestamp\":1}
Nov 21 17:40:49 mx other[1]: mail rejected: user unknown
550 5.1.1 bare reply
";

/// A list of the Exchange shell that has no end: what no other format claims
/// belongs to it.
const LIST: &str = "Detail : [{LED=550 5.1.1 no\n";

/// Lines of Exim, common and odd ones.
const EXIM: &str = "\
2026-11-21 18:01:30 exim 4.96 daemon started: pid=31, -q30m, listening for SMTP on port 25 (IPv4)
2026-11-21 18:01:35 1xUpP7-00000A-0Y <= s@example.org H=mx.example.org [192.0.2.1] P=esmtps S=1027 id=x@example.org
2026-11-21 18:01:36 1xUpP7-00000A-0Y => a@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.2] X=TLS1.3:A:256 CV=yes C=\"250 ok\"
2026-11-21 18:01:36 1xUpP7-00000A-0Y -> B@example.com <c@example.com> R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.2]:25 C=\"250 ok\" QT=1s
2026-11-21 18:01:36.123 +0100 [84] 1w1wyK-0000000FUyH-t2iD <= <> R=1xUpP7-00000A-0Y U=exim P=local S=334
2026-11-21 18:01:36.124 +0100 [84] 1w1wyK-0000000FUyH-t2iD => \"d e\"@example.com F=<> R=d T=t H=mx.example.com. [192.0.2.2] DT=0.1s
2026-11-21 18:01:36 1xUpP7-00000A-0Y => alice <alice@example.com> R=localuser T=maildir
2026-11-21 18:01:36 1xUpP7-00000A-0Y => |/usr/bin/agent <list@example.com> R=aliases T=address_pipe
2026-11-21 18:01:36 1xUpP7-00000A-0Y *> b#c@example.com R=dnslookup T=remote_smtp
2026-11-21 18:01:36 1xUpP7-00000A-0Y => b#c@example.com R=dnslookup T=remote_smtp H=a [192.0.2.2] H=b
2026-11-21 18:01:36 1xUpP7-00000A-0Y => | info | 550 x
2026-11-21 18:01:37 1xUpP7-00000A-0Y H=mx.example.net [192.0.2.3] Connection timed out
2026-11-21 18:01:37 1xUpP7-00000A-0Y == u@example.net R=dnslookup T=remote_smtp defer (110): Connection timed out
2026-11-21 18:01:37 1xUpP7-00000A-0Y ** u@example.org R=d T=t H=mx.example.org [192.0.2.4]: SMTP error from remote mail server after RCPT TO:<u@example.org>: 550-5.1.1 no such\\n550 5.1.1 user DT=0.1s
2026-11-21 18:01:37 1xUpP7-00000A-0Y ** v@example.org R=d T=t H=mx.example.org [192.0.2.4]: SMTP error from remote mail server after end of data: 554-5.7.1 [198.51.100.7] is\\n554 5.7.1 blocked using zen.spamhaus.org
2026-11-21 18:01:37 1xUpP7-00000A-0Y ** w@example.org: retry timeout exceeded\r
2026-11-21 18:01:37 1xUpP7-00000A-0Y Completed
2026-11-21 18:01:38 H=(x) [192.0.2.6]:53343 F=<i@example.net> rejected RCPT <t@example.org>: 192.0.2.6 is listed
2026-11-21 18:01:38 H=[192.0.2.6] temporarily rejected connection in \"connect\" ACL: later
2026-11-21 18:01:38 1xUpP7-00000B-0Y H=(x) [192.0.2.6] rejected after DATA: spam
2026-11-21 18:01:38 1xUpP7-00000A-0Y H=(x) [192.0.2.6] rejected after DATA: spam
2026-11-21 18:01:38 H=(x) [192.0.2.6] Warning: just looking
2026-11-21 18:01:38 rejected EHLO from [192.0.2.1]:50727: syntactically invalid argument(s): bad_helo!name
2026-11-21 18:01:38 TLS error on connection from x [192.0.2.7] (SSL_accept): error:1408F10B: wrong version number
2026-11-21 18:01:39 plain authenticator failed for (x) [192.0.2.1]: 535 Incorrect authentication data (set_id=u)
2026-11-21 18:01:40 1xUpPA-0000E4-0s plain authenticator failed H=smtp.example.com [192.0.2.8] 535-5.7.8 Username and
535 5.7.8 password not accepted
2026-11-21 18:01:40 1xUpPA-0000E4-0s plain authenticator failed H=smtp.example.com [192.0.2.8] 535-5.7.8 Username and
2026-11-21 18:01:40 SMTP connection from [192.0.2.9] lost D=141s
2026-11-21 18:01:40 1xUpPA-0000E4-0s Completed
535 5.7.8 too late
2026-11-21 18:01:41 SMTP connection from mailbox.example.com [192.0.2.9] lost
2026-11-21 18:01:41 SMTP call from [192.0.2.9] dropped: too many syntax or protocol errors (last command was \"x: 550 y\")
2026-11-21 18:01:41 SMTP connection from x id=1 2.3 REJECTED from=<a@example.com> to=<b@example.com> (550 no)
2026-11-21 18:01:41 no host name found for IP address 192.0.2.9
2026-11-21 18:01:41 End queue run: pid=550
2026-11-21 18:01:42 | info | 1xUpP7-00000A-0Y ** x@example.com: 550 no
2026-11-21 18:01:4x 1xUpP7-00000A-0Y ** x@example.com: 550 no
2026-11-21 25:01:42 1xUpP7-00000A-0Y ** x@example.com: 550 no
1xUpP7-00000A-0Y ** x@example.com: 550 no
Nov 21 18:01:43 mx exim[12]: 1xUpP7-00000C-0Y <= t@example.org U=root P=local S=334
Nov 21 18:01:43 mx exim[12]: [1/2] 1xUpP7-00000C-0Y ** y@example.com R=d T=t: SMTP error from remote mail ser
Nov 21 18:01:43 mx exim[12]: [2/2] ver after DATA: 550 no
Nov 21 18:01:43 mx exim[12]: 2026-11-21 18:01:43 1xUpP7-00000C-0Y Completed
";

/// Events, a line each, and what is none: broken, cut, nested, escaped, wrapped,
/// of several services, with keys and numbers as few write them.
const ODD_EVENTS: &str = r#"{"email":"A@example.com","timestamp":1793600000,"smtp-id":"<1@example.org>","event":"bounce","sg_event_id":"x","sg_message_id":"m1","reason":"550 5.1.1 <A@example.com>: no such user a1b2c3","status":"5.1.1","type":"bounce"}
{"email":"b@example.com","timestamp":1793600001,"event":"delivered","sg_event_id":"x","sg_message_id":"m2","response":"250 2.0.0 OK \"x\"","tls":1}
{"email":"b@gmail.com","timestamp":1793600002,"event":"open","sg_event_id":"x","category":["a","b"],"unique":{"a":{"b":[1,2]}},"sg_machine_open":false}
{"email":"c@example.com","timestamp":1793600003,"event":"deferred","sg_event_id":"x","sg_message_id":"m3","response":"421-4.7.28 slow\n421 4.7.28 down","attempt":"5"}
{"email":"c@example.com","timestamp":1793600003,"event":"deferred","sg_event_id":"x","sg_message_id":"m4","response":"554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org"}
{"email":"c@example.com","timestamp":1793600003,"event":"deferred","sg_event_id":"x","sg_message_id":"m5","response":"554 5.7.1 \"Service\" unavailable; Client host [198.51.100.8] blocked using zen.spamhaus.org"}
{"email":"C \u003cc@example.com\u003e","timestamp":"1793600004","event":"dropped","sg_event_id":"x","sg_message_id":"m\u0036","reason":"Bounced Address","status":"5.0.0"}
{"email":"D <d@example.com>","timestamp":1793600004.5,"event":"bounce","type":"blocked","sg_event_id":"x","reason":"  smtp; 550 5.7.1 blocked  ","from":"Sender <s@example.org>"},
 {"email":"e@example.com","timestamp":1793600005,"event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"}
{ "email" : "e@example.com" , "timestamp" : 1793600005 , "event" : "bounce" , "sg_event_id" : "x" , "reason" : "552 5.2.2 full" } , 
{"email":"f@example.com","timestamp":1.7936e9,"event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"}
{"email":"f@example.com","timestamp":179360000600000000000000000,"event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"}
{"email":"f@example.com","timestamp":1e999,"event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"}
{"email":"f@example.com","timestamp":01,"event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"}
{"email":"f@example.com","email":"g@example.com","event":"bounce","event":"delivered","sg_event_id":"x","reason":"550 5.1.1 no"}
{"\u0065mail":"g@example.com","event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"}
{"email":["h@example.com","i@example.com"],"timestamp":[1793600007],"event":"bounce","sg_event_id":null,"reason":"550 5.1.1 no \ud83d\ude00"}
{"email":"h@example.com","event":"bounce","sg_event_id":"x","reason":"550 5.1.1 \ud83d"}
{"email":"","event":"bounce","sg_event_id":"x","reason":"","status":"5.1.1"}
{"email":null,"event":"delivered","sg_event_id":"x","timestamp":true}
{"email":"i@example.com","event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no
{"email":"i@example.com","event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"
{"email":"i@example.com","event":"open","sg_event_id":"x",}
{"email":"i@example.com" "event":"open","sg_event_id":"x"}
{"email":"i@example.com","event":"open","sg_event_id":x}
{"email":"i@example.com","event":"open","sg_event_id":"x"}}
{"email":"i@example.com","event":"open","sg_event_id":"x"} {"email":"i@example.com","event":"bounce","sg_event_id":"x","reason":"550 no"}
{"email":"i@example.com","event":"open","sg_event_id":"	"}
{"email":"i@example.com","event":"open","sg_event_id":"\x"}
[{"email":"j@example.com","event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"},{"email":"k@example.com","event":"delivered","sg_event_id":"x"}]
{"events":[{"email":"j@example.com","event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no"},{"email":"k@example.com","event":"delivered","sg_event_id":"x"}]}
{"Type":"Notification","Message":"{\"notificationType\":\"Bounce\",\"mail\":{\"messageId\":\"1\"},\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":\"l@example.com\",\"diagnosticCode\":\"smtp; 550 no\"}]}}"}
{"email":"m@example.com","event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no","mail":{},"eventType":"Delivery","delivery":{"recipients":["m@example.com","n@example.com"]}}
{"email":"n@example.com","event":"bounce","sg_event_id":"x","reason":"550 5.1.1 no","msg":{"email":"o@example.com"}}
{"event":"failed","severity":"permanent","timestamp":1521472262.908181,"recipient":"o@example.com","delivery-status":{"code":550,"message":"5.1.1 no such user","mx-host":"mx.example.com"},"message":{"headers":{"message-id":"m9"}},"envelope":{"sender":"s@example.org"}}
{"event":"delivered","timestamp":1521472262.0,"recipient":"o@example.com","delivery-status":{"code":250,"message":"OK","mx-host":"gmail-smtp-in.l.google.com"},"log-level":"info"}
{"RecordType":"Bounce","MessageID":"m10","Type":"HardBounce","TypeCode":1,"Email":"p@example.com","From":"s@example.org","BouncedAt":"2026-11-21T17:40:48Z","Details":"smtp;550 5.1.1 no such user"}
{"RecordType":"Open","MessageID":"m10","Recipient":"p@example.com"}
{"type":"Rejection","id":"4B12345","recipient":["q@example.com","r@example.com"],"queue":"x","sender":"","response":{"code":550,"enhanced_code":{"class":5,"subject":7,"detail":1},"content":"no","command":"RCPT TO:<q@example.com>"},"peer_address":{"name":"mx.example.com.","addr":"192.0.2.1"},"timestamp":1793600008}
{"event":"bounce","rcpt_to":"s@example.com","code":"550","error":"5.1.1 no such user"}
{"level":"info","msg":"started"}
{}
{"email":"t@example.com","event":"bounce","sg_event_id":"x","sg_message_id":"4B12345","reason":"550 5.1.1 no"}
"#;

/// The events of the fixtures, a line each.
fn events() -> String {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/events"), &mut found);
    found.sort();
    let texts = found.iter().map(|path| std::fs::read_to_string(path).unwrap());
    texts.flat_map(|text| smtpwhy::input::events::values(&text).map(|(value, _)| format!("{value}\n")).collect::<Vec<_>>()).collect()
}

/// A reply or a name longer than any that means mail, in an event.
fn long_events() -> String {
    let event = |name: &str, reply: &str| {
        format!("{{\"email\":\"{name}@example.com\",\"event\":\"bounce\",\"sg_event_id\":\"x\",\"reason\":\"550 5.1.1 {reply}\"}}\n")
    };
    let many = vec!["1"; 1000].join(",");
    let rich = format!("{{\"email\":\"a@example.com\",\"event\":\"delivered\",\"sg_event_id\":[{many}]}}\n");
    let deep = format!("{{\"email\":\"a@example.com\",\"event\":\"delivered\",\"sg_event_id\":{}{}}}\n", "[".repeat(200), "]".repeat(200));
    [event("a", &"no ".repeat(20_000)), event(&"a".repeat(2000), "no"), event("a", &"no ".repeat(1000)), rich, deep].concat()
}

/// Bare replies, a line each, and what looks like one.
fn replies() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/replies.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let replies = text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok());
    let mut lines: String = replies.filter_map(|r| r["text"].as_str().map(|t| t.replace('\n', " ") + "\n")).collect();
    lines.push_str(
        "550 \n550\n500 octets\n250 | 550 5.1.1 no\n550-5.1.1 [203.0.113.9] listed 203.0.113.9\n 550 5.1.1 no\n450 of 550 said\n",
    );
    lines
}

/// The fixtures, each often enough to be read the fast way, behind noise so
/// that also what is seen first is; with bytes that are no UTF-8.
fn logs() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs"), &mut found);
    let mut logs: Vec<(String, Vec<u8>)> = found.iter().map(|p| (p.display().to_string(), std::fs::read(p).unwrap())).collect();
    logs.retain(|(name, _)| name.contains(".log") || name.contains("events"));
    let all: Vec<u8> = logs.iter().flat_map(|(_, log)| [log.as_slice(), b"\n"].concat()).collect();
    logs.push(("all".into(), all));
    logs.push(("odd".into(), ODD.into()));
    logs.push((
        "bytes".into(),
        [ODD.replace("user", "\u{fe}").as_bytes(), b"\xff\xfe\n", ODD.replace("mx", "m\u{e9}").as_bytes()].concat(),
    ));
    logs.push(("exim".into(), EXIM.into()));
    logs.push(("exim-crlf".into(), EXIM.replace('\n', "\r\n").into()));
    logs.push(("exim-bytes".into(), [EXIM.as_bytes(), b"2026-11-21 18:01:44 1xUpP7-00000A-0Y ** \xff@example.com: 550 no\n"].concat()));
    logs.push(("exim-mixed".into(), [EXIM, ODD].concat().into()));
    logs.push(("exim-list".into(), [EXIM, LIST, EXIM].concat().into()));
    logs.push(("replies".into(), replies().into()));
    logs.push(("events".into(), events().into()));
    logs.push(("odd events".into(), ODD_EVENTS.into()));
    logs.push(("odd events of a log".into(), [ODD, ODD_EVENTS].concat().into()));
    logs.push(("odd events, other line ends".into(), ODD_EVENTS.replace('\n', "\r\n").into()));
    logs.push(("bytes in events".into(), ODD_EVENTS.replace("example", "ex\u{e4}mple").chars().map(|c| c as u8).collect()));
    logs.push(("long events".into(), long_events().into()));
    logs.push(("replies after a log".into(), [ODD, &replies()].concat().into()));
    let long = |log: Vec<u8>| [noise().into_bytes(), log.repeat(300_000 / log.len().max(1) + 1)].concat();
    logs.into_iter().map(|(name, log)| (name, long(log))).collect()
}

fn same(name: &str, log: &[u8], by: &[By], filter: &Filter) {
    same_as(None, name, log, by, filter);
}

fn same_as(input: Option<&str>, name: &str, log: &[u8], by: &[By], filter: &Filter) {
    let mut file = tempfile(name);
    file.0.write_all(log).unwrap();
    let settings = |threads| Settings { threads, input: input.map(str::to_string), ..Settings::default() };
    let slow = told(&file.1, &settings(0), by, filter);
    for threads in [1, 3] {
        let fast = told(&file.1, &settings(threads), by, filter);
        let differs = slow.lines().zip(fast.lines()).find(|(a, b)| a != b);
        assert!(slow == fast, "{name}, {threads} threads: {differs:#?}");
    }
    std::fs::remove_file(&file.1).unwrap();
}

/// All records of a file, as they are shown.
fn shown(file: &Path, threads: usize, format: Format, filter: &Filter) -> String {
    let (mut out, mut tally) = (Vec::new(), Tally::new(Vec::new()));
    let settings = Settings { threads, ..Settings::default() };
    let style = Style { color: false, width: 80, table_width: 80, ascii: false };
    let mut sink = Each::new(&mut out, format, style, false, false, &mut tally);
    let judge = Judge::new(Catalogue::built_in(), None);
    let report = smtpwhy::scan::scan(&[file.to_path_buf()], &settings, judge, filter, &mut sink).unwrap();
    sink.end(&report).unwrap();
    format!("{}{report:?}", String::from_utf8(out).unwrap())
}

fn shown_alike(name: &str, log: &[u8], format: Format, filter: &Filter) {
    let mut file = tempfile(name);
    file.0.write_all(log).unwrap();
    let slow = shown(&file.1, 0, format, filter);
    for threads in [1, 3] {
        let fast = shown(&file.1, threads, format, filter);
        let differs = slow.lines().zip(fast.lines()).find(|(a, b)| a != b);
        assert!(slow == fast, "{name}, {threads} threads: {differs:#?}");
    }
    std::fs::remove_file(&file.1).unwrap();
}

fn tempfile(name: &str) -> (std::fs::File, PathBuf) {
    let name: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fast{name}"));
    (std::fs::File::create(&path).unwrap(), path)
}

#[test]
fn every_log_is_counted_alike() {
    let logs = logs();
    assert!(logs.len() > 5, "{}", logs.len());
    for (name, log) in logs {
        same(&name, &log, &[], &Filter::default());
    }
}

/// Wherever the last piece ends, nothing follows it.
#[test]
fn logs_of_any_length_are_counted_alike() {
    let line = "Nov 21 17:40:48 mx postfix/anvil[7]: statistics: max cache size 1 at Nov 21 17:40:40\n";
    for size in (20_000..800_000).step_by(60_000) {
        let log = line.repeat(size / line.len());
        same(&format!("log of {size}"), log.as_bytes(), &[], &Filter::default());
        shown_alike(&format!("shown log of {size}"), log.as_bytes(), Format::Jsonl, &Filter::default());
    }
}

#[test]
fn a_file_of_events_alone_is_counted_alike() {
    let odd: Vec<&str> = ODD_EVENTS.lines().collect();
    // Read from a first line that is an event, and from one that is broken.
    for first in [1, odd.len() - 1, 20] {
        let lines: Vec<&str> = odd.iter().cycle().skip(first).take(5000).copied().collect();
        same(&format!("events from {first}"), lines.join("\n").as_bytes(), &[], &Filter::default());
    }
    let log = [events(), ODD_EVENTS.to_string()].concat().repeat(10);
    same("events by sender", log.as_bytes(), &[By::Sender, By::Code, By::Hour], &Filter::default());
    let filter = Filter { verdict: vec!["!ok".into()], domain: vec!["example.com".into()], ..Filter::default() };
    same("filtered events", log.as_bytes(), &[By::Provider, By::Relay], &filter);
}

#[test]
fn nothing_behind_the_last_line_is_no_blank_line() {
    for size in [100_000, 200_000, 300_000] {
        let log = EXIM.repeat(size / EXIM.len());
        same("end", log.as_bytes(), &[], &Filter::default());
    }
}

#[test]
fn groups_and_filters_do_not_change_that() {
    let log = [noise().into_bytes(), [ODD, ODD_EVENTS].concat().repeat(100).into_bytes()].concat();
    same("by sender", &log, &[By::Sender, By::Code, By::Hour], &Filter::default());
    same("by recipient", &log, &[By::Recipient, By::Relay, By::Domain], &Filter::default());
    let filter = Filter { verdict: vec!["!ok".into()], domain: vec!["example.com".into()], ..Filter::default() };
    let exim = [noise().into_bytes(), EXIM.repeat(100).into_bytes()].concat();
    same("exim by sender", &exim, &[By::Sender, By::Code, By::Hour], &Filter::default());
    same("exim by recipient", &exim, &[By::Recipient, By::Relay, By::Domain], &Filter::default());
    same("exim filtered", &exim, &[By::Provider, By::Who], &Filter { verdict: vec!["!ok".into()], ..Filter::default() });
    same("filtered", &log, &[By::Provider, By::Who], &filter);
}

#[test]
fn only_the_format_asked_for_is_read() {
    let log = [&noise(), "550 5.1.1 no such user\n550 5.2.2 full\n", ODD, EXIM, ODD_EVENTS].concat().repeat(3);
    for format in ["postfix", "exim", "plain"] {
        same_as(Some(format), format, log.as_bytes(), &[], &Filter::default());
    }
}

/// Also of records that are filtered out it is told that their year was
/// assumed.
/// Lines of programs that share a log with a mail server.
const OTHERS: &str = r#"Nov 21 17:40:48 mx dovecot: imap-login: Login: user=<a@example.org>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, TLS
Nov 21 17:40:48 mx dovecot: lmtp(7): Error: delivery failed: mailbox a@example.org is over quota
Nov 21 17:40:48 mx opendkim[811]: 4B12345: DKIM-Signature field added (s=mail, d=example.org)
Nov 21 17:40:48 mx amavis[12]: (12-01) Blocked SPAM {RejectedInbound}, [192.0.2.1] <a@example.org> -> <b@example.org>, Hits: 9
Nov 21 17:40:49 mx CRON[99]: (root) CMD (run-parts /etc/cron.hourly)
Nov 21 17:40:49 mx relayd[5]: <b@example.org>: 550 5.1.1 no such user
Nov 21 17:40:49 mx gate: said: 550 5.7.1 rejected
Nov 21 17:40:50 mx sm-mta[7]: 9AL0: to=<b@example.org>, relay=mx.example.org. [192.0.2.9], dsn=5.1.1, stat=User unknown
Nov 21 17:40:50 mx smtpd[7]: 1a2b mta delivery evpid=1a to=<b@example.org> relay="192.0.2.9 (mx)" result="PermFail" stat="550 no"
Nov 21 17:40:51 mx kernel: id=S 16f0 DEFERRED[x]
Nov 21 17:40:51 mx : no program
2026-11-21 18:01:37 mx sshd[9]: Connection closed by 192.0.2.1 port 550
2026-11-21 18:01:38 1xUpP7-00003B-2B Completed
2026-11-21T18:01:38Z mx rspamd[1]: rejected é mailbox
2026-11-21T18:01:38Z mx rspamd[1]: len: 550, time: 250.5ms
2026-11-21T18:01:38Z mx rspamd[1]: len: 550
2026-11-21T18:01:38Z said rspamd[1]: len 421
2026-11-21T18:01:38Z said 421[1]: too many
Nov 21 18:01:38 mx dovecot: lmtp: said 452 over quota
Nov 21 18:01:38 mx dovecot: lmtp: stored mail into mailbox 'INBOX'
Nov 21 18:01:38 mx2 dovecot: lmtp: id=x a.1 DEFERRED from=<a@example.com> to=<b@example.com> (451 later)
"#;

#[test]
fn lines_of_other_programs_are_counted_alike() {
    let sendmail_first = OTHERS.lines().rev().map(|line| format!("{line}\n")).collect::<String>();
    for order in [OTHERS, &sendmail_first] {
        // A line that another format claims changes who is asked of those behind it.
        let log = [&noise(), &order.repeat(30), "421 try later\n", order].concat();
        same("others", log.as_bytes(), &[], &Filter::default());
        let none_claimed: String =
            log.lines().filter(|l| !l.contains("sm-mta") && !l.contains(" smtpd[")).map(|l| format!("{l}\n")).collect();
        same("others alone", none_claimed.as_bytes(), &[], &Filter::default());
    }
}

#[test]
fn years_are_assumed_alike() {
    let filter = Filter { domain: vec!["nowhere.example".into()], ..Filter::default() };
    let seen = "Nov 21 17:40:49 mx postfix/smtp[1]: 4B12346: to=<b@example.com>, relay=none, dsn=4.4.1, status=deferred (no)\n";
    same("assumed", [&noise(), seen].concat().as_bytes(), &[], &filter);
}

#[test]
fn every_log_is_shown_alike() {
    for (name, log) in logs() {
        let several_pieces = &log[..log.len().min(150_000)];
        shown_alike(&format!("shown {name}"), several_pieces, Format::Jsonl, &Filter::default());
    }
}

#[test]
fn formats_and_filters_do_not_change_what_is_shown() {
    let log = [noise().into_bytes(), ODD.repeat(300).into_bytes()].concat();
    for format in [Format::Json, Format::Csv, Format::Text] {
        shown_alike("shown in a format", &log, format, &Filter::default());
    }
    let filter = Filter { verdict: vec!["!ok".into()], domain: vec!["example.com".into()], ..Filter::default() };
    shown_alike("shown and filtered", &log, Format::Jsonl, &filter);
}
