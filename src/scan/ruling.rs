//! What each record means: the matcher asked once for equal texts. It must not
//! know formats or output.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::catalogue::{Catalogue, Cause, Entry, Speaker};
use crate::codes::rows::{Verdict, Who};
use crate::codes::status::Status;
use crate::explain::{self, Finding};
use crate::input::{Direction, Kind, Record};
use crate::matcher::{Confidence, Context};

/// What is told about a record without words.
#[derive(Clone)]
pub struct Ruling {
    pub cause: Cause,
    pub verdict: Verdict,
    pub who: Who,
    pub confidence: Confidence,
    pub speaker: Option<Speaker>,
    pub entry: Option<Entry>,
    pub code: Option<u16>,
    /// The server's own enhanced code: one further on in the text may be quoted.
    pub enhanced: Option<Status>,
    /// What the finding is about besides its cause: the address on a list.
    pub about: Option<String>,
    /// Whose host the attempt went to, whoever spoke.
    pub provider: Option<Speaker>,
    /// A rule knew the text; `false`: only the numbers spoke.
    pub by_text: bool,
}

/// Asks the matcher, and keeps the answers to the latest texts.
pub struct Judge {
    catalogue: Catalogue,
    speaker: Option<Speaker>,
    known: HashMap<Key, Ruling>,
    told: RefCell<HashMap<Told, Finding>>,
    providers: HashMap<String, Option<Speaker>>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    text: String,
    /// The MTA's own status, where it is all there is.
    mta_dsn: Option<String>,
    relay: String,
    stage: Option<crate::codes::status::Stage>,
    inbound: bool,
}

/// A text with the addresses that its full answer names.
#[derive(PartialEq, Eq, Hash)]
struct Told {
    key: Key,
    recipient: Option<String>,
    sender: Option<String>,
}

/// Answers kept; a log repeats itself.
const KEPT: usize = 4096;

/// Full answers kept: a deferred mail is refused again and again in the same words.
const TOLD: usize = 1024;

impl Judge {
    pub fn new(catalogue: Catalogue, speaker: Option<Speaker>) -> Judge {
        Judge { catalogue, speaker, known: HashMap::new(), told: RefCell::default(), providers: HashMap::new() }
    }

    /// What `record` means.
    pub fn rule(&mut self, record: &Record<'_>) -> Ruling {
        let provider = self.provider(record);
        Ruling { provider, ..self.rule_text(record) }
    }

    fn rule_text(&mut self, record: &Record<'_>) -> Ruling {
        let key = Key::new(record);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        let ruling = self.ask(record);
        self.known.insert(key, ruling.clone());
        ruling
    }

    fn ask(&self, record: &Record<'_>) -> Ruling {
        if record.is_delivered() && record.kind == Kind::Attempt {
            return self.delivered();
        }
        ruling(&self.find(record))
    }

    /// The full answer for a record.
    pub fn explain(&self, record: &Record<'_>) -> Finding {
        let asked = Told::new(record);
        if let Some(finding) = self.told.borrow().get(&asked) {
            return finding.clone();
        }
        let finding = self.find(record);
        let mut told = self.told.borrow_mut();
        if told.len() >= TOLD {
            told.clear();
        }
        told.insert(asked, finding.clone());
        finding
    }

    fn find(&self, record: &Record<'_>) -> Finding {
        let context = Context {
            speaker: self.speaker,
            relay: record.relay.as_deref(),
            stage: record.stage,
            inbound: record.direction == Direction::In,
            recipient: record.recipient.as_deref(),
            sender: record.sender.as_deref(),
        };
        let text = if record.text.is_empty() { record.mta_dsn.as_deref().unwrap_or("") } else { &record.text };
        let mut finding = explain::explain(self.catalogue, text, context);
        // A number typed alone is looked up and gets the usual advice; in a log
        // it is all that a server said of this address.
        if finding.bare && finding.cause.id() == "unknown" && finding.verdict == Verdict::Remove {
            finding.verdict = Verdict::Unknown;
        }
        // The MTA's own status is not the server's word.
        finding.enhanced_first &= !record.text.is_empty();
        finding
    }

    fn provider(&mut self, record: &Record<'_>) -> Option<Speaker> {
        let host = host(record)?;
        if let Some(known) = self.providers.get(host) {
            return *known;
        }
        if self.providers.len() >= KEPT {
            self.providers.clear();
        }
        let found = self.catalogue.speaker_of_host(host);
        self.providers.insert(host.to_string(), found);
        found
    }

    fn delivered(&self) -> Ruling {
        let cause = self.catalogue.cause("delivered").expect("the catalogue has the cause 'delivered'");
        Ruling {
            cause,
            verdict: Verdict::Ok,
            who: cause.who(),
            confidence: Confidence::High,
            speaker: None,
            entry: None,
            code: None,
            enhanced: None,
            about: None,
            provider: None,
            by_text: true,
        }
    }
}

impl Key {
    fn new(record: &Record<'_>) -> Key {
        Key {
            text: record.text.to_string(),
            mta_dsn: record.mta_dsn.as_deref().filter(|_| record.text.is_empty()).map(str::to_string),
            relay: record.relay.as_deref().unwrap_or("").to_string(),
            stage: record.stage,
            inbound: record.direction == Direction::In,
        }
    }
}

impl Told {
    fn new(record: &Record<'_>) -> Told {
        let owned = |s: Option<&str>| s.map(str::to_string);
        Told { key: Key::new(record), recipient: owned(record.recipient.as_deref()), sender: owned(record.sender.as_deref()) }
    }
}

/// The host that an attempt went to: the relay, or the recipient's domain where
/// no relay is named.
pub(super) fn host<'r>(record: &'r Record<'_>) -> Option<&'r str> {
    let domain = || record.recipient.as_deref().and_then(|r| r.rsplit_once('@')).map(|(_, d)| d);
    record.relay.as_deref().or_else(domain)
}

fn ruling(f: &Finding) -> Ruling {
    let about = matches!(f.cause.id(), "blocklisted-ip" | "reverse-dns" | "bad-reputation").then(|| f.details.ip.clone()).flatten();
    Ruling {
        cause: f.cause,
        verdict: f.verdict,
        who: f.who,
        confidence: f.confidence,
        speaker: f.speaker,
        entry: f.entry,
        code: f.code,
        enhanced: f.enhanced.filter(|_| f.enhanced_first),
        about,
        provider: None,
        by_text: f.matched.by == crate::matcher::By::Phrase,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_with_only_a_status_are_told_apart() {
        let mut judge = Judge::new(Catalogue::built_in(), None);
        let mut cause = |dsn: &'static str| {
            let record = Record { mta_dsn: Some(dsn.into()), status: Some("bounced".into()), ..Record::default() };
            judge.rule(&record).cause.id()
        };
        assert_eq!((cause("5.1.1"), cause("5.2.2")), ("mailbox-unknown", "mailbox-full"));
    }

    #[test]
    fn an_answer_kept_names_the_addresses_of_its_own_record() {
        let judge = Judge::new(Catalogue::built_in(), None);
        let told = |to: &'static str| {
            let record = Record { text: "550 5.1.1 User unknown".into(), recipient: Some(to.into()), ..Record::default() };
            judge.explain(&record).details.recipient
        };
        assert_eq!((told("a@example.com"), told("b@example.com")), (Some("a@example.com".into()), Some("b@example.com".into())));
        assert_eq!(told("a@example.com").as_deref(), Some("a@example.com"));
    }
}
