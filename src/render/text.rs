//! The answer for reading: the first line says it, the rest explains.

use std::io::{self, Write};

use colored::{ColoredString, Colorize as _};

use super::{Item, numbers, verdict_word, who_words, wrap};
use crate::catalogue::{Entry, Source, Term};
use crate::codes::rows::{Verdict, Who};
use crate::explain::{Finding, plain, plain_commands};
use crate::matcher::{By, Confidence};
use crate::sanitize;
use crate::settings::Style;

/// Column where the text of a section begins.
const INDENT: usize = 18;
/// Column where the title begins.
const TITLE: usize = 8;
/// What stands in front of these columns.
const BLANKS: [u8; INDENT] = [b' '; INDENT];

/// A page being printed: knows style and indentation.
pub(super) struct Page<'a> {
    pub out: &'a mut dyn Write,
    pub style: Style,
}

/// Prints one explanation.
pub fn finding(out: &mut dyn Write, style: Style, f: &Finding) -> io::Result<()> {
    let mut page = Page { out, style };
    page.head(f.verdict, &f.title)?;
    page.facts(&who_line(f, style))?;
    page.blank()?;
    page.section("What happened", &f.meaning)?;
    if !f.note.is_empty() {
        page.section("Note", &f.note)?;
    }
    page.steps("What to do", &f.steps)?;
    page.plain_lines("Check", &f.commands)?;
    let reasons = reasons(f);
    page.section_lines("Why I think so", &reasons)?;
    page.section_lines("But", &f.conflicts)?;
    page.variants(f)?;
    page.plain_lines("More", &more(f))
}

/// `who: …      550 5.7.26 · Google · dmarc-fail · high confidence`
fn who_line(f: &Finding, style: Style) -> Vec<String> {
    let dot = if style.ascii { " - " } else { " · " };
    let code = f.code.map(|c| c.to_string());
    let status = f.enhanced.map(|s| s.to_string());
    let numbers: Vec<String> = [code, status].into_iter().flatten().collect();
    let speaker = f.speaker.map(|s| s.name().to_string());
    let confidence = format!("{} confidence", confidence_word(f.confidence));
    let facts = [(!numbers.is_empty()).then(|| numbers.join(" ")), speaker, Some(f.cause.id().into()), Some(confidence)];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let silent = f.who == Who::Nobody && f.cause.id() == "unknown";
    let who = if silent { "the reply does not say" } else { who_words(f.who) };
    vec![format!("who can mend it: {who}"), facts.join(dot)]
}

fn confidence_word(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// What the answer rests on, then the meaning of the numbers.
fn reasons(f: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    let words = shortened(&f.matched.text);
    let by = f.entry.map(|e| e.id()).or(f.matched.rule);
    match (f.matched.by, by) {
        (By::Phrase, Some(id)) if f.entry.is_some_and(|e| e.is_own()) => lines.push(format!("the words \"{words}\" (your rule {id})")),
        (By::Phrase, Some(id)) => lines.push(format!("the words \"{words}\" ({id})")),
        (By::Enhanced | By::Basic, Some(id)) => lines.push(format!("{} from this provider ({id})", f.matched.text)),
        (By::Class, _) => lines.push("no words that are known here; only the numbers speak".to_string()),
        (By::None, _) => lines.push("neither words nor numbers are known here".to_string()),
        _ if !f.bare => lines.push("the text fits the number".to_string()),
        _ => {}
    }
    for layer in f.layers.iter().filter(|l| matches!(l.level, "enhanced" | "basic" | "class")) {
        let name = if layer.level == "class" { format!("{}xx", layer.id) } else { layer.id.clone() };
        lines.push(format!("{name} = {}", layer.meaning));
    }
    lines
}

fn shortened(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= 72 {
        return one_line;
    }
    let head: String = one_line.chars().take(48).collect();
    let tail: Vec<char> = one_line.chars().rev().take(20).collect();
    format!("{} … {}", head.trim_end(), tail.into_iter().rev().collect::<String>().trim_start())
}

fn more(f: &Finding) -> Vec<String> {
    let mut lines: Vec<String> = f.url.iter().cloned().collect();
    lines.extend(f.sources.iter().map(|s: &Source| s.url.to_string()).filter(|u| Some(u) != f.url.as_ref()).take(1));
    let names: Vec<String> = f.terms.iter().take(3).map(|t: &Term| quoted(t.name())).collect();
    if !names.is_empty() {
        lines.push(format!("smtpwhy show {}", names.join(" ")));
    }
    lines
}

/// A word that a shell takes as one.
fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'));
    if plain { name.to_string() } else { format!("'{}'", name.replace('\'', "'\\''")) }
}

/// Prints one line for an entry.
pub fn entry_line(out: &mut dyn Write, style: Style, e: &Entry) -> io::Result<()> {
    let word = format!("{:<8}", verdict_word(e.verdict()));
    writeln!(out, "{}{}  {}", colored(&word, e.verdict(), style), e.id(), sanitize::line(&plain(e.title())))
}

/// Prints a catalogue item in full.
pub fn item(out: &mut dyn Write, style: Style, item: &Item) -> io::Result<()> {
    let mut page = Page { out, style };
    match item {
        Item::Entry(e) => page.entry(e),
        Item::Cause(c) => {
            page.head(c.verdict(), &plain(c.title()))?;
            page.facts(&[format!("who can mend it: {}", who_words(c.who())), format!("cause {}, family {}", c.id(), c.family())])?;
            page.blank()?;
            page.section("What it means", &plain(c.means()))?;
            page.steps("What to do", &worded(&c.steps()))?;
            page.plain_lines("Check", &plain_commands(&c.commands()))?;
            page.terms(&c.terms())
        }
        Item::Speaker(s) => {
            page.title(s.name())?;
            page.facts(&[format!("{} entries; smtpwhy list --provider {}", s.entries().count(), s.id())])?;
            page.blank()?;
            if !s.habit().is_empty() {
                page.section("Habit", s.habit())?;
            }
            page.plain_lines("Hosts", &owned(&s.hosts()))
        }
        Item::Term(t) => {
            page.title(t.name())?;
            page.blank()?;
            page.section("What it means", t.means())?;
            page.section("Also called", &t.aliases().join(", "))?;
            page.plain_lines("More", &[t.url().to_string()])
        }
        Item::Code(c, variants) => {
            page.head(c.verdict(), &format!("{} {}", c.number(), c.title()))?;
            let kind = if c.is_standard() { "standard reply code" } else { "seen in the wild, not in the standard" };
            let stages = c.stages().join(", ");
            page.facts(&[kind.to_string(), if stages.is_empty() { stages } else { format!("stage: {stages}") }])?;
            page.blank()?;
            page.section("What it means", c.means())?;
            page.section("Alone", c.advice())?;
            page.section("Note", c.note())?;
            page.known_variants(variants)?;
            page.sources(&c.sources())?;
            page.terms(&c.terms())
        }
        Item::Status(s, variants) => {
            page.title(&format!("{} {}", s.status(), s.title()))?;
            page.facts(&[if s.registry().is_empty() { String::new() } else { format!("registered as: {}", s.registry()) }])?;
            page.blank()?;
            page.section("What it means", s.means())?;
            let classes = [(2, "2"), (4, "4"), (5, "5")].into_iter().filter_map(|(class, digit)| {
                let (cause, verdict) = s.outcome(class)?;
                Some(format!("{digit}.{}.{}: {} ({})", s.status().subject, s.status().detail, verdict.name(), cause.id()))
            });
            page.section_lines("By class", &classes.collect::<Vec<_>>())?;
            page.section("Alone", s.advice())?;
            page.section("Note", s.note())?;
            page.known_variants(variants)?;
            page.sources(&s.sources())?;
            page.terms(&s.terms())
        }
    }
}

/// `fix     spf-fail (12), such as google-spf-hard-fail`, most frequent first.
fn by_cause(variants: &[Entry]) -> Vec<String> {
    let mut groups: Vec<(&Entry, usize)> = Vec::new();
    for e in variants {
        let same = |g: &(&Entry, usize)| g.0.cause() == e.cause() && g.0.verdict() == e.verdict();
        match groups.iter().position(same) {
            Some(at) => groups[at].1 += 1,
            None => groups.push((e, 1)),
        }
    }
    groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let line = |(e, count): &(&Entry, usize)| format!("{:<7} {} ({count}), such as {}", e.verdict().name(), e.cause().id(), e.id());
    let mut lines: Vec<String> = groups.iter().take(10).map(line).collect();
    let rest: usize = groups.iter().skip(10).map(|(_, count)| count).sum();
    if rest > 0 {
        lines.push(format!("and {rest} of other causes; -f json lists all"));
    }
    lines
}

/// Steps with words for their placeholders.
fn worded(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|s| plain(s)).collect()
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

impl Page<'_> {
    /// `FIX     title`, wrapped under itself.
    pub(super) fn head(&mut self, verdict: Verdict, title: &str) -> io::Result<()> {
        self.headed(&format!("{:<TITLE$}", verdict_word(verdict)), verdict, title)
    }

    /// `ALARM   text`, in the colour of what must be mended.
    pub(super) fn alarm(&mut self, text: &str) -> io::Result<()> {
        self.headed(&format!("{:<TITLE$}", "ALARM"), Verdict::Fix, text)
    }

    fn headed(&mut self, word: &str, verdict: Verdict, title: &str) -> io::Result<()> {
        let title = sanitize::line(title);
        for (n, line) in wrap::lines(&title, self.style.width - TITLE).iter().enumerate() {
            if n == 0 {
                write!(self.out, "{}", colored(word, verdict, self.style))?;
            } else {
                self.indent(TITLE)?;
            }
            self.bold_line(line)?;
        }
        Ok(())
    }

    fn title(&mut self, title: &str) -> io::Result<()> {
        self.bold_line(title)
    }

    fn bold_line(&mut self, text: &str) -> io::Result<()> {
        if self.style.color { writeln!(self.out, "{}", text.bold()) } else { self.line(text) }
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.blank()
    }

    fn indent(&mut self, columns: usize) -> io::Result<()> {
        self.out.write_all(&BLANKS[..columns])
    }

    /// Facts under the title, on one line where they fit.
    fn facts(&mut self, parts: &[String]) -> io::Result<()> {
        let parts: Vec<&String> = parts.iter().filter(|p| !p.is_empty()).collect();
        let room = self.style.width - TITLE;
        let one: String = parts.iter().map(|p| p.as_str()).collect::<Vec<_>>().join("    ");
        let lines = if wrap::columns(&one) <= room { vec![one] } else { parts.iter().flat_map(|p| wrap::lines(p, room)).collect() };
        for line in lines {
            self.indent(TITLE)?;
            self.line(&sanitize::line(&line))?;
        }
        Ok(())
    }

    fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    pub(super) fn section(&mut self, label: &str, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.section_lines(label, &[text.to_string()])
    }

    /// A label and paragraphs beside it.
    fn section_lines(&mut self, label: &str, paragraphs: &[String]) -> io::Result<()> {
        let mut label = label;
        for paragraph in paragraphs {
            for line in wrap::lines(&sanitize::line(paragraph), self.style.width - INDENT) {
                self.labelled(label, &line)?;
                label = "";
            }
        }
        Ok(())
    }

    /// A label and lines that must stay whole, to be copied.
    pub(super) fn plain_lines(&mut self, label: &str, lines: &[String]) -> io::Result<()> {
        for (n, line) in lines.iter().enumerate() {
            let label = if n == 0 { label } else { "" };
            self.labelled(label, &sanitize::line(line))?;
        }
        Ok(())
    }

    fn labelled(&mut self, label: &str, line: &str) -> io::Result<()> {
        if self.style.color {
            let lead = format!("  {label:<width$}", width = INDENT - 2);
            write!(self.out, "{}", lead.dimmed())?;
        } else {
            self.indent(2)?;
            self.out.write_all(label.as_bytes())?;
            self.indent((INDENT - 2).saturating_sub(label.len()))?;
        }
        self.line(line)
    }

    pub(super) fn steps(&mut self, label: &str, steps: &[String]) -> io::Result<()> {
        for (n, step) in steps.iter().enumerate() {
            let room = self.style.width - INDENT - 3;
            for (m, line) in wrap::lines(&sanitize::line(step), room).iter().enumerate() {
                let mark = if m == 0 { format!("{}. ", n + 1) } else { "   ".to_string() };
                self.labelled(if n == 0 && m == 0 { label } else { "" }, &format!("{mark}{line}"))?;
            }
        }
        Ok(())
    }

    fn variants(&mut self, f: &Finding) -> io::Result<()> {
        let label = if f.bare { "May stand for" } else { "Also said by" };
        self.variant_lines(label, &f.variants)
    }

    fn known_variants(&mut self, variants: &[Entry]) -> io::Result<()> {
        self.variant_lines("May stand for", variants)
    }

    /// One line a variant; many are counted by cause.
    fn variant_lines(&mut self, label: &str, variants: &[Entry]) -> io::Result<()> {
        const MOST: usize = 10;
        let line = |e: &Entry| format!("{:<7} {}", e.verdict().name(), e.id());
        let lines = if variants.len() > MOST { by_cause(variants) } else { variants.iter().map(line).collect() };
        self.plain_lines(label, &lines)
    }

    fn sources(&mut self, sources: &[Source]) -> io::Result<()> {
        let lines: Vec<String> = sources.iter().map(|s| format!("{} (seen {})", s.url, s.seen)).collect();
        self.plain_lines("Source", &lines)
    }

    fn terms(&mut self, terms: &[Term]) -> io::Result<()> {
        self.section("Terms", &terms.iter().map(Term::name).collect::<Vec<_>>().join(", "))
    }

    fn entry(&mut self, e: &Entry) -> io::Result<()> {
        self.head(e.verdict(), &plain(e.title()))?;
        let who = format!("who can mend it: {}", who_words(e.who()));
        let kind = if e.is_http() { "HTTP " } else { "" };
        self.facts(&[who, format!("{}, {}, {kind}{}", e.speaker().name(), e.cause().id(), numbers(e))])?;
        self.blank()?;
        let means = if e.means().is_empty() { e.cause().means() } else { e.means() };
        self.section("What it means", &plain(means))?;
        self.section("Note", &plain(e.note()))?;
        self.steps("What to do", &worded(&e.steps()))?;
        self.plain_lines("Check", &plain_commands(&e.commands()))?;
        self.section("Example", e.example())?;
        self.section("More", e.url())?;
        self.sources(&e.sources())?;
        self.terms(&e.terms())
    }
}

pub(super) fn colored(word: &str, verdict: Verdict, style: Style) -> ColoredString {
    if !style.color {
        return word.normal();
    }
    match verdict {
        Verdict::Ok => word.green().bold(),
        Verdict::Retry => word.cyan().bold(),
        Verdict::Fix => word.yellow().bold(),
        Verdict::Remove => word.red().bold(),
        Verdict::Unknown => word.magenta().bold(),
    }
}
