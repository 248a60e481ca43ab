//! What the targets run. Each takes any bytes and must return; the names are
//! those of `fuzz_targets/`, `seeds/` and `dict/`.

mod checks;
mod explain;
mod fast;
mod lines;
mod reply;
mod rules;
mod whole;

pub use explain::explain;
pub use fast::{log, shape};
pub use lines::{bulk, courier, envelope, exchange, exim, haraka, hmailserver, opensmtpd, postfix, qmail, queues, sendmail, small};
pub use reply::reply;
pub use rules::rules;
pub use whole::{bounce, csv, events, transcript};

/// All targets by name.
pub const TARGETS: [(&str, fn(&[u8])); 22] = [
    ("postfix", postfix),
    ("exim", exim),
    ("sendmail", sendmail),
    ("opensmtpd", opensmtpd),
    ("qmail", qmail),
    ("courier", courier),
    ("haraka", haraka),
    ("small", small),
    ("bulk", bulk),
    ("exchange", exchange),
    ("hmailserver", hmailserver),
    ("queues", queues),
    ("envelope", envelope),
    ("transcript", transcript),
    ("csv", csv),
    ("bounce", bounce),
    ("events", events),
    ("rules", rules),
    ("reply", reply),
    ("explain", explain),
    ("shape", shape),
    ("log", log),
];
