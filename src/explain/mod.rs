//! Turns a decision into an answer for people and programs: words filled in
//! from the reply, layers of evidence, contradictions, sources. It must not
//! know output formats.

#[cfg(feature = "cli")]
pub mod alike;
mod conflicts;
pub mod details;
mod fill;

use std::ops::Range;

pub use details::Details;

use crate::catalogue::{Catalogue, Cause, Entry, Source, Speaker, Term};
use crate::codes::rows::{Verdict, Who};
use crate::codes::status::{Stage, Status};
use crate::matcher::{self, By, Confidence, Context, Decision};
use crate::reply::Reply;

/// The answer to one reply.
#[derive(Clone)]
pub struct Finding {
    pub input: String,
    pub code: Option<u16>,
    pub enhanced: Option<Status>,
    /// The enhanced code stands first, as RFC 2034 wants it.
    pub enhanced_first: bool,
    /// The server's words on one line.
    pub text: String,
    pub verdict: Verdict,
    pub who: Who,
    pub cause: Cause,
    pub confidence: Confidence,
    pub speaker: Option<Speaker>,
    pub entry: Option<Entry>,
    pub matched: Matched,
    pub title: String,
    pub meaning: String,
    pub steps: Vec<String>,
    pub commands: Vec<String>,
    pub details: Details,
    pub stage: Option<Stage>,
    pub layers: Vec<Layer>,
    pub conflicts: Vec<String>,
    pub terms: Vec<Term>,
    pub sources: Vec<Source>,
    /// Page for this very case, filled in.
    pub url: Option<String>,
    /// A correction or warning about the source.
    pub note: String,
    /// Numbers were given without a text.
    pub bare: bool,
    /// What else the numbers or a common text may stand for.
    pub variants: Vec<Entry>,
}

/// What the answer rests on.
#[derive(Clone, Debug)]
pub struct Matched {
    pub by: By,
    /// The part of the input that decided.
    pub text: String,
    /// Byte range of that part in the input.
    pub range: Range<usize>,
    /// Id of the generic rule, where one decided.
    pub rule: Option<&'static str>,
}

/// One layer of evidence, the strongest first.
#[derive(Clone, Debug)]
pub struct Layer {
    /// `entry`, `cause`, `enhanced`, `basic` or `class`.
    pub level: &'static str,
    pub id: String,
    pub meaning: String,
}

impl Finding {
    /// Nothing in the input was recognised: no cause, no verdict.
    pub fn is_unknown(&self) -> bool {
        self.verdict == Verdict::Unknown && self.cause.id() == "unknown" && !self.bare
    }
}

/// Reads one reply.
pub fn read(catalogue: Catalogue, input: &str) -> Reply<'_> {
    Reply::read(input, |code| catalogue.code(code).is_some())
}

/// Explains one reply.
pub fn explain(catalogue: Catalogue, input: &str, context: Context<'_>) -> Finding {
    let reply = read(catalogue, input);
    let decision = matcher::decide(catalogue, &reply, context);
    let details = details::read(catalogue.tables, &reply, &decision, context);
    filled(Answer { catalogue, reply: &reply, decision: &decision }.outline(), details)
}

/// An outline with its placeholders filled.
fn filled(outline: Finding, details: Details) -> Finding {
    let text = |template: &str| fill::text(template, &details);
    let layers = outline.layers.into_iter().map(|layer| Layer { meaning: text(&layer.meaning), ..layer });
    Finding {
        title: text(&outline.title),
        meaning: text(&outline.meaning),
        steps: outline.steps.iter().map(|step| text(step)).collect(),
        commands: fill::commands(&outline.commands, &details),
        layers: layers.collect(),
        url: outline.url.and_then(|url| fill::link(&url, &details)),
        note: text(&outline.note),
        details,
        ..outline
    }
}

struct Answer<'a> {
    catalogue: Catalogue,
    reply: &'a Reply<'a>,
    decision: &'a Decision,
}

impl Answer<'_> {
    /// The answer without details: its placeholders are still open.
    fn outline(&self) -> Finding {
        let (d, reply) = (self.decision, self.reply);
        let owned = |templates: Vec<&str>| templates.into_iter().map(str::to_string).collect();
        Finding {
            input: reply.input.to_string(),
            code: reply.code(),
            enhanced: reply.enhanced(),
            enhanced_first: reply.numbers.enhanced_first,
            text: reply.words(),
            verdict: d.verdict,
            who: d.who,
            cause: d.cause,
            confidence: d.confidence,
            speaker: d.speaker,
            entry: d.entry,
            matched: self.matched(),
            title: self.title(),
            meaning: self.meaning(),
            steps: owned(self.steps()),
            commands: owned(self.commands()),
            details: Details::default(),
            stage: d.stage,
            layers: self.layers(),
            conflicts: conflicts::find(self.catalogue, reply, d),
            terms: d.entry.map_or_else(|| d.cause.terms(), |e| e.terms()),
            sources: self.sources(),
            url: d.entry.map(|e| e.url().to_string()),
            note: d.entry.map_or_else(String::new, |e| e.note().to_string()),
            bare: d.bare,
            variants: d.variants.iter().filter(|v| Some(**v) != d.entry).copied().collect(),
        }
    }

    fn matched(&self) -> Matched {
        let numbers = &self.reply.numbers;
        let by = self.decision.by;
        let range = match by {
            By::Phrase => self.decision.span.clone(),
            By::Enhanced => Some(numbers.enhanced_at.clone()),
            By::Basic => Some(numbers.code_at.clone()),
            By::Class if numbers.code.is_some() => Some(numbers.code_at.start..numbers.code_at.start + 1),
            By::Class => Some(numbers.enhanced_at.start..numbers.enhanced_at.start + 1),
            By::None => None,
        };
        let range = self.reply.in_input(range.unwrap_or(0..0));
        let text = self.reply.input.get(range.clone()).unwrap_or("").to_string();
        let tables = self.catalogue.tables;
        let rule = self.decision.rule.map(|n| tables.str(tables.rules[n as usize].id));
        Matched { by, text, range, rule }
    }

    fn title(&self) -> String {
        let d = self.decision;
        if let Some(entry) = d.entry {
            return entry.title().to_string();
        }
        match d.by {
            By::Phrase => self.rule_title().unwrap_or_else(|| d.cause.title()).to_string(),
            By::Enhanced | By::Basic => self.code_title().unwrap_or_else(|| d.cause.title()).to_string(),
            By::Class | By::None => self.unknown_title(),
        }
    }

    fn rule_title(&self) -> Option<&'static str> {
        let tables = self.catalogue.tables;
        let title = tables.str(tables.rules[self.decision.rule? as usize].title);
        (!title.is_empty()).then_some(title)
    }

    /// Title of the enhanced code, else of the basic code.
    fn code_title(&self) -> Option<&'static str> {
        let status = self.reply.enhanced().and_then(|s| self.catalogue.status(s)).map(|s| s.title());
        status.or_else(|| Some(self.catalogue.code(self.reply.code()?)?.title()))
    }

    fn unknown_title(&self) -> String {
        let number = |n: String| format!("No reason given that is known here ({n})");
        match (self.reply.enhanced(), self.reply.code()) {
            _ if self.decision.verdict == Verdict::Ok => self.decision.cause.title().to_string(),
            (Some(status), _) if self.catalogue.status(status).is_none() && self.decision.bare => {
                format!("{status} is not in the registry of enhanced status codes")
            }
            (None, Some(code)) if self.catalogue.code(code).is_none() && self.decision.bare => {
                format!("{code} is not a known reply code")
            }
            (Some(status), Some(code)) => number(format!("{code} {status}")),
            (Some(status), None) => number(status.to_string()),
            (None, Some(code)) => number(code.to_string()),
            (None, None) => "Nothing here that a mail server or client is known to say".to_string(),
        }
    }

    fn meaning(&self) -> String {
        let d = self.decision;
        if let Some(entry) = d.entry {
            return with_more(entry.means(), d.cause.means());
        }
        match d.by {
            By::Phrase => d.cause.means().to_string(),
            By::Class if !d.bare => self.code_meaning().map_or_else(|| d.cause.means().to_string(), |m| format!("By its number: {m}")),
            _ => self.code_meaning().unwrap_or_else(|| d.cause.means().to_string()),
        }
    }

    /// What the numbers mean by their definition.
    fn code_meaning(&self) -> Option<String> {
        let code = || self.reply.code().and_then(|c| self.catalogue.code(c)).map(|c| c.means());
        if let Some(known) = self.reply.enhanced().and_then(|s| self.catalogue.status(s)) {
            return Some(known.means().to_string());
        }
        let class = || self.catalogue.code_class(self.reply.class()).map(|c| c.means);
        code().or_else(class).map(str::to_string)
    }

    fn steps(&self) -> Vec<&'static str> {
        let d = self.decision;
        match d.entry {
            Some(entry) => entry.steps(),
            None if d.by == By::Phrase => d.cause.steps(),
            None => self.steps_by_number(),
        }
    }

    /// The advice that goes with the number, then the usual steps.
    fn steps_by_number(&self) -> Vec<&'static str> {
        let status = self.reply.enhanced().and_then(|s| self.catalogue.status(s)).map(|s| s.advice());
        let code = || self.reply.code().and_then(|c| self.catalogue.code(c)).map(|c| c.advice());
        let mut steps = Vec::new();
        if self.decision.bare {
            steps.extend(status.or_else(code).filter(|s| !s.is_empty()));
        }
        if self.decision.bare && self.decision.by == By::Basic {
            steps.push("Give the whole reply: its text tells more than the number.");
            return steps;
        }
        steps.extend(self.decision.cause.steps());
        steps.truncate(6);
        steps
    }

    fn commands(&self) -> Vec<&'static str> {
        match self.decision.entry {
            Some(entry) => entry.commands(),
            None if self.decision.bare && self.decision.cause.id() == "unknown" => Vec::new(),
            None => self.decision.cause.commands(),
        }
    }

    fn layers(&self) -> Vec<Layer> {
        let d = self.decision;
        let layer = |level, id: String, meaning: &str| Layer { level, id, meaning: meaning.to_string() };
        let mut layers = Vec::new();
        if let Some(e) = d.entry {
            let meaning = if e.means().is_empty() { e.title() } else { e.means() };
            layers.push(layer("entry", e.id().to_string(), meaning));
        }
        if d.cause.id() != "unknown" {
            layers.push(layer("cause", d.cause.id().to_string(), d.cause.title()));
        }
        if let Some((status, known)) = self.reply.enhanced().and_then(|s| Some((s, self.catalogue.status(s)?))) {
            layers.push(layer("enhanced", status.to_string(), known.title()));
        }
        let http = d.entry.is_some_and(|e| e.is_http());
        if let Some(code) = self.reply.code().and_then(|c| self.catalogue.code(c)).filter(|_| !http) {
            layers.push(layer("basic", code.number().to_string(), code.title()));
        }
        if let Some(class) = self.catalogue.code_class(self.reply.class()).filter(|_| !http) {
            layers.push(layer("class", self.reply.class().to_string(), class.title));
        }
        layers
    }

    fn sources(&self) -> Vec<Source> {
        if let Some(entry) = self.decision.entry {
            return entry.sources();
        }
        let status = self.reply.enhanced().and_then(|s| self.catalogue.status(s)).map(|s| s.sources());
        let code = || self.reply.code().and_then(|c| self.catalogue.code(c)).map(|c| c.sources());
        status.or_else(code).unwrap_or_default()
    }
}

/// A catalogue text without details: placeholders become words.
#[cfg(feature = "cli")]
pub(crate) fn plain(template: &str) -> String {
    fill::text(template, &Details::default())
}

/// Catalogue commands without details: placeholders become names in capitals.
#[cfg(feature = "cli")]
pub(crate) fn plain_commands(templates: &[&str]) -> Vec<String> {
    fill::commands(templates, &Details::default())
}

/// What is particular first, then what is common, as far as it stays short.
fn with_more(own: &str, common: &str) -> String {
    match own {
        "" => common.to_string(),
        own if own.len() + common.len() > 330 => own.to_string(),
        own => format!("{own} {common}"),
    }
}
