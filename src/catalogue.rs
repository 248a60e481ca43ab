//! The catalogue for readers: causes, entries, codes and terms by id, number
//! or name, without the offsets behind them. It must not know replies or
//! output.

use std::collections::HashMap;

use crate::codes::rows::*;
use crate::codes::status::Status;

/// The rows that `build.rs` printed; they name variants without their types.
mod built_in {
    use std::borrow::Cow;

    use crate::codes::rows::{Kind::*, Slot::*, Target::*, Trust::*, Verdict::*, Who::*, *};
    use crate::codes::status::Status;

    include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
}

/// All that is known about replies; [`Catalogue::built_in`] is compiled into
/// the program.
#[derive(Clone, Copy)]
pub struct Catalogue {
    pub(crate) tables: &'static Tables,
}

macro_rules! view {
    ($(#[$doc:meta])* $name:ident, $row:ty, $list:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name {
            pub(crate) tables: &'static Tables,
            pub(crate) number: u16,
        }

        impl $name {
            pub(crate) fn row(&self) -> &'static $row {
                &self.tables.$list[self.number as usize]
            }

            fn str(&self, s: Str) -> &'static str {
                self.tables.str(s)
            }

            #[allow(dead_code, reason = "not every view has lists")]
            fn list(&self, l: List) -> Vec<&'static str> {
                self.tables.strs(l).collect()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.number == other.number
            }
        }
    };
}

view!(
    /// Why mail failed: one of a closed list.
    Cause, CauseRow, causes
);
view!(
    /// Who spoke: a mailbox provider, service, server, filter, list or client.
    Speaker, SpeakerRow, speakers
);
view!(
    /// One known reply.
    Entry, EntryRow, entries
);
view!(
    /// A term of the glossary.
    Term, TermRow, terms
);
view!(
    /// A three-digit reply code.
    Code, CodeRow, codes
);
view!(
    /// An enhanced status code of the registry, without its class.
    Registered, StatusRow, statuses
);

impl Catalogue {
    /// The catalogue compiled into the program.
    pub fn built_in() -> Catalogue {
        Catalogue { tables: &built_in::BUILT_IN }
    }

    /// The built-in catalogue with a user's own rules laid over it: files, or
    /// folders of `.toml` files, the later ones on top.
    ///
    /// # Errors
    /// A file that cannot be read, or a mistake in one, with file and entry.
    #[cfg(feature = "cli")]
    pub fn with_own(paths: &[std::path::PathBuf]) -> Result<Catalogue, crate::codes::source::Mistake> {
        let mut files = Vec::new();
        for path in paths {
            files.extend(crate::codes::source::read_own(path)?);
        }
        let tables = crate::codes::compile::overlay(&built_in::BUILT_IN, &files)?;
        // A catalogue lives as long as the program; there is one of it.
        Ok(Catalogue { tables: Box::leak(Box::new(tables)) })
    }

    /// This catalogue with drafts laid over it, to try their examples.
    ///
    /// # Errors
    /// A mistake in a draft.
    #[cfg(feature = "cli")]
    pub(crate) fn with_drafts(self, drafts: crate::codes::source::Own) -> Result<Catalogue, crate::codes::source::Mistake> {
        let tables = crate::codes::compile::overlay(self.tables, &[("drafts".to_string(), drafts)])?;
        Ok(Catalogue { tables: Box::leak(Box::new(tables)) })
    }

    pub fn causes(self) -> impl Iterator<Item = Cause> {
        numbers(self.tables.causes.len()).map(move |number| Cause { tables: self.tables, number })
    }

    pub fn entries(self) -> impl Iterator<Item = Entry> {
        numbers(self.tables.entries.len()).map(move |number| Entry { tables: self.tables, number })
    }

    /// The speaker that has this number.
    pub fn nth_speaker(self, number: u16) -> Option<Speaker> {
        (usize::from(number) < self.tables.speakers.len()).then_some(Speaker { tables: self.tables, number })
    }

    pub fn speakers(self) -> impl Iterator<Item = Speaker> {
        numbers(self.tables.speakers.len()).map(move |number| Speaker { tables: self.tables, number })
    }

    pub fn terms(self) -> impl Iterator<Item = Term> {
        numbers(self.tables.terms.len()).map(move |number| Term { tables: self.tables, number })
    }

    pub fn codes(self) -> impl Iterator<Item = Code> {
        numbers(self.tables.codes.len()).map(move |number| Code { tables: self.tables, number })
    }

    /// How many generic rules there are.
    pub fn rules(self) -> usize {
        self.tables.rules.len()
    }

    /// How many concepts the generic rules combine.
    pub fn concepts(self) -> usize {
        self.tables.concepts.len()
    }

    /// All pages that facts were taken from.
    pub fn sources(self) -> Vec<Source> {
        let str = |s| self.tables.str(s);
        self.tables.sources.iter().map(|s| Source { url: str(s.url), seen: str(s.seen) }).collect()
    }

    pub fn statuses(self) -> impl Iterator<Item = Registered> {
        numbers(self.tables.statuses.len()).map(move |number| Registered { tables: self.tables, number })
    }

    /// Entries whose id, title, numbers, cause or example hold all the words,
    /// ignoring case.
    pub fn search(self, words: &str) -> Vec<Entry> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let holds = |e: &Entry| {
            let text = [e.id(), e.title(), e.cause().id(), e.example(), e.means(), e.speaker().name()].join(" ").to_lowercase();
            let codes = e.codes().iter().map(u16::to_string).collect::<Vec<_>>();
            let statuses = e.enhanced().iter().map(ToString::to_string).collect::<Vec<_>>();
            words.iter().all(|w| text.contains(w.as_str()) || codes.contains(w) || statuses.contains(w))
        };
        self.entries().filter(|e| !e.is_retired() && holds(e)).collect()
    }

    pub fn cause(self, id: &str) -> Option<Cause> {
        self.causes().find(|c| c.id() == id)
    }

    pub fn entry(self, id: &str) -> Option<Entry> {
        self.entries().find(|e| e.id() == id)
    }

    pub fn speaker(self, id: &str) -> Option<Speaker> {
        self.speakers().find(|s| s.id() == id)
    }

    /// The speaker whose host names end `host`, the longest ending winning.
    pub fn speaker_of_host(self, host: &str) -> Option<Speaker> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let ends = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let best = |s: &Speaker| self.tables.strs(s.row().hosts).filter(|h| ends(h)).map(str::len).max();
        self.speakers().filter_map(|s| best(&s).map(|len| (len, s))).max_by_key(|(len, _)| *len).map(|(_, s)| s)
    }

    /// A term by its name or one of its aliases, ignoring case.
    pub fn term(self, name: &str) -> Option<Term> {
        self.terms()
            .find(|t| t.name().eq_ignore_ascii_case(name))
            .or_else(|| self.terms().find(|t| t.aliases().iter().any(|a| a.eq_ignore_ascii_case(name))))
    }

    pub fn code(self, code: u16) -> Option<Code> {
        let at = self.tables.codes.binary_search_by_key(&code, |c| c.code).ok()?;
        Some(Code { tables: self.tables, number: short(at) })
    }

    pub fn status(self, status: Status) -> Option<Registered> {
        let key = (status.subject, status.detail);
        let at = self.tables.statuses.binary_search_by_key(&key, |s| (s.subject, s.detail)).ok()?;
        Some(Registered { tables: self.tables, number: short(at) })
    }

    /// Title and meaning of a code's first digit (RFC 5321 section 4.2.1).
    pub fn code_class(self, digit: u16) -> Option<Digit> {
        self.digit(&self.tables.code_classes, digit)
    }

    /// Title and meaning of a code's second digit (RFC 5321 section 4.2.1).
    pub fn code_subject(self, digit: u16) -> Option<Digit> {
        self.digit(&self.tables.code_subjects, digit)
    }

    /// Title and meaning of an enhanced code's class (RFC 3463 section 3.1).
    pub fn status_class(self, digit: u16) -> Option<Digit> {
        self.digit(&self.tables.status_classes, digit)
    }

    /// Title and meaning of an enhanced code's subject (RFC 3463 section 4).
    pub fn status_subject(self, digit: u16) -> Option<Digit> {
        self.digit(&self.tables.status_subjects, digit)
    }

    fn digit(self, rows: &'static [DigitRow], digit: u16) -> Option<Digit> {
        let row = rows.iter().find(|d| d.digit == digit)?;
        let str = |s| self.tables.str(s);
        Some(Digit { title: str(row.title), means: str(row.means), advice: str(row.advice) })
    }
}

/// What one digit of a code means.
#[derive(Clone, Copy, Debug)]
pub struct Digit {
    pub title: &'static str,
    pub means: &'static str,
    pub advice: &'static str,
}

/// A page that a fact was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub url: &'static str,
    /// The day the fact was last compared, as `2026-11-21`.
    pub seen: &'static str,
}

impl Cause {
    pub fn id(&self) -> &'static str {
        self.str(self.row().id)
    }
    pub fn family(&self) -> &'static str {
        self.str(self.row().family)
    }
    pub fn verdict(&self) -> Verdict {
        self.row().verdict
    }
    pub fn who(&self) -> Who {
        self.row().who
    }
    pub fn title(&self) -> &'static str {
        self.str(self.row().title)
    }
    /// A clause that can follow "the text says".
    pub fn brief(&self) -> &'static str {
        self.str(self.row().brief)
    }
    pub fn means(&self) -> &'static str {
        self.str(self.row().means)
    }
    pub fn steps(&self) -> Vec<&'static str> {
        self.list(self.row().steps)
    }
    pub fn commands(&self) -> Vec<&'static str> {
        self.list(self.row().commands)
    }
    pub fn terms(&self) -> Vec<Term> {
        terms(self.tables, self.row().terms)
    }
}

impl Speaker {
    pub fn id(&self) -> &'static str {
        self.str(self.row().id)
    }
    pub fn name(&self) -> &'static str {
        self.str(self.row().name)
    }
    pub fn kind(&self) -> Kind {
        self.row().kind
    }
    /// Endings of its relays' host names.
    pub fn hosts(&self) -> Vec<&'static str> {
        self.list(self.row().hosts)
    }
    /// How it retries or delivers, where that is worth knowing.
    pub fn habit(&self) -> &'static str {
        self.str(self.row().habit)
    }
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<> {
        let (tables, list, own) = (self.tables, self.row().entries, self.number);
        let entry = move |n: u32| Entry { tables, number: short(n as usize) };
        let ours = (u32::from(tables.first_own)..u32::try_from(tables.entries.len()).unwrap_or(0)).map(entry);
        let ours = ours.filter(move |e| e.row().speaker == own);
        (list.at..list.at + u32::from(list.len)).map(entry).chain(ours).filter(|e| !e.is_retired())
    }
}

impl Entry {
    pub fn id(&self) -> &'static str {
        self.str(self.row().id)
    }
    pub fn speaker(&self) -> Speaker {
        Speaker { tables: self.tables, number: self.row().speaker }
    }
    pub fn cause(&self) -> Cause {
        Cause { tables: self.tables, number: self.row().cause }
    }
    /// The entry's verdict before the reply code is looked at.
    pub fn verdict(&self) -> Verdict {
        self.row().verdict.unwrap_or_else(|| self.cause().verdict())
    }
    pub fn who(&self) -> Who {
        self.row().who.unwrap_or_else(|| self.cause().who())
    }
    /// May hold placeholders such as `{domain}`.
    pub fn title(&self) -> &'static str {
        let own = self.str(self.row().title);
        if own.is_empty() { self.cause().title() } else { own }
    }
    /// What is particular to this reply; empty where its cause says all.
    pub fn means(&self) -> &'static str {
        self.str(self.row().means)
    }
    pub fn url(&self) -> &'static str {
        self.str(self.row().url)
    }
    pub fn note(&self) -> &'static str {
        self.str(self.row().note)
    }
    pub fn example(&self) -> &'static str {
        self.str(self.row().example)
    }
    pub fn codes(&self) -> &'static [u16] {
        self.tables.reply_codes(self.row().codes)
    }
    pub fn enhanced(&self) -> &'static [Status] {
        self.tables.reply_statuses(self.row().enhanced)
    }
    /// One of a user's own rules.
    pub fn is_own(&self) -> bool {
        self.number >= self.tables.first_own
    }
    /// Taken out by a user's own rules.
    pub fn is_retired(&self) -> bool {
        self.row().retired
    }
    pub fn is_http(&self) -> bool {
        self.row().http
    }
    /// Steps in order: the entry's own first, then its cause's, at most six.
    pub fn steps(&self) -> Vec<&'static str> {
        let own = self.list(self.row().steps);
        let rest = if own.is_empty() { self.cause().steps() } else { own };
        joined(self.list(self.row().first), rest, 6)
    }
    pub fn commands(&self) -> Vec<&'static str> {
        let own_steps = self.row().steps.len > 0;
        let rest = if own_steps { Vec::new() } else { self.cause().commands() };
        joined(self.list(self.row().commands), rest, 4)
    }
    pub fn terms(&self) -> Vec<Term> {
        let mut all = self.cause().terms();
        for term in terms(self.tables, self.row().terms) {
            if !all.contains(&term) {
                all.push(term);
            }
        }
        all
    }
    pub fn sources(&self) -> Vec<Source> {
        sources(self.tables, self.row().sources)
    }
}

impl Code {
    pub fn number(&self) -> u16 {
        self.row().code
    }
    pub fn title(&self) -> &'static str {
        self.str(self.row().title)
    }
    pub fn means(&self) -> &'static str {
        self.str(self.row().means)
    }
    /// What to do when only the number is known.
    pub fn advice(&self) -> &'static str {
        self.str(self.row().advice)
    }
    pub fn cause(&self) -> Cause {
        Cause { tables: self.tables, number: self.row().cause }
    }
    pub fn verdict(&self) -> Verdict {
        self.row().verdict
    }
    pub fn stages(&self) -> Vec<&'static str> {
        self.list(self.row().stage)
    }
    /// Defined by a standard, not only seen in the wild.
    pub fn is_standard(&self) -> bool {
        self.row().standard
    }
    pub fn note(&self) -> &'static str {
        self.str(self.row().note)
    }
    pub fn terms(&self) -> Vec<Term> {
        terms(self.tables, self.row().terms)
    }
    pub fn sources(&self) -> Vec<Source> {
        sources(self.tables, self.row().sources)
    }
}

impl Registered {
    /// The code with an `X` for its class.
    pub fn status(&self) -> Status {
        Status { class: 0, subject: self.row().subject, detail: self.row().detail }
    }
    pub fn title(&self) -> &'static str {
        self.str(self.row().title)
    }
    /// The name the registry gives it.
    pub fn registry(&self) -> &'static str {
        self.str(self.row().registry)
    }
    pub fn means(&self) -> &'static str {
        self.str(self.row().means)
    }
    pub fn advice(&self) -> &'static str {
        self.str(self.row().advice)
    }
    pub fn note(&self) -> &'static str {
        self.str(self.row().note)
    }
    pub fn codes(&self) -> &'static [u32] {
        self.tables.nums(self.row().with)
    }
    /// Cause and verdict in class 2, 4 or 5; for another class the first of 5,
    /// 4 and 2 that makes sense.
    pub fn outcome(&self, class: u16) -> Option<(Cause, Verdict)> {
        let row = self.row();
        let outcome = match class {
            2 => row.success,
            4 => row.temporary,
            5 => row.permanent,
            _ => row.permanent.or(row.temporary).or(row.success),
        }?;
        Some((Cause { tables: self.tables, number: outcome.cause }, outcome.verdict))
    }
    pub fn terms(&self) -> Vec<Term> {
        terms(self.tables, self.row().terms)
    }
    pub fn sources(&self) -> Vec<Source> {
        sources(self.tables, self.row().sources)
    }
}

impl Term {
    pub fn name(&self) -> &'static str {
        self.str(self.row().term)
    }
    pub fn aliases(&self) -> Vec<&'static str> {
        self.list(self.row().aliases)
    }
    pub fn means(&self) -> &'static str {
        self.str(self.row().means)
    }
    pub fn url(&self) -> &'static str {
        self.str(self.row().url)
    }
}

/// The speakers by the ends of their host names, for many look-ups.
pub struct Hosts {
    by_end: HashMap<&'static str, Speaker>,
}

impl Hosts {
    pub fn new(catalogue: Catalogue) -> Hosts {
        let ends = catalogue.speakers().flat_map(|s| catalogue.tables.strs(s.row().hosts).map(move |end| (end, s)));
        Hosts { by_end: ends.collect() }
    }

    /// As [`Catalogue::speaker_of_host`].
    pub fn speaker(&self, host: &str) -> Option<Speaker> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let ends = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
        std::iter::once(host.as_str()).chain(ends).find_map(|end| self.by_end.get(end).copied())
    }
}

fn terms(tables: &'static Tables, list: List) -> Vec<Term> {
    tables.nums(list).iter().map(|n| Term { tables, number: short(*n as usize) }).collect()
}

fn sources(tables: &'static Tables, list: List) -> Vec<Source> {
    let source = |n: &u32| tables.sources[*n as usize];
    tables.nums(list).iter().map(source).map(|s| Source { url: tables.str(s.url), seen: tables.str(s.seen) }).collect()
}

/// `first`, then what of `rest` is not in it, at most `most`.
fn joined(first: Vec<&'static str>, rest: Vec<&'static str>, most: usize) -> Vec<&'static str> {
    let mut all = first;
    for item in rest {
        if all.len() < most && !all.contains(&item) {
            all.push(item);
        }
    }
    all
}

fn numbers(len: usize) -> impl Iterator<Item = u16> {
    0..short(len)
}

fn short(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
