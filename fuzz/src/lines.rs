//! Logs: fed line by line to one reader, as a scan does.

use smtpwhy::input::bulk::{stalwart::Stalwart, zonemta::ZoneMta};
use smtpwhy::input::exchange::{Pasted, Protocol, Tracking};
use smtpwhy::input::small::{chasquid::Chasquid, dma::Dma, nullmailer::Nullmailer};
use smtpwhy::input::time::Time;
use smtpwhy::input::{Lines, Record, envelope};
use smtpwhy::input::{courier::Courier, exim::Exim, haraka::Haraka, hmailserver::HMailServer, opensmtpd::OpenSmtpd};
use smtpwhy::input::{postfix::Postfix, qmail::Qmail, queues::Queues, sendmail::Sendmail};

use crate::checks::{message_holds, record_holds, words_hold};

pub fn postfix(data: &[u8]) {
    log(data, || Box::new(Postfix::default()));
}

pub fn exim(data: &[u8]) {
    log(data, || Box::new(Exim::default()));
}

pub fn sendmail(data: &[u8]) {
    log(data, || Box::new(Sendmail::default()));
}

pub fn opensmtpd(data: &[u8]) {
    log(data, || Box::new(OpenSmtpd::default()));
}

pub fn qmail(data: &[u8]) {
    log(data, || Box::new(Qmail::default()));
}

pub fn courier(data: &[u8]) {
    log(data, || Box::new(Courier::default()));
}

pub fn haraka(data: &[u8]) {
    log(data, || Box::new(Haraka::default()));
}

pub fn hmailserver(data: &[u8]) {
    log(data, || Box::new(HMailServer::default()));
}

pub fn queues(data: &[u8]) {
    log(data, || Box::new(Queues::default()));
}

/// dma, nullmailer and chasquid; the first byte chooses.
pub fn small(data: &[u8]) {
    one_of(data, &[|| Box::new(Dma::default()), || Box::new(Nullmailer::default()), || Box::new(Chasquid::default())]);
}

/// Tracking logs, protocol logs and what the shell prints; the first byte
/// chooses.
pub fn exchange(data: &[u8]) {
    one_of(data, &[|| Box::new(Tracking::default()), || Box::new(Protocol::default()), || Box::new(Pasted::default())]);
}

/// Stalwart, ZoneMTA and KumoMTA; the first byte chooses.
pub fn bulk(data: &[u8]) {
    match data.split_first() {
        Some((b'k', data)) => crate::whole::events(data),
        _ => one_of(data, &[|| Box::new(Stalwart), || Box::new(ZoneMta::default())]),
    }
}

/// What transports wrap around lines, and stamps of time.
pub fn envelope(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for line in text.lines() {
        let message = envelope::open(line);
        message_holds(line, &message);
        let stamps = [message.time.as_deref(), Some(line)];
        for time in stamps.into_iter().flatten().filter_map(|t| Time::parse(t, 2024)) {
            assert_eq!(Time::parse(&time.to_string(), 2024), Some(time), "a time shown is not read back: {line:?}");
        }
    }
}

/// Feeds a log, with heads of syslog or bare, to a reader and checks its
/// records; now and then twice, as nothing may depend on chance.
fn log(data: &[u8], make: impl Fn() -> Box<dyn Lines>) {
    let text = String::from_utf8_lossy(data);
    let first = read(&text, make());
    if data.len() % 8 == 0 {
        assert_eq!(first, read(&text, make()), "the same log reads differently");
    }
}

/// As [`log`]; the first byte chooses one of several readers.
fn one_of(data: &[u8], makes: &[fn() -> Box<dyn Lines>]) {
    let Some((choice, data)) = data.split_first() else { return };
    log(data, makes[usize::from(*choice) % makes.len()]);
}

fn read(text: &str, mut reader: Box<dyn Lines>) -> Vec<Record<'static>> {
    let mut all = Vec::new();
    let mut last = 0;
    for (number, line) in (1..).zip(text.lines()) {
        let message = envelope::open(line);
        message_holds(line, &message);
        if !reader.claims(&message) {
            continue;
        }
        last = number;
        let mut records = Vec::new();
        reader.read(&message, number, &mut records);
        let mut more = Vec::new();
        reader.more(&mut more);
        while !more.is_empty() {
            records.extend(more.drain(..));
            reader.more(&mut more);
        }
        for record in records {
            record_holds(&record, last);
            all.push(record.into_owned());
        }
    }
    let before = all.len();
    reader.end(&mut all);
    all[before..].iter().for_each(|r| record_holds(r, last));
    words_hold(text, &all);
    all
}
