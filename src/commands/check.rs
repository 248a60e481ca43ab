//! `smtpwhy check PATH…`: are rules of a user's own well-formed, and do their
//! examples hold?

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use super::Outcome;
use crate::catalogue::Catalogue;
use crate::codes::source::{self, Entry, Own};
use crate::matcher::Context;
use crate::settings::Settings;

/// Reads the rules, lays them over the catalogue and runs their examples.
pub fn run(out: &mut dyn Write, paths: &[PathBuf], settings: &Settings) -> Result<Outcome> {
    let mut all = settings.codes.clone();
    all.extend_from_slice(paths);
    let catalogue = Catalogue::with_own(&all)?;
    let mut failed = Vec::new();
    let (mut entries, mut examples) = (0, 0);
    for path in paths {
        for (file, own) in source::read_own(path)? {
            entries += own.entry.len() + own.rule.len();
            examples += run_examples(catalogue, &file, &own, &mut failed);
        }
    }
    for complaint in &failed {
        writeln!(out, "{}", crate::sanitize::line(complaint))?;
    }
    if !settings.quiet {
        writeln!(out, "{entries} rules, {examples} examples, {} failed", failed.len())?;
    }
    Ok(if failed.is_empty() { Outcome::Done } else { Outcome::Nothing })
}

/// Runs a file's examples and says how many there were.
fn run_examples(catalogue: Catalogue, file: &str, own: &Own, failed: &mut Vec<String>) -> usize {
    let provider = own.provider.as_deref().unwrap_or("");
    for entry in &own.entry {
        let speaker = catalogue.speaker(provider).filter(|_| needs_speaker(entry));
        let winner = |text: &str| {
            let finding = crate::explain::explain(catalogue, text, Context { speaker, ..Context::default() });
            finding.entry.map(|e| e.id()).or(finding.matched.rule)
        };
        compare(file, &entry.id, (&entry.yes, &entry.no), winner, failed);
    }
    for rule in &own.rule {
        let winner = |text: &str| crate::explain::explain(catalogue, text, Context::default()).matched.rule;
        compare(file, &rule.id, (&rule.yes, &rule.no), winner, failed);
    }
    own.entry.iter().map(|e| e.yes.len() + e.no.len()).sum::<usize>() + own.rule.iter().map(|r| r.yes.len() + r.no.len()).sum::<usize>()
}

fn needs_speaker(e: &Entry) -> bool {
    e.here || (e.says.is_empty() && e.also.is_empty())
}

fn compare(
    file: &str,
    id: &str,
    (yes, no): (&[String], &[String]),
    winner: impl Fn(&str) -> Option<&'static str>,
    failed: &mut Vec<String>,
) {
    for text in yes {
        match winner(text) {
            Some(won) if won == id => {}
            Some(other) => failed.push(format!("{file}: {id}: {other} explains: {text}")),
            None => failed.push(format!("{file}: {id}: does not match: {text}")),
        }
    }
    failed.extend(no.iter().filter(|text| winner(text) == Some(id)).map(|text| format!("{file}: {id}: must not match: {text}")));
}
