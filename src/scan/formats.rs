//! The line formats in the order in which they are asked. It must not know how
//! any of them reads.

use crate::input::Lines;
use crate::input::bulk::{stalwart::Stalwart, zonemta::ZoneMta};
use crate::input::exchange::{Pasted, Protocol, Tracking};
use crate::input::small::{chasquid::Chasquid, dma::Dma, nullmailer::Nullmailer};
use crate::input::{courier::Courier, exim::Exim, haraka::Haraka, hmailserver::HMailServer, opensmtpd::OpenSmtpd};
use crate::input::{postfix::Postfix, qmail::Qmail, queues::Queues, sendmail::Sendmail};

/// A reader of each line format, with its name.
pub fn all() -> Vec<(&'static str, Box<dyn Lines + Send>)> {
    vec![
        ("postfix", Box::new(Postfix::default())),
        ("exim", Box::new(Exim::default())),
        ("sendmail", Box::new(Sendmail::default())),
        ("opensmtpd", Box::new(OpenSmtpd::default())),
        ("qmail", Box::new(Qmail::default())),
        ("courier", Box::new(Courier::default())),
        ("haraka", Box::new(Haraka::default())),
        ("dma", Box::new(Dma::default())),
        ("nullmailer", Box::new(Nullmailer::default())),
        ("chasquid", Box::new(Chasquid::default())),
        ("stalwart", Box::new(Stalwart)),
        ("zonemta", Box::new(ZoneMta::default())),
        ("exchange-tracking", Box::new(Tracking::default())),
        ("exchange-protocol", Box::new(Protocol::default())),
        ("exchange", Box::new(Pasted::default())),
        ("hmailserver", Box::new(HMailServer::default())),
        ("queue", Box::new(Queues::default())),
    ]
}
