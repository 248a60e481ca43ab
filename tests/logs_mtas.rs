//! Real lines of the logs of Exim, Sendmail, OpenSMTPD, qmail, Courier, Haraka
//! and the small programs, and the records that they must give. Beside each
//! log stands a file of records, one JSON object a line.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use serde_json::Value;
use smtpwhy::input::bulk::{stalwart::Stalwart, zonemta::ZoneMta};
use smtpwhy::input::courier::Courier;
use smtpwhy::input::envelope::Message;
use smtpwhy::input::exim::Exim;
use smtpwhy::input::haraka::Haraka;
use smtpwhy::input::opensmtpd::OpenSmtpd;
use smtpwhy::input::qmail::Qmail;
use smtpwhy::input::sendmail::Sendmail;
use smtpwhy::input::small::{chasquid::Chasquid, dma::Dma, nullmailer::Nullmailer};
use smtpwhy::input::{Lines, Record};

mod support;
use support::as_json;

fn readers() -> Vec<Box<dyn Lines>> {
    vec![
        Box::<Exim>::default(),
        Box::<Sendmail>::default(),
        Box::<OpenSmtpd>::default(),
        Box::<Qmail>::default(),
        Box::<Courier>::default(),
        Box::<Haraka>::default(),
        Box::<Chasquid>::default(),
        Box::<Dma>::default(),
        Box::<Nullmailer>::default(),
        Box::<Stalwart>::default(),
        Box::<ZoneMta>::default(),
    ]
}

/// The two envelopes that these files have: `STAMP HOST IDENT[PID]: TEXT` with
/// a stamp of RFC 3164 or ISO 8601; or none.
fn open(line: &str) -> Message<'_> {
    let is = |at: usize, byte: u8| line.as_bytes().get(at) == Some(&byte);
    let end = match () {
        () if is(6, b' ') && is(9, b':') && is(15, b' ') => 15,
        () if is(10, b'T') && is(26, b'+') && is(32, b' ') => 32,
        () => return Message { text: Cow::Borrowed(line), ..Message::default() },
    };
    let (_, rest) = line[end + 1..].split_once(' ').unwrap();
    let (ident, text) = rest.split_once(": ").unwrap_or((rest.trim_end_matches(':'), ""));
    let name = ident.split_once('[').filter(|(_, pid)| pid.trim_end_matches(']').bytes().all(|b| b.is_ascii_digit()));
    let ident = name.map_or(ident, |(name, _)| name);
    Message { time: Some(Cow::Borrowed(&line[..end])), ident: Some(Cow::Borrowed(ident)), text: Cow::Borrowed(text) }
}

/// Reads a log; each line may be claimed by one reader at most.
fn read(log: &str) -> Vec<Record<'static>> {
    let (mut readers, mut records) = (readers(), Vec::new());
    for (line, text) in (1..).zip(log.lines()) {
        let message = open(text);
        let mut claims: Vec<_> = readers.iter_mut().filter(|r| r.claims(&message)).collect();
        assert!(claims.len() <= 1, "two readers claim: {text}");
        let Some(reader) = claims.first_mut() else { continue };
        let mut out = Vec::new();
        reader.read(&message, line, &mut out);
        records.extend(out.into_iter().map(Record::into_owned));
    }
    for reader in &mut readers {
        reader.end(&mut records);
    }
    records
}

fn compare(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/mtas");
    let log = fs::read(folder.join(format!("{name}.log"))).unwrap();
    let log = String::from_utf8_lossy(&log);
    let expected = fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
    let expected: Vec<Value> = expected.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let records = read(&log);
    for (record, expected) in records.iter().zip(&expected) {
        assert_eq!(&as_json(record), expected, "{name}, line {}", record.line);
    }
    assert_eq!(records.len(), expected.len(), "{name}");
    let format = name.split(['-', '.']).next().unwrap();
    assert!(records.iter().all(|r| r.format == format && r.line > 0), "{name}");
}

#[test]
fn exim() {
    compare("exim-mainlog");
    compare("exim-rejectlog");
    compare("exim-syslog.iso8601");
    compare("exim-long");
}

#[test]
fn sendmail() {
    compare("sendmail.iso8601");
}

#[test]
fn opensmtpd() {
    compare("opensmtpd.rfc3164");
}

#[test]
fn qmail() {
    compare("qmail");
}

#[test]
fn courier() {
    compare("courier.rfc3164");
}

#[test]
fn haraka() {
    compare("haraka-default");
    compare("haraka-json");
}

#[test]
fn small_programs() {
    compare("chasquid");
    compare("dma.rfc3164");
    compare("nullmailer");
}

/// Damaged lines must neither stop a reader nor cross a character.
#[test]
fn no_line_makes_a_reader_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/mtas");
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below.max(1) as u64).unwrap()
    };
    for entry in fs::read_dir(folder).unwrap() {
        let log = fs::read(entry.unwrap().path()).unwrap();
        for _ in 0..20 {
            let mut log = log.clone();
            for _ in 0..log.len() / 40 {
                let at = random(log.len());
                match random(4) {
                    0 => log[at] = b"<>[]():=\"\\ ,.-@#\n"[random(17)],
                    1 => drop(log.remove(at)),
                    2 => log.insert(at, b'\xc3'),
                    _ => log[at] = u8::try_from(random(256)).unwrap(),
                }
            }
            let text = String::from_utf8_lossy(&log).into_owned();
            let mut readers = readers();
            for (line, text) in (1..).zip(text.lines()) {
                let ident = ["exim", "sendmail", "smtpd", "courieresmtp", "dma[x]"][random(5)];
                let rest = text.split_once(": ").map_or(text, |(_, rest)| rest);
                let named = Message { ident: Some(Cow::Borrowed(ident)), text: Cow::Borrowed(rest), ..Message::default() };
                let bare = Message { text: Cow::Borrowed(text), ..Message::default() };
                for reader in &mut readers {
                    for message in [&named, &bare] {
                        if reader.claims(message) {
                            reader.read(message, line, &mut Vec::new());
                        }
                    }
                }
            }
        }
    }
}
