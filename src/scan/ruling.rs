//! What each record means: the matcher asked once for texts of one shape. It
//! must not know formats or output.

mod shared;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::tally::host;
use crate::catalogue::{Catalogue, Cause, Entry, Hosts, Speaker};
use crate::codes::rows::{Verdict, Who};
use crate::codes::status::{Stage, Status};
use crate::explain::alike::{Own, Pattern};
use crate::explain::details::Places;
use crate::explain::{self, Finding};
use crate::hash::{Digest, Digests, Itself};
use crate::input::record::Said;
use crate::input::{Direction, Kind, Record, plain};
use crate::matcher::shape::Shaper;
use crate::matcher::{self, By, Confidence, Context, Decision};
use crate::reply::Reply;
use shared::{About, Answer, Kept, Shared};

/// What is told about a record without words.
#[derive(Clone, PartialEq)]
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
    hosts: Arc<Hosts>,
    shaper: Shaper,
    digests: Digests,
    /// What was decided by this judge and those made from it.
    shared: Shared,
    /// Rulings given, each at its number.
    rulings: Vec<Arc<Kept>>,
    /// These numbers by those that the shared answers have.
    numbers: HashMap<u64, u32, Itself>,
    /// The numbers last given, each at the place that the digest of what it was
    /// given for names.
    recent: Vec<(Digest, u32)>,
    /// The hosts lately met, each at the place that the last bits of the digest
    /// of its name tell; in their stead stands the number of its provider.
    providers: Vec<u64>,
    told: RefCell<HashMap<Told, Finding>>,
}

/// A ruling, and what it is about besides its cause.
type Decided = (Ruling, Option<Named>);

/// Finds the number of the ruling on a text met under some circumstances.
type Looker = fn(&mut Judge, u64, &str, &dyn Fn(&Judge) -> Option<Decided>) -> u32;

/// An address, and where it stands in the text.
struct Named {
    text: String,
    at: Range<usize>,
}

/// A text with all that its full answer depends on.
#[derive(PartialEq, Eq, Hash)]
struct Told {
    text: String,
    /// The MTA's own status, where it is all there is.
    mta_dsn: Option<String>,
    relay: Option<String>,
    stage: Option<Stage>,
    inbound: bool,
    recipient: Option<String>,
    sender: Option<String>,
}

/// Numbers remembered, a power of two.
const RECENT: usize = 8192;

/// Rulings that a judge has numbers for.
const MOST_RULINGS: usize = 4096;

/// Hosts of which the provider is kept, a power of two, and the bits of a
/// provider's number; no provider has the highest.
const HOSTS: usize = 8192;
const NUMBER: u64 = u16::MAX as u64;

/// Full answers kept: a deferred mail is refused again and again in the same words.
const TOLD: usize = 128;

/// Number of no ruling.
const NONE: u32 = u32::MAX;

/// What a digest was made of.
const RECORD: u8 = 1;
const PLAIN: u8 = 2;
/// Added where it is what a text resembles.
const RESEMBLES: u64 = 1 << 63;

/// Number of the ruling on what was delivered.
pub const DELIVERED: u32 = 0;

impl Judge {
    pub fn new(catalogue: Catalogue, speaker: Option<Speaker>) -> Judge {
        Judge {
            catalogue,
            speaker,
            hosts: Arc::new(Hosts::new(catalogue)),
            shaper: Shaper::new(catalogue.tables),
            digests: Digests::default(),
            shared: Shared::default(),
            rulings: vec![Arc::new(Kept { ruling: delivered(catalogue), about: None })],
            numbers: HashMap::default(),
            recent: Vec::new(),
            providers: Vec::new(),
            told: RefCell::default(),
        }
    }

    /// What makes shapes as this one goes by them.
    pub fn shaper(&self) -> Shaper {
        self.shaper.again()
    }

    /// Another one like this, that goes by what this one decides, and this one
    /// by what it decides.
    pub fn again(&self) -> Judge {
        Judge {
            hosts: Arc::clone(&self.hosts),
            shaper: self.shaper.again(),
            digests: self.digests.clone(),
            shared: self.shared.clone(),
            rulings: self.rulings[..=DELIVERED as usize].to_vec(),
            numbers: HashMap::default(),
            recent: Vec::new(),
            providers: Vec::new(),
            told: RefCell::default(),
            ..*self
        }
    }

    /// What `record` means.
    pub fn rule(&mut self, record: &Record<'_>) -> Ruling {
        self.make_room();
        let number = if is_done(record) { DELIVERED } else { self.asked(&record.said(), Judge::by_shape) };
        let mut ruling = self.ruling(number).clone();
        let text = &record.text;
        ruling.about = self.about(number, text).map(str::to_string);
        ruling.provider = host(record.relay.as_deref(), record.recipient.as_deref()).and_then(|host| self.provider(host));
        ruling
    }

    /// What `record` means, asked of the matcher with its own words: slow, and
    /// what [`Judge::rule`] must agree with.
    pub fn rule_by_text(&mut self, record: &Record<'_>) -> Ruling {
        let provider = host(record.relay.as_deref(), record.recipient.as_deref()).and_then(|host| self.provider(host));
        let decided = || self.decide(&record.said(), None);
        let (ruling, about) = if is_done(record) { (delivered(self.catalogue), None) } else { decided() };
        Ruling { provider, about: about.map(|named| named.text), ..ruling }
    }

    /// Forgets the numbers it gave, if they became many: they are void then.
    pub fn make_room(&mut self) {
        if self.rulings.len() > MOST_RULINGS {
            self.rulings.truncate(DELIVERED as usize + 1);
            self.numbers.clear();
            self.recent.clear();
        }
    }

    /// Number of the ruling on `record`, good until [`Judge::make_room`]. What
    /// it is about is told by [`Judge::about`].
    pub fn number(&mut self, record: &Record<'_>) -> u32 {
        if is_done(record) { DELIVERED } else { self.number_of(&record.said()) }
    }

    /// The same for a record that tells of no delivery.
    pub fn number_of(&mut self, said: &Said<'_>) -> u32 {
        self.asked(said, Judge::by_looks)
    }

    /// The number of the ruling on what was said, which `look` finds for texts.
    fn asked(&mut self, said: &Said<'_>, look: Looker) -> u32 {
        let speaker = said.relay.map(|relay| self.provider(relay));
        let stage = said.stage.map_or(0, |s| s as u8 + 1);
        let [low, high] = speaker.map_or(0, |s| s.map_or(1, |s| s.number + 2)).to_le_bytes();
        let inbound = u8::from(said.direction == Direction::In);
        // The MTA's own status is all there is where there are no words.
        let wordless = said.text.is_empty();
        let circumstances = u64::from_le_bytes([RECORD, stage, inbound, low, high, u8::from(wordless), 0, 0]);
        if wordless {
            self.shaper.make(said.text);
            let digest = self.digests.of(circumstances, said.words().as_bytes());
            return self.decided(digest, &|judge| Some(judge.decide(said, speaker)));
        }
        look(self, circumstances, said.text, &|judge| Some(judge.decide(&Said { text: judge.shaper.shape(), ..*said }, speaker)))
    }

    /// The number of what `decide` says to the shape of a text, which is made
    /// only where the text resembles none before it.
    fn by_looks(&mut self, circumstances: u64, text: &str, decide: &dyn Fn(&Judge) -> Option<Decided>) -> u32 {
        let resembles = self.shaper.resembles(text);
        let looks = resembles.then(|| self.digests.of(circumstances | RESEMBLES, self.shaper.looks()));
        if let Some(number) = looks.and_then(|looks| self.recent(looks)) {
            return number;
        }
        let number = self.by_shape(circumstances, text, decide);
        match looks {
            Some(looks) => self.remember(looks, number),
            None => self.shaper.learn(text),
        }
        number
    }

    /// The number of what `decide` says to the shape of a text, which is left.
    fn by_shape(&mut self, circumstances: u64, text: &str, decide: &dyn Fn(&Judge) -> Option<Decided>) -> u32 {
        self.shaper.make(text);
        let digest = self.digests.of(circumstances, self.shaper.shape().as_bytes());
        self.decided(digest, decide)
    }

    /// The number of what was decided for a digest, or what `decide` says.
    fn decided(&mut self, digest: Digest, decide: &dyn Fn(&Judge) -> Option<Decided>) -> u32 {
        if let Some(number) = self.recent(digest) {
            return number;
        }
        let answer = self.shared.get(digest).unwrap_or_else(|| {
            let decided = decide(self).map(|decided| self.kept(decided));
            self.shared.keep(digest, decided)
        });
        let number = self.place_of(answer);
        self.remember(digest, number);
        number
    }

    /// As [`Judge::number`] for a line that may be a bare reply; `None` where
    /// it is none.
    pub fn plain(&mut self, line: &str) -> Option<u32> {
        let number = self.by_looks(u64::from(PLAIN), line, &|judge| {
            let record = plain::read(judge.shaper.shape(), 0)?;
            Some(judge.decide(&record.said(), None))
        });
        (number != NONE).then_some(number)
    }

    pub fn ruling(&self, number: u32) -> &Ruling {
        &self.rulings[number as usize].ruling
    }

    /// What the finding on the record last asked about with [`Judge::number`]
    /// is about, besides its cause.
    pub fn about<'t>(&self, number: u32, text: &'t str) -> Option<&'t str> {
        match self.rulings[number as usize].about.as_ref()? {
            About::Numbered(number) => self.shaper.address(text, *number),
            About::Same(address) => text.find(&**address).map(|at| &text[at..at + address.len()]),
        }
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

    fn context<'r>(&self, said: &Said<'r>) -> Context<'r> {
        Context {
            speaker: self.speaker,
            relay: said.relay,
            stage: said.stage,
            inbound: said.direction == Direction::In,
            ..Context::default()
        }
    }

    /// As [`Judge::context`], with all that an answer names.
    fn whole_context<'r>(&self, record: &'r Record<'_>) -> Context<'r> {
        Context { recipient: record.recipient.as_deref(), sender: record.sender.as_deref(), ..self.context(&record.said()) }
    }

    /// The number last given for this.
    fn recent(&self, digest: Digest) -> Option<u32> {
        let (met, number) = self.recent.get(digest.place(RECENT))?;
        (*met == digest).then_some(*number)
    }

    fn remember(&mut self, digest: Digest, number: u32) {
        self.recent.resize(RECENT, (Digest::default(), NONE));
        self.recent[digest.place(RECENT)] = (digest, number);
    }

    /// The number of an answer, which many texts have in common.
    fn place_of(&mut self, answer: Answer) -> u32 {
        let Some((id, kept)) = answer else { return NONE };
        let rulings = &mut self.rulings;
        *self.numbers.entry(id).or_insert_with(|| {
            rulings.push(kept);
            (rulings.len() - 1) as u32
        })
    }

    /// What was decided for the shape made last, as it holds for all its texts.
    fn kept(&self, (ruling, named): Decided) -> Kept {
        let about = named.map(|named| match self.shaper.number_of(&named.at) {
            Some(number) => About::Numbered(number),
            None => About::Same(named.text.into()),
        });
        Kept { ruling, about }
    }

    /// The ruling on what was said, and the address that it is about; whose
    /// host the relay is may be known already.
    fn decide(&self, said: &Said<'_>, relay_speaker: Option<Option<Speaker>>) -> Decided {
        let context = Context { relay_speaker, ..self.context(said) };
        let reply = explain::read(self.catalogue, said.words());
        let decision = matcher::decide(self.catalogue, &reply, context);
        let unfounded = decision.bare && decision.cause.id() == "unknown" && decision.verdict == Verdict::Remove;
        let about = matches!(decision.cause.id(), "blocklisted-ip" | "reverse-dns" | "bad-reputation");
        let named = about.then(|| Named::of(self.catalogue, &reply, &decision)).flatten();
        let ruling = Ruling {
            cause: decision.cause,
            verdict: if unfounded { Verdict::Unknown } else { decision.verdict },
            who: decision.who,
            confidence: decision.confidence,
            speaker: decision.speaker,
            entry: decision.entry,
            code: reply.code(),
            enhanced: reply.enhanced().filter(|_| reply.numbers.enhanced_first && !said.text.is_empty()),
            about: None,
            provider: None,
            by_text: decision.by == By::Phrase,
        };
        (ruling, named)
    }

    fn find(&self, record: &Record<'_>) -> Finding {
        let mut finding = explain::explain(self.catalogue, record.said().words(), self.whole_context(record));
        settle(&mut finding, &record.text);
        finding
    }

    /// The pattern of the answers to records like this one, whose texts are of
    /// one `shape`, and all else that an answer hangs on is the same; and the
    /// answer with its placeholders open.
    pub fn pattern(&self, record: &Record<'_>, shape: &str) -> Option<(Pattern, Finding)> {
        let (pattern, mut outline) = Pattern::of(self.catalogue, shape, self.whole_context(record))?;
        settle(&mut outline, &record.text);
        Some((pattern, outline))
    }

    /// The shape of what an answer for a record is made from.
    pub fn shape(&mut self, record: &Record<'_>) -> &str {
        self.shaper.make(record.said().words());
        self.shaper.shape()
    }

    /// As [`Judge::rule`], with the shape.
    pub fn rule_and_shape(&mut self, record: &Record<'_>) -> (Ruling, &str) {
        let ruling = self.rule(record);
        // The ruling on other records has left it.
        let left = !is_done(record) && !record.text.is_empty();
        (ruling, if left { self.shaper.shape() } else { self.shape(record) })
    }

    /// What an answer by `pattern` says of this record alone.
    pub fn own<'r>(&self, pattern: &Pattern, record: &'r Record<'_>) -> Option<Own<'r>> {
        pattern.own(record.said().words(), self.whole_context(record))
    }

    /// The provider that a host belongs to.
    pub fn provider(&mut self, host: &str) -> Option<Speaker> {
        let digest = self.digests.short(host.as_bytes());
        let place = digest as usize % HOSTS;
        if let Some(met) = self.providers.get(place).filter(|met| (**met ^ digest) <= NUMBER) {
            return self.catalogue.nth_speaker((met & NUMBER) as u16);
        }
        let found = self.hosts.speaker(host);
        self.providers.resize(HOSTS, 0);
        self.providers[place] = digest & !NUMBER | found.map_or(NUMBER, |speaker| u64::from(speaker.number));
        found
    }
}

/// What a log makes of an answer to `text`.
fn settle(finding: &mut Finding, text: &str) {
    // A number typed alone is looked up and gets the usual advice; in a log
    // it is all that a server said of this address.
    if finding.bare && finding.cause.id() == "unknown" && finding.verdict == Verdict::Remove {
        finding.verdict = Verdict::Unknown;
    }
    // The MTA's own status is not the server's word.
    finding.enhanced_first &= !text.is_empty();
}

/// The message of an attempt went out.
fn is_done(record: &Record<'_>) -> bool {
    record.kind == Kind::Attempt && record.is_delivered()
}

fn delivered(catalogue: Catalogue) -> Ruling {
    let cause = catalogue.cause("delivered").expect("the catalogue has the cause 'delivered'");
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

impl Named {
    /// The client address that a reply names.
    fn of(catalogue: Catalogue, reply: &Reply<'_>, decision: &Decision) -> Option<Named> {
        let at = Places::of(catalogue.tables, reply, decision).ip(reply.text())?;
        Some(Named { text: reply.text()[at.clone()].to_string(), at: reply.in_input(at) })
    }
}

impl Told {
    fn new(record: &Record<'_>) -> Told {
        let owned = |s: Option<&str>| s.map(str::to_string);
        Told {
            text: record.text.to_string(),
            mta_dsn: owned(record.mta_dsn.as_deref().filter(|_| record.text.is_empty())),
            relay: owned(record.relay.as_deref()),
            stage: record.stage,
            inbound: record.direction == Direction::In,
            recipient: owned(record.recipient.as_deref()),
            sender: owned(record.sender.as_deref()),
        }
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
