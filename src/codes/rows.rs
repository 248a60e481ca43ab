//! The catalogue as plain rows: integers that point into one text blob.
//!
//! `build.rs` prints these rows as Rust source, so the program starts without
//! parsing or building anything; a user's own rules make the same rows at run
//! time. This module must not know TOML, replies or output.

use std::borrow::Cow;
use std::ops::Range;

use super::status::Status;

/// A piece of [`Tables::text`]: byte offset and length. There are many of
/// these; packed, no room is lost between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(Rust, packed(2))]
pub struct Str {
    pub at: u32,
    pub len: u16,
}

/// A run in one of the pools of [`Tables`]: [`Tables::nums`] unless the field
/// says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(Rust, packed(2))]
pub struct List {
    pub at: u32,
    pub len: u16,
}

impl Str {
    fn range(self) -> Range<usize> {
        self.at as usize..self.at as usize + usize::from(self.len)
    }
}

impl List {
    fn range(self) -> Range<usize> {
        self.at as usize..self.at as usize + usize::from(self.len)
    }
}

/// What to do with a message or an address after a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing went wrong.
    Ok,
    /// Send again later, unchanged.
    Retry,
    /// Change something on the sending or receiving side first.
    Fix,
    /// Stop mailing this address.
    Remove,
    /// The reply does not say.
    Unknown,
}

impl Verdict {
    /// Every verdict with its name in data, options and JSON.
    pub const ALL: [(&'static str, Verdict); 5] =
        [("ok", Verdict::Ok), ("retry", Verdict::Retry), ("fix", Verdict::Fix), ("remove", Verdict::Remove), ("unknown", Verdict::Unknown)];

    pub fn parse(name: &str) -> Option<Verdict> {
        Verdict::ALL.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }

    pub fn name(self) -> &'static str {
        Verdict::ALL[self as usize].0
    }
}

/// Who can mend a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    Nobody,
    Sender,
    SenderAdmin,
    SenderHost,
    Recipient,
    Receiver,
}

impl Who {
    /// Every value with its name in data and JSON.
    pub const ALL: [(&'static str, Who); 6] = [
        ("nobody", Who::Nobody),
        ("sender", Who::Sender),
        ("sender-admin", Who::SenderAdmin),
        ("sender-host", Who::SenderHost),
        ("recipient", Who::Recipient),
        ("receiver", Who::Receiver),
    ];

    pub fn parse(name: &str) -> Option<Who> {
        Who::ALL.iter().find(|(n, _)| *n == name).map(|(_, w)| *w)
    }

    pub fn name(self) -> &'static str {
        Who::ALL[self as usize].0
    }
}

/// How far the source of an entry was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    Low,
    Medium,
    High,
}

/// What kind of speaker a catalogue file describes; the name of its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Provider,
    Service,
    Server,
    Filter,
    Blocklist,
    Client,
}

#[derive(Clone, Copy, Debug)]
pub struct CauseRow {
    pub id: Str,
    pub family: Str,
    pub verdict: Verdict,
    pub who: Who,
    pub title: Str,
    /// A clause that can follow "the text says": "the mailbox is full".
    pub brief: Str,
    pub means: Str,
    pub steps: List,
    pub commands: List,
    pub terms: List,
}

#[derive(Clone, Copy, Debug)]
pub struct SpeakerRow {
    pub id: Str,
    pub name: Str,
    pub kind: Kind,
    pub hosts: List,
    pub habit: Str,
    pub entries: List,
}

/// One known reply. An empty [`Str`] or [`List`] means "not given".
#[derive(Clone, Copy, Debug)]
pub struct EntryRow {
    pub id: Str,
    pub title: Str,
    pub means: Str,
    pub url: Str,
    pub note: Str,
    pub example: Str,
    pub speaker: u16,
    pub cause: u16,
    pub verdict: Option<Verdict>,
    pub who: Option<Who>,
    pub trust: Trust,
    /// In [`Tables::reply_codes`].
    pub codes: List,
    /// In [`Tables::reply_statuses`].
    pub enhanced: List,
    pub first: List,
    pub steps: List,
    pub commands: List,
    pub terms: List,
    pub sources: List,
    /// How many `says` phrases must all occur; 0: no text of its own.
    pub says: u8,
    pub here: bool,
    pub strict: bool,
    pub http: bool,
    /// Taken out by a user's own rules; the id is still known.
    pub retired: bool,
}

/// A generic rule: concepts that occur together in one clause.
#[derive(Clone, Copy, Debug)]
pub struct RuleRow {
    pub id: Str,
    pub title: Str,
    pub cause: u16,
    pub verdict: Option<Verdict>,
    /// Concepts needed, as [`Tables::nums`]; [`NEGATED`] is added where the
    /// concept must be negated.
    pub needs: List,
    pub without: List,
    /// Most words that may stand between the first and the last concept.
    pub within: u16,
    pub ordered: bool,
    /// Concepts may stand in different clauses.
    pub anywhere: bool,
    /// How much such a text tells: 1 vague, 2 plain, 3 telling.
    pub weight: u8,
    pub codes: List,
    pub enhanced: List,
    pub stages: List,
}

/// Added to a concept number in [`RuleRow::needs`]: it must be negated.
pub const NEGATED: u32 = 1 << 16;

#[derive(Clone, Copy, Debug)]
pub struct ConceptRow {
    pub id: Str,
    /// The concept also counts inside hosts, URLs and addresses.
    pub inside: bool,
    /// A thing ("mailbox"), not a property: a negation does not touch it.
    pub thing: bool,
    /// Every address, host, IP address or link counts as a mention.
    pub slot: Option<Slot>,
}

#[derive(Clone, Copy, Debug)]
pub struct CodeRow {
    pub code: u16,
    pub title: Str,
    pub means: Str,
    pub advice: Str,
    pub cause: u16,
    pub verdict: Verdict,
    /// The code is believed, whatever the text.
    pub telling: bool,
    pub stage: List,
    pub standard: bool,
    pub terms: List,
    pub note: Str,
    pub sources: List,
}

/// Cause and verdict of an enhanced code in one class.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub cause: u16,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug)]
pub struct StatusRow {
    pub subject: u16,
    pub detail: u16,
    pub title: Str,
    pub registry: Str,
    pub means: Str,
    pub advice: Str,
    pub with: List,
    pub success: Option<Outcome>,
    pub temporary: Option<Outcome>,
    pub permanent: Option<Outcome>,
    /// Concepts one of which makes a text fit this code.
    pub fits: List,
    /// Classes in which the code is believed, whatever the text.
    pub telling: List,
    pub terms: List,
    pub note: Str,
    pub sources: List,
}

/// Meaning of one digit: the class of a code, or the subject in its middle.
#[derive(Clone, Copy, Debug)]
pub struct DigitRow {
    pub digit: u16,
    pub title: Str,
    pub means: Str,
    pub advice: Str,
}

#[derive(Clone, Copy, Debug)]
pub struct TermRow {
    pub term: Str,
    pub aliases: List,
    pub means: Str,
    pub url: Str,
}

#[derive(Clone, Copy, Debug)]
pub struct SourceRow {
    pub url: Str,
    pub seen: Str,
}

/// What a matched phrase counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The n-th `says` of an entry.
    Says(u16, u8),
    /// An `also` of an entry: enough by itself.
    Also(u16),
    /// A `not` of an entry: rules it out.
    Not(u16),
    /// A `text` of an entry: enough when it is the whole reply.
    Whole(u16),
    /// A mark of a speaker.
    Mark(u16),
    /// The registry's name of an enhanced code, when it is the whole reply.
    Registry(u16),
    /// A concept of the generic rules.
    Concept(u16),
}

/// A run of words and slots in [`Tables::parts`]; values below
/// [`FIRST_WORD`] are slots.
#[derive(Clone, Copy, Debug)]
pub struct PhraseRow {
    pub parts: List,
    pub target: Target,
}

/// Phrases that begin with the same one or two words. They end where those of
/// the next group begin.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupRow {
    pub first: u16,
    /// 0: the phrases have one word, or a slot in second place.
    pub second: u16,
    pub at: u32,
}

/// Word number of a word that stands in no phrase.
pub const NO_WORD: u16 = 0;
/// The first number given to a word; smaller ones are slots.
pub const FIRST_WORD: u16 = 16;

/// A place in a phrase that takes one thing of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Ip = 1,
    Addr = 2,
    Domain = 3,
    Host = 4,
    Url = 5,
    Number = 6,
    Any = 7,
}

impl Slot {
    pub const ALL: [(&'static str, Slot); 8] = [
        ("ip", Slot::Ip),
        ("addr", Slot::Addr),
        ("domain", Slot::Domain),
        ("host", Slot::Host),
        ("url", Slot::Url),
        ("n", Slot::Number),
        ("id", Slot::Any),
        ("any", Slot::Any),
    ];

    /// The slot a phrase part stands for, `None` for a word.
    pub fn of(part: u16) -> Option<Slot> {
        Slot::ALL.iter().map(|(_, s)| *s).find(|s| *s as u16 == part)
    }
}

/// The whole catalogue. Built-in tables borrow from the program; a user's own
/// rules make owned ones.
pub struct Tables {
    pub text: Cow<'static, str>,
    pub nums: Cow<'static, [u32]>,
    /// What phrases are made of.
    pub parts: Cow<'static, [u16]>,
    pub strs: Cow<'static, [Str]>,
    /// Three-digit codes of entries.
    pub reply_codes: Cow<'static, [u16]>,
    /// Enhanced codes of entries.
    pub reply_statuses: Cow<'static, [Status]>,
    pub causes: Cow<'static, [CauseRow]>,
    pub speakers: Cow<'static, [SpeakerRow]>,
    pub entries: Cow<'static, [EntryRow]>,
    pub concepts: Cow<'static, [ConceptRow]>,
    pub rules: Cow<'static, [RuleRow]>,
    /// The concept of words that negate ("not", "no", "cannot").
    pub negator: u16,
    /// Number of the first entry of a user's own; `u16::MAX` where there are
    /// none.
    pub first_own: u16,
    pub codes: Cow<'static, [CodeRow]>,
    pub code_classes: Cow<'static, [DigitRow]>,
    pub code_subjects: Cow<'static, [DigitRow]>,
    pub statuses: Cow<'static, [StatusRow]>,
    pub status_classes: Cow<'static, [DigitRow]>,
    pub status_subjects: Cow<'static, [DigitRow]>,
    pub terms: Cow<'static, [TermRow]>,
    pub sources: Cow<'static, [SourceRow]>,
    /// Every word of every phrase, one behind the other.
    pub words: Cow<'static, str>,
    /// Where each word ends; its number is the index + [`FIRST_WORD`].
    pub word_ends: Cow<'static, [u32]>,
    /// Open-addressed hash table over the words: their numbers, 0 = free.
    pub word_slots: Cow<'static, [u16]>,
    pub phrases: Cow<'static, [PhraseRow]>,
    /// Ends with a group of no words.
    pub groups: Cow<'static, [GroupRow]>,
    /// Open-addressed hash table over `groups`: index + 1, 0 = free.
    pub group_slots: Cow<'static, [u16]>,
}

impl Tables {
    pub fn str(&self, s: Str) -> &str {
        &self.text[s.range()]
    }

    pub fn parts(&self, l: List) -> &[u16] {
        &self.parts[l.range()]
    }

    pub fn nums(&self, l: List) -> &[u32] {
        &self.nums[l.range()]
    }

    pub fn strs(&self, l: List) -> impl ExactSizeIterator<Item = &str> + '_ {
        self.strs[l.range()].iter().map(|s| self.str(*s))
    }

    pub fn reply_codes(&self, l: List) -> &[u16] {
        &self.reply_codes[l.range()]
    }

    pub fn reply_statuses(&self, l: List) -> &[Status] {
        &self.reply_statuses[l.range()]
    }

    /// All words, by their numbers.
    #[allow(dead_code, reason = "a reply alone needs none of them all")]
    pub fn words(&self) -> impl Iterator<Item = &str> {
        (0..self.word_ends.len()).map(|n| self.nth_word(n))
    }

    fn nth_word(&self, n: usize) -> &str {
        let start = if n == 0 { 0 } else { self.word_ends[n - 1] as usize };
        &self.words[start..self.word_ends[n] as usize]
    }

    /// The number of a word, [`NO_WORD`] where no phrase holds it.
    pub fn word(&self, word: &str) -> u16 {
        let mask = self.word_slots.len() - 1;
        let mut at = hash_word(word.as_bytes()) as usize & mask;
        loop {
            let number = self.word_slots[at];
            if number == NO_WORD || self.nth_word(usize::from(number - FIRST_WORD)) == word {
                return number;
            }
            at = (at + 1) & mask;
        }
    }

    /// The phrases that begin with these two words (0: see [`GroupRow`]).
    pub fn group(&self, first: u16, second: u16) -> &[PhraseRow] {
        let mask = self.group_slots.len() - 1;
        let mut at = hash_pair(first, second) as usize & mask;
        loop {
            let Some(index) = usize::from(self.group_slots[at]).checked_sub(1) else { return &[] };
            let g = self.groups[index];
            if g.first == first && g.second == second {
                return &self.phrases[g.at as usize..self.groups[index + 1].at as usize];
            }
            at = (at + 1) & mask;
        }
    }
}

/// FNV-1a: short keys, no state, the same at build time and at run time.
pub fn hash_word(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}

/// Fibonacci hashing of two word numbers.
pub fn hash_pair(first: u16, second: u16) -> u32 {
    let key = u32::from(first) << 16 | u32::from(second);
    let mixed = key.wrapping_mul(0x9e37_79b1);
    mixed ^ mixed >> 15
}
