//! The line formats in the order in which they are asked. It must not know how
//! any of them reads.

use crate::input::Lines;
use crate::input::exchange::{Pasted, Protocol, Tracking};
use crate::input::{exim::Exim, hmailserver::HMailServer, opensmtpd::OpenSmtpd, postfix::Postfix, queues::Queues};

/// A reader of each line format, with its name.
pub fn all() -> Vec<(&'static str, Box<dyn Lines>)> {
    vec![
        ("postfix", Box::new(Postfix::default())),
        ("exim", Box::new(Exim::default())),
        ("opensmtpd", Box::new(OpenSmtpd::default())),
        ("exchange-tracking", Box::new(Tracking::default())),
        ("exchange-protocol", Box::new(Protocol::default())),
        ("exchange", Box::new(Pasted::default())),
        ("hmailserver", Box::new(HMailServer::default())),
        ("queue", Box::new(Queues::default())),
    ]
}
