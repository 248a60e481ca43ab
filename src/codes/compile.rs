//! Turns the catalogue as written ([`super::source`]) into rows
//! ([`super::rows`]), and refuses what does not fit together: unknown causes,
//! terms, concepts or sources, repeated ids, phrases without a word.

mod index;
mod overlay;
mod phrases;
mod pools;

pub use overlay::overlay;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::rows::*;
use super::source::{self, Folder, Mistake};
use super::status::{Stage, Status};

/// Compiles a folder into tables.
///
/// # Errors
/// The first [`Mistake`] found, with file and entry.
pub fn compile(folder: &Folder) -> Result<Tables, Mistake> {
    let mut c = Compiler::default();
    c.names(folder)?;
    c.terms(&folder.glossary);
    c.causes(&folder.causes)?;
    c.phrases(&folder.phrases)?;
    c.basic(&folder.basic)?;
    c.enhanced(&folder.enhanced)?;
    for (file, kind, speaker) in &folder.speakers {
        c.speaker(file, kind, speaker)?;
    }
    c.finish()
}

#[derive(Default)]
struct Compiler {
    text: String,
    interned: HashMap<String, Str>,
    nums: Vec<u32>,
    parts: Vec<u16>,
    num_lists: HashMap<Vec<u32>, List>,
    strs: Vec<Str>,
    reply_codes: Vec<u16>,
    reply_statuses: Vec<Status>,
    causes: Vec<CauseRow>,
    speakers: Vec<SpeakerRow>,
    entries: Vec<EntryRow>,
    concepts: Vec<ConceptRow>,
    rules: Vec<RuleRow>,
    codes: Vec<CodeRow>,
    code_classes: Vec<DigitRow>,
    code_subjects: Vec<DigitRow>,
    statuses: Vec<StatusRow>,
    status_classes: Vec<DigitRow>,
    status_subjects: Vec<DigitRow>,
    terms: Vec<TermRow>,
    sources: Vec<SourceRow>,
    source_numbers: HashMap<String, u32>,
    words: String,
    word_ends: Vec<u32>,
    word_numbers: HashMap<String, u16>,
    phrases: Vec<(Vec<u16>, Target)>,
    cause_numbers: HashMap<String, u16>,
    term_numbers: HashMap<String, u16>,
    concept_numbers: HashMap<String, u16>,
    negator: u16,
    /// Number of the first entry of a user's own.
    first_own: u16,
    at: Place,
    /// Where a text or list stood that is longer than any should be.
    overlong: Option<Place>,
}

/// Where we are, for messages.
#[derive(Default, Clone)]
struct Place {
    file: String,
    entry: String,
}

type Done<T> = Result<T, Mistake>;

impl Compiler {
    fn mistake<T>(&self, what: String) -> Done<T> {
        Err(Mistake { file: self.at.file.clone(), entry: self.at.entry.clone(), what })
    }

    fn go(&mut self, file: &str, entry: &str) {
        self.at = Place { file: file.into(), entry: entry.into() };
    }

    /// Numbers for everything that others refer to by name.
    fn names(&mut self, folder: &Folder) -> Done<()> {
        self.go("causes.toml", "");
        for (n, cause) in folder.causes.cause.iter().enumerate() {
            if self.cause_numbers.insert(cause.id.clone(), short(n)).is_some() {
                return self.mistake(format!("cause '{}' is defined twice", cause.id));
            }
        }
        self.go("glossary.toml", "");
        for (n, term) in folder.glossary.term.iter().enumerate() {
            for name in std::iter::once(&term.term).chain(&term.aliases) {
                self.term_numbers.entry(name.to_lowercase()).or_insert(short(n));
            }
        }
        self.go("phrases.toml", "");
        for (n, concept) in folder.phrases.concept.iter().enumerate() {
            if self.concept_numbers.insert(concept.id.clone(), short(n)).is_some() {
                return self.mistake(format!("concept '{}' is defined twice", concept.id));
            }
        }
        match self.concept_numbers.get("negator") {
            Some(n) => self.negator = *n,
            None => return self.mistake("the concept 'negator' is missing".into()),
        }
        self.unique_ids(folder)
    }

    fn unique_ids(&mut self, folder: &Folder) -> Done<()> {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (file, _, speaker) in &folder.speakers {
            for entry in &speaker.entry {
                self.go(file, &entry.id);
                if let Some(other) = seen.insert(&entry.id, file) {
                    return self.mistake(format!("this id stands in {other} too"));
                }
            }
        }
        Ok(())
    }

    fn terms(&mut self, glossary: &source::Glossary) {
        for t in &glossary.term {
            let row =
                TermRow { term: self.str(&t.term), aliases: self.str_list(&t.aliases), means: self.str(&t.means), url: self.str(&t.url) };
            self.terms.push(row);
        }
    }

    fn causes(&mut self, causes: &source::Causes) -> Done<()> {
        for c in &causes.cause {
            self.go("causes.toml", &c.id);
            let row = CauseRow {
                id: self.str(&c.id),
                family: self.str(&c.family),
                verdict: self.verdict(&c.verdict)?,
                who: self.who(&c.who)?,
                title: self.str(&c.title),
                brief: self.str(&c.brief),
                means: self.str(&c.means),
                steps: self.str_list(&c.steps),
                commands: self.str_list(&c.commands),
                terms: self.term_list(&c.terms)?,
            };
            self.causes.push(row);
        }
        Ok(())
    }

    fn phrases(&mut self, phrases: &source::Phrases) -> Done<()> {
        for (n, concept) in phrases.concept.iter().enumerate() {
            self.go("phrases.toml", &concept.id);
            let row = self.concept_row(concept)?;
            self.concepts.push(row);
            self.add_phrases(&concept.any, |_| Target::Concept(short(n)))?;
        }
        for rule in &phrases.rule {
            self.go("phrases.toml", &rule.id);
            let row = self.rule(rule)?;
            self.rules.push(row);
        }
        Ok(())
    }

    fn concept_row(&mut self, concept: &source::Concept) -> Done<ConceptRow> {
        let slot = concept.slot.as_deref().map(|name| self.slot(name)).transpose()?;
        let (inside, thing) = (concept.inside, concept.thing || slot.is_some());
        Ok(ConceptRow { id: self.str(&concept.id), inside, thing, slot })
    }

    fn rule(&mut self, r: &source::Rule) -> Done<RuleRow> {
        let needs = r.needs.iter().map(|n| self.need(n)).collect::<Done<Vec<u32>>>()?;
        let without = r.without.iter().map(|n| self.need(n)).collect::<Done<Vec<u32>>>()?;
        let mut stages = Vec::new();
        for name in &r.stage {
            match Stage::parse(name) {
                Some(stage) => stages.push(stage as u32),
                None => return self.mistake(format!("unknown stage '{name}'")),
            }
        }
        if needs.is_empty() {
            return self.mistake("needs at least one concept".into());
        }
        Ok(RuleRow {
            id: self.str(&r.id),
            title: self.str(&r.title),
            cause: self.cause(&r.cause)?,
            verdict: r.verdict.as_deref().map(|v| self.verdict(v)).transpose()?,
            needs: self.num_list(needs),
            without: self.num_list(without),
            within: r.within.unwrap_or(6),
            ordered: r.ordered,
            anywhere: r.anywhere,
            weight: r.weight.unwrap_or(2),
            codes: self.num_list(r.code.iter().map(|c| u32::from(*c)).collect()),
            enhanced: self.enhanced_list(&r.enhanced)?,
            stages: self.num_list(stages),
        })
    }

    /// `concept` or `not concept`.
    fn need(&self, name: &str) -> Done<u32> {
        let (flag, bare) = match name.strip_prefix("not ") {
            Some(bare) => (NEGATED, bare),
            None => (0, name),
        };
        match self.concept_numbers.get(bare) {
            Some(n) => Ok(u32::from(*n) | flag),
            None => self.mistake(format!("unknown concept '{bare}'")),
        }
    }

    fn basic(&mut self, basic: &source::Basic) -> Done<()> {
        self.code_classes = self.digits(&basic.class);
        self.code_subjects = self.digits(&basic.subject);
        for c in &basic.code {
            self.go("basic.toml", &c.code.to_string());
            let row = CodeRow {
                code: c.code,
                title: self.str(&c.title),
                means: self.str(&c.means),
                advice: self.str(&c.advice),
                cause: self.cause(&c.cause)?,
                verdict: self.verdict(&c.verdict)?,
                telling: c.telling,
                stage: self.str_list(&c.stage),
                standard: c.standard,
                terms: self.term_list(&c.terms)?,
                note: self.str(&c.note),
                sources: self.source_list(&c.sources),
            };
            self.codes.push(row);
        }
        self.codes.sort_by_key(|c| c.code);
        Ok(())
    }

    fn enhanced(&mut self, enhanced: &source::Enhanced) -> Done<()> {
        self.status_classes = self.digits(&enhanced.class);
        self.status_subjects = self.digits(&enhanced.subject);
        for s in &enhanced.status {
            self.go("enhanced.toml", &s.code);
            let Some(status) = Status::parse(&s.code) else {
                return self.mistake("not of the form X.1.1".into());
            };
            let fits = s.fits.iter().map(|f| self.need(f)).collect::<Done<Vec<u32>>>()?;
            let row = StatusRow {
                subject: status.subject,
                detail: status.detail,
                title: self.str(&s.title),
                registry: self.str(&s.registry),
                means: self.str(&s.means),
                advice: self.str(&s.advice),
                with: self.num_list(s.with.iter().map(|c| u32::from(*c)).collect()),
                success: self.outcome(s.success.as_ref())?,
                temporary: self.outcome(s.temporary.as_ref())?,
                permanent: self.outcome(s.permanent.as_ref())?,
                fits: self.num_list(fits),
                telling: self.num_list(s.telling.iter().map(|c| u32::from(*c)).collect()),
                terms: self.term_list(&s.terms)?,
                note: self.str(&s.note),
                sources: self.source_list(&s.sources),
            };
            self.statuses.push(row);
        }
        self.statuses.sort_by_key(|s| (s.subject, s.detail));
        self.registry_names(enhanced)
    }

    /// Servers that have nothing to say print the registry's name of a code.
    fn registry_names(&mut self, enhanced: &source::Enhanced) -> Done<()> {
        for s in enhanced.status.iter().filter(|s| !s.registry.is_empty()) {
            self.go("enhanced.toml", &s.code);
            let status = Status::parse(&s.code).map(|s| (s.subject, s.detail));
            let number = self.statuses.iter().position(|row| Some((row.subject, row.detail)) == status);
            let number = short(number.unwrap_or(0));
            self.add_phrases(std::slice::from_ref(&s.registry), |_| Target::Registry(number))?;
            self.add_phrases(&s.alias, |_| Target::Registry(number))?;
        }
        Ok(())
    }

    fn digits(&mut self, digits: &[source::Digit]) -> Vec<DigitRow> {
        let mut rows: Vec<DigitRow> = Vec::new();
        for d in digits {
            let (title, means, advice) = (self.str(&d.title), self.str(&d.means), self.str(&d.advice));
            rows.push(DigitRow { digit: d.digit, title, means, advice });
        }
        rows.sort_by_key(|d| d.digit);
        rows
    }

    fn outcome(&self, outcome: Option<&source::Outcome>) -> Done<Option<Outcome>> {
        outcome.map(|o| Ok(Outcome { cause: self.cause(&o.cause)?, verdict: self.verdict(&o.verdict)? })).transpose()
    }

    fn speaker(&mut self, file: &str, folder: &str, s: &source::Speaker) -> Done<()> {
        self.go(file, "");
        let number = short(self.speakers.len());
        let first = self.entries.len();
        self.add_phrases(&s.marks, |_| Target::Mark(number))?;
        for entry in &s.entry {
            self.go(file, &entry.id);
            if !entry.id.starts_with(&format!("{}-", s.provider)) {
                return self.mistake(format!("the id must begin with '{}-'", s.provider));
            }
            let row = self.entry(entry, s, number)?;
            self.entries.push(row);
        }
        let row = SpeakerRow {
            id: self.str(&s.provider),
            name: self.str(&s.name),
            kind: kind(folder),
            hosts: self.str_list(&s.hosts),
            habit: self.str(&s.habit),
            entries: List { at: long(first), len: self.len(self.entries.len() - first) },
        };
        self.speakers.push(row);
        Ok(())
    }

    fn entry(&mut self, e: &source::Entry, s: &source::Speaker, speaker: u16) -> Done<EntryRow> {
        self.check_entry(e)?;
        let number = short(self.entries.len());
        self.add_phrases(&e.says, |n| Target::Says(number, n))?;
        self.add_phrases(&e.also, |_| Target::Also(number))?;
        self.add_phrases(&e.not, |_| Target::Not(number))?;
        self.add_phrases(e.text.as_slice(), |_| Target::Whole(number))?;
        Ok(EntryRow {
            id: self.str(&e.id),
            title: self.str(&e.title),
            means: self.str(&e.means),
            url: self.str(&e.url),
            note: self.str(&e.note),
            example: self.str(e.yes.first().map_or("", String::as_str)),
            speaker,
            cause: self.cause(&e.cause)?,
            verdict: e.verdict.as_deref().map(|v| self.verdict(v)).transpose()?,
            who: e.who.as_deref().map(|w| self.who(w)).transpose()?,
            trust: self.trust(e.trust.as_deref())?,
            codes: self.reply_codes(&e.code),
            enhanced: self.reply_statuses(&e.enhanced)?,
            first: self.str_list(&e.first),
            steps: self.str_list(&e.steps),
            commands: self.str_list(&e.commands),
            terms: self.term_list(&e.terms)?,
            sources: self.named_sources(&e.sources, s)?,
            says: u8::try_from(e.says.len()).unwrap_or(u8::MAX),
            here: e.here,
            strict: e.strict,
            http: e.http,
            retired: false,
        })
    }

    fn check_entry(&self, e: &source::Entry) -> Done<()> {
        let silent = e.says.is_empty() && e.also.is_empty() && e.text.as_slice().is_empty();
        if silent && e.code.is_empty() && e.enhanced.is_empty() {
            return self.mistake("has neither a text (says, also, text) nor a code".into());
        }
        if e.says.len() > 8 {
            return self.mistake("more than eight phrases in says".into());
        }
        if let Some(code) = e.code.iter().find(|c| !(100..=699).contains(*c)) {
            return self.mistake(format!("code {code} is out of range"));
        }
        Ok(())
    }

    fn enhanced_list(&mut self, list: &[String]) -> Done<List> {
        let packed = self.statuses(list)?.into_iter().map(Status::pack).collect();
        Ok(self.num_list(packed))
    }

    fn reply_codes(&mut self, codes: &[u16]) -> List {
        let list = List { at: long(self.reply_codes.len()), len: self.len(codes.len()) };
        self.reply_codes.extend(codes);
        list
    }

    fn reply_statuses(&mut self, texts: &[String]) -> Done<List> {
        let statuses = self.statuses(texts)?;
        let list = List { at: long(self.reply_statuses.len()), len: self.len(statuses.len()) };
        self.reply_statuses.extend(statuses);
        Ok(list)
    }

    fn statuses(&self, texts: &[String]) -> Done<Vec<Status>> {
        let status = |text: &String| match Status::parse(text) {
            Some(status) => Ok(status),
            None => self.mistake(format!("'{text}' is not an enhanced status code")),
        };
        texts.iter().map(status).collect()
    }

    fn named_sources(&mut self, names: &[String], s: &source::Speaker) -> Done<List> {
        let mut numbers = Vec::new();
        for name in names {
            match s.sources.get(name) {
                Some(source) => numbers.push(self.source(source)),
                None => return self.mistake(format!("unknown source '{name}'")),
            }
        }
        Ok(self.num_list(numbers))
    }

    fn source_list(&mut self, sources: &[source::Source]) -> List {
        let numbers = sources.iter().map(|s| self.source(s)).collect();
        self.num_list(numbers)
    }

    fn source(&mut self, s: &source::Source) -> u32 {
        let key = format!("{} {}", s.url, s.seen);
        if let Some(n) = self.source_numbers.get(&key) {
            return *n;
        }
        let row = SourceRow { url: self.str(&s.url), seen: self.str(&s.seen) };
        let number = long(self.sources.len());
        self.sources.push(row);
        self.source_numbers.insert(key, number);
        number
    }

    fn cause(&self, id: &str) -> Done<u16> {
        self.cause_numbers.get(id).copied().map_or_else(|| self.mistake(format!("unknown cause '{id}'")), Ok)
    }

    fn verdict(&self, name: &str) -> Done<Verdict> {
        Verdict::parse(name).map_or_else(|| self.mistake(format!("unknown verdict '{name}'")), Ok)
    }

    fn who(&self, name: &str) -> Done<Who> {
        Who::parse(name).map_or_else(|| self.mistake(format!("unknown who '{name}'")), Ok)
    }

    fn trust(&self, name: Option<&str>) -> Done<Trust> {
        match name {
            None | Some("high") => Ok(Trust::High),
            Some("medium") => Ok(Trust::Medium),
            Some("low") => Ok(Trust::Low),
            Some(other) => self.mistake(format!("unknown trust '{other}'")),
        }
    }

    fn term_list(&mut self, names: &[String]) -> Done<List> {
        let mut numbers = Vec::new();
        for name in names {
            match self.term_numbers.get(&name.to_lowercase()) {
                Some(n) => numbers.push(u32::from(*n)),
                None => return self.mistake(format!("'{name}' is not in the glossary")),
            }
        }
        Ok(self.num_list(numbers))
    }

    fn finish(mut self) -> Done<Tables> {
        let (phrases, groups) = self.group_phrases();
        let word_slots = self.word_slots();
        let group_slots = index::group_slots(&groups);
        if let Some(at) = self.overlong.take() {
            self.at = at;
            return self.mistake("a text of more than 65,535 bytes, or a list of as many parts".into());
        }
        Ok(Tables {
            text: Cow::Owned(self.text),
            nums: Cow::Owned(self.nums),
            parts: Cow::Owned(self.parts),
            strs: Cow::Owned(self.strs),
            reply_codes: Cow::Owned(self.reply_codes),
            reply_statuses: Cow::Owned(self.reply_statuses),
            causes: Cow::Owned(self.causes),
            speakers: Cow::Owned(self.speakers),
            entries: Cow::Owned(self.entries),
            concepts: Cow::Owned(self.concepts),
            rules: Cow::Owned(self.rules),
            negator: self.negator,
            first_own: if self.first_own == 0 { u16::MAX } else { self.first_own },
            codes: Cow::Owned(self.codes),
            code_classes: Cow::Owned(self.code_classes),
            code_subjects: Cow::Owned(self.code_subjects),
            statuses: Cow::Owned(self.statuses),
            status_classes: Cow::Owned(self.status_classes),
            status_subjects: Cow::Owned(self.status_subjects),
            terms: Cow::Owned(self.terms),
            sources: Cow::Owned(self.sources),
            words: Cow::Owned(self.words),
            word_ends: Cow::Owned(self.word_ends),
            word_slots: Cow::Owned(word_slots),
            phrases: Cow::Owned(phrases),
            groups: Cow::Owned(groups),
            group_slots: Cow::Owned(group_slots),
        })
    }
}

fn kind(folder: &str) -> Kind {
    match folder {
        "providers" => Kind::Provider,
        "services" => Kind::Service,
        "servers" => Kind::Server,
        "filters" => Kind::Filter,
        "lists" => Kind::Blocklist,
        _ => Kind::Client,
    }
}

fn short(n: usize) -> u16 {
    u16::try_from(n).expect("the catalogue outgrew 16-bit numbers")
}

fn long(n: usize) -> u32 {
    u32::try_from(n).expect("the catalogue outgrew 32-bit offsets")
}
