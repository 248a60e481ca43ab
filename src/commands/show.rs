//! `smtpwhy show ID|CODE|TERM…`: catalogue items in full.

use std::io::Write;

use anyhow::{Result, anyhow};

use super::{Outcome, nearest, with_tip};
use crate::catalogue::{Catalogue, Entry};
use crate::cli::{Format, Show};
use crate::codes::status::Status;
use crate::matcher::Context;
use crate::render::{self, Item};
use crate::settings::Settings;

/// Prints what the names stand for; unknown names are reported at the end.
pub fn run(out: &mut dyn Write, catalogue: Catalogue, show: &Show, settings: &Settings) -> Result<Outcome> {
    let mut items = Vec::new();
    let mut first_error = None;
    for name in &show.names {
        let found = find(catalogue, name);
        if found.is_empty() && first_error.is_none() {
            first_error = Some(unknown(catalogue, name));
        }
        items.extend(found);
    }
    if !settings.quiet && !items.is_empty() {
        render::items(out, settings.format.unwrap_or(Format::Text), settings.style, &items)?;
    }
    first_error.map_or(Ok(Outcome::Done), Err)
}

/// Everything a name stands for: "postfix" is a provider and a term.
fn find(catalogue: Catalogue, name: &str) -> Vec<Item> {
    let lower = name.to_ascii_lowercase();
    let mut items: Vec<Item> = Vec::new();
    items.extend(catalogue.entry(&lower).map(Item::Entry));
    items.extend(catalogue.cause(&lower).map(Item::Cause));
    items.extend(catalogue.term(name).map(Item::Term));
    items.extend(catalogue.speaker(&lower).map(Item::Speaker));
    items.extend(code(catalogue, name));
    items.extend(status(catalogue, name));
    if items.is_empty() {
        items.extend(entry_by_token(catalogue, name).map(Item::Entry));
    }
    items
}

fn code(catalogue: Catalogue, name: &str) -> Option<Item> {
    let number: u16 = name.parse().ok()?;
    let known = catalogue.code(number)?;
    let variants = catalogue.entries().filter(|e| e.codes().contains(&number) && !e.is_http()).collect();
    Some(Item::Code(known, variants))
}

fn status(catalogue: Catalogue, name: &str) -> Option<Item> {
    let status = Status::parse(name.trim_start_matches('#'))?;
    let known = catalogue.status(status)?;
    let variants = catalogue.entries().filter(|e| e.enhanced().iter().any(|s| s.agrees(status))).collect();
    Some(Item::Status(known, variants))
}

/// Tokens such as `0x800CCC0E` or `TSS04` name the entry that they decide.
fn entry_by_token(catalogue: Catalogue, name: &str) -> Option<Entry> {
    let finding = crate::explain::explain(catalogue, name, Context::default());
    let whole = finding.matched.text.len() + 2 >= name.len();
    finding.entry.filter(|_| whole && !name.contains(char::is_whitespace))
}

fn unknown(catalogue: Catalogue, name: &str) -> anyhow::Error {
    let ids = catalogue.entries().map(|e| e.id()).chain(catalogue.causes().map(|c| c.id()));
    let names = ids.chain(catalogue.terms().map(|t| t.name())).chain(catalogue.speakers().map(|s| s.id()));
    with_tip(anyhow!("show: nothing is called '{name}'"), &nearest(name, names))
}
