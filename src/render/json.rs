//! The JSON contract, documented in the manual: fields are never left out,
//! `null` where unknown. A field that goes or changes its meaning raises
//! `SCHEMA`; new fields do not.

use std::io::{self, Write};

use serde::Serialize;

use super::{Item, counts};
use crate::catalogue::{Catalogue, Entry, Registered, Source, Term};
use crate::explain::{Details, Finding, Layer};
use crate::matcher::{By, Confidence};
use crate::sanitize;

const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<T: Serialize> {
    schema: u32,
    catalogue: About,
    results: Vec<T>,
}

#[derive(Serialize)]
struct About {
    version: &'static str,
    entries: usize,
}

#[derive(Serialize)]
pub(super) struct Explanation<'a> {
    /// Left out only where the input stands beside the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
    /// Marks in the input that stand for bytes which are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<usize>,
    code: Option<u16>,
    enhanced: Option<String>,
    text: &'a str,
    verdict: &'static str,
    who: &'static str,
    cause: &'static str,
    confidence: &'static str,
    provider: Option<&'static str>,
    entry: Option<&'static str>,
    matched: MatchedOut<'a>,
    title: &'a str,
    meaning: &'a str,
    steps: &'a [String],
    commands: &'a [String],
    retry_after: Option<u64>,
    details: DetailsOut<'a>,
    layers: Vec<LayerOut<'a>>,
    conflicts: &'a [String],
    terms: Vec<&'static str>,
    sources: Vec<SourceOut>,
    /// Only where numbers were given without a text, or a text that several
    /// are known to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    variants: Option<Vec<Variant>>,
}

#[derive(Serialize)]
struct MatchedOut<'a> {
    by: &'static str,
    text: &'a str,
    start: usize,
    end: usize,
}

#[derive(Serialize)]
struct DetailsOut<'a> {
    domain: Option<&'a str>,
    ip: Option<&'a str>,
    host: Option<&'a str>,
    recipient: Option<&'a str>,
    sender: Option<&'a str>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct LayerOut<'a> {
    level: &'static str,
    id: &'a str,
    meaning: &'a str,
}

#[derive(Serialize)]
pub(super) struct SourceOut {
    url: &'static str,
    seen: &'static str,
}

#[derive(Serialize)]
pub(super) struct Variant {
    entry: &'static str,
    title: &'static str,
    verdict: &'static str,
}

/// Begins one object with all explanations, which [`finding`] adds.
pub fn begin(out: &mut dyn Write) -> io::Result<()> {
    let empty = serde_json::to_string(&Document { schema: SCHEMA, catalogue: about(), results: Vec::<()>::new() })?;
    write!(out, "{}", empty.strip_suffix(END).unwrap_or(&empty))
}

/// An explanation within the object.
pub fn finding(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    write!(out, "{}", sanitize::json(&serde_json::to_string(&explanation(finding))?))
}

/// Ends what [`begin`] began.
pub fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{END}")
}

/// How an object with results ends.
const END: &str = "]}";

/// One explanation on one line.
pub fn line(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    write(out, &explanation(finding))
}

/// One explanation for an object that holds the reply itself.
pub fn annotation(f: &Finding) -> io::Result<String> {
    let text = serde_json::to_string(&Explanation { input: None, replaced: None, ..explanation(f) })?;
    Ok(sanitize::json(&text).into_owned())
}

/// In place of a line that could not be annotated: why, and the line.
pub fn bad_line(out: &mut dyn Write, error: &str, line: &str) -> io::Result<()> {
    write(out, &serde_json::json!({"smtpwhy": {"error": error}, "line": line}))
}

/// One object with all catalogue items.
pub fn items(out: &mut dyn Write, items: &[Item]) -> io::Result<()> {
    document(out, items.iter().map(item).collect())
}

/// One catalogue item on one line.
pub fn item_line(out: &mut dyn Write, i: &Item) -> io::Result<()> {
    write(out, &item(i))
}

/// One object with all entries.
pub fn entries(out: &mut dyn Write, entries: &[Entry]) -> io::Result<()> {
    document(out, entries.iter().map(entry).collect())
}

/// One entry on one line.
pub fn entry_line(out: &mut dyn Write, e: &Entry) -> io::Result<()> {
    write(out, &entry(e))
}

/// The counts of the catalogue as one object.
pub fn stats(out: &mut dyn Write, catalogue: Catalogue) -> io::Result<()> {
    let counts: serde_json::Map<String, serde_json::Value> =
        counts(catalogue).into_iter().map(|(name, count)| (name.replace(' ', "_"), count.into())).collect();
    write(out, &counts)
}

fn document<T: Serialize>(out: &mut dyn Write, results: Vec<T>) -> io::Result<()> {
    write(out, &Document { schema: SCHEMA, catalogue: about(), results })
}

fn about() -> About {
    About { version: env!("SMTPWHY_CATALOGUE_DATE"), entries: Catalogue::built_in().entries().count() }
}

pub(super) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    writeln!(out, "{}", sanitize::json(&text))
}

pub(super) fn explanation(f: &Finding) -> Explanation<'_> {
    Explanation {
        input: Some(&f.input),
        replaced: Some(f.input.matches(char::REPLACEMENT_CHARACTER).count()),
        code: f.code,
        enhanced: f.enhanced.map(|s| s.to_string()),
        text: &f.text,
        verdict: f.verdict.name(),
        who: f.who.name(),
        cause: f.cause.id(),
        confidence: match f.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        },
        provider: f.speaker.map(|s| s.id()),
        entry: f.entry.map(|e| e.id()),
        matched: MatchedOut { by: by_name(f.matched.by), text: &f.matched.text, start: f.matched.range.start, end: f.matched.range.end },
        title: &f.title,
        meaning: &f.meaning,
        steps: &f.steps,
        commands: &f.commands,
        retry_after: f.details.retry_after,
        details: details(&f.details),
        layers: f.layers.iter().map(layer).collect(),
        conflicts: &f.conflicts,
        terms: names(&f.terms),
        sources: f.sources.iter().map(source).collect(),
        variants: (f.bare || !f.variants.is_empty()).then(|| f.variants.iter().map(variant).collect()),
    }
}

/// What the answers of one form share, in the order of [`Explanation`].
#[derive(Serialize)]
pub(super) struct Numbers {
    code: Option<u16>,
    enhanced: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Ruled {
    verdict: &'static str,
    who: &'static str,
    cause: &'static str,
    confidence: &'static str,
    provider: Option<&'static str>,
    entry: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Tail<'a> {
    conflicts: &'a [String],
    terms: Vec<&'static str>,
    sources: Vec<SourceOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variants: Option<Vec<Variant>>,
}

impl<'a> Explanation<'a> {
    /// Its parts that texts which are alike share: the numbers, what they
    /// mean, by what that was decided, and what stands at the end.
    pub(super) fn shared(self) -> (Numbers, Ruled, &'static str, Tail<'a>) {
        let Explanation { verdict, who, cause, confidence, provider, entry, .. } = self;
        let Explanation { conflicts, terms, sources, variants, .. } = self;
        let numbers = Numbers { code: self.code, enhanced: self.enhanced };
        let ruled = Ruled { verdict, who, cause, confidence, provider, entry };
        (numbers, ruled, self.matched.by, Tail { conflicts, terms, sources, variants })
    }
}

fn by_name(by: By) -> &'static str {
    match by {
        By::Phrase => "phrase",
        By::Enhanced => "enhanced",
        By::Basic => "basic",
        By::Class => "class",
        By::None => "none",
    }
}

fn details(d: &Details) -> DetailsOut<'_> {
    DetailsOut {
        domain: d.domain.as_deref(),
        ip: d.ip.as_deref(),
        host: d.host.as_deref(),
        recipient: d.recipient.as_deref(),
        sender: d.sender.as_deref(),
        url: d.url.as_deref(),
    }
}

fn layer(l: &Layer) -> LayerOut<'_> {
    LayerOut { level: l.level, id: &l.id, meaning: &l.meaning }
}

fn source(s: &Source) -> SourceOut {
    SourceOut { url: s.url, seen: s.seen }
}

fn variant(e: &Entry) -> Variant {
    Variant { entry: e.id(), title: e.title(), verdict: e.verdict().name() }
}

fn names(terms: &[Term]) -> Vec<&'static str> {
    terms.iter().map(Term::name).collect()
}

fn sources(list: &[Source]) -> serde_json::Value {
    list.iter().map(|s| serde_json::json!({"url": s.url, "seen": s.seen})).collect()
}

fn entry(e: &Entry) -> serde_json::Value {
    serde_json::json!({
        "type": "entry",
        "id": e.id(),
        "provider": e.speaker().id(),
        "title": e.title(),
        "codes": e.codes(),
        "enhanced": e.enhanced().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "http": e.is_http(),
        "cause": e.cause().id(),
        "verdict": e.verdict().name(),
        "who": e.who().name(),
        "meaning": if e.means().is_empty() { e.cause().means() } else { e.means() },
        "steps": e.steps(),
        "commands": e.commands(),
        "example": e.example(),
        "note": e.note(),
        "url": e.url(),
        "terms": names(&e.terms()),
        "sources": sources(&e.sources()),
    })
}

fn item(i: &Item) -> serde_json::Value {
    let variants = |list: &[Entry]| list.iter().map(|e| serde_json::json!(variant(e))).collect::<Vec<_>>();
    match i {
        Item::Entry(e) => entry(e),
        Item::Cause(c) => serde_json::json!({
            "type": "cause", "id": c.id(), "family": c.family(), "verdict": c.verdict().name(), "who": c.who().name(),
            "title": c.title(), "meaning": c.means(), "steps": c.steps(), "commands": c.commands(), "terms": names(&c.terms()),
        }),
        Item::Speaker(s) => serde_json::json!({
            "type": "provider", "id": s.id(), "name": s.name(), "hosts": s.hosts(), "habit": s.habit(),
            "entries": s.entries().map(|e| e.id()).collect::<Vec<_>>(),
        }),
        Item::Term(t) => serde_json::json!({
            "type": "term", "term": t.name(), "aliases": t.aliases(), "meaning": t.means(), "url": t.url(),
        }),
        Item::Code(c, list) => serde_json::json!({
            "type": "code", "id": c.number().to_string(), "title": c.title(), "meaning": c.means(), "advice": c.advice(),
            "cause": c.cause().id(), "verdict": c.verdict().name(), "stages": c.stages(), "standard": c.is_standard(),
            "note": c.note(), "terms": names(&c.terms()), "sources": sources(&c.sources()), "variants": variants(list),
        }),
        Item::Status(s, list) => serde_json::json!({
            "type": "enhanced", "id": s.status().to_string(), "title": s.title(), "registry": s.registry(), "meaning": s.means(),
            "advice": s.advice(), "codes": s.codes(),
            "classes": classes(*s),
            "note": s.note(), "terms": names(&s.terms()), "sources": sources(&s.sources()), "variants": variants(list),
        }),
    }
}

/// Cause and verdict of an enhanced code in each class that makes sense.
fn classes(status: Registered) -> Vec<serde_json::Value> {
    let outcome = |class: &u16| {
        let (cause, verdict) = status.outcome(*class)?;
        Some(serde_json::json!({"class": class, "cause": cause.id(), "verdict": verdict.name()}))
    };
    [2, 4, 5].iter().filter_map(outcome).collect()
}
