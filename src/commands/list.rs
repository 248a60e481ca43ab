//! `smtpwhy list [WORDS]…`: browses and searches the entries.

use std::io::Write;

use anyhow::{Result, anyhow};

use super::{Outcome, nearest, speaker, with_tip};
use crate::catalogue::{Catalogue, Entry};
use crate::cli::{Format, List, Options, VerdictName};
use crate::codes::rows::Verdict;
use crate::render;
use crate::settings::Settings;

/// Prints the entries that fit all words and options.
pub fn run(out: &mut dyn Write, catalogue: Catalogue, list: &List, options: &Options, settings: &Settings) -> Result<Outcome> {
    if list.stats {
        render::stats(out, settings.format.unwrap_or(Format::Table), settings.style, catalogue)?;
        return Ok(Outcome::Done);
    }
    let speaker = speaker(catalogue, options.provider.as_deref())?;
    check_cause(catalogue, list.cause.as_deref())?;
    let fits = |e: &Entry| {
        speaker.is_none_or(|s| s == e.speaker())
            && list.cause.as_deref().is_none_or(|c| c == e.cause().id())
            && list.verdict.is_none_or(|v| verdict(v) == e.verdict())
    };
    let entries: Vec<Entry> = catalogue.search(&list.words.join(" ")).into_iter().filter(fits).collect();
    if !settings.quiet {
        render::entries(out, settings.format.unwrap_or(Format::Table), settings.style, &entries)?;
    }
    Ok(if entries.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

fn check_cause(catalogue: Catalogue, cause: Option<&str>) -> Result<()> {
    match cause {
        Some(id) if catalogue.cause(id).is_none() => {
            let near = nearest(id, catalogue.causes().map(|c| c.id()));
            Err(with_tip(anyhow!("--cause: unknown cause '{id}'"), &near))
        }
        _ => Ok(()),
    }
}

fn verdict(name: VerdictName) -> Verdict {
    match name {
        VerdictName::Ok => Verdict::Ok,
        VerdictName::Retry => Verdict::Retry,
        VerdictName::Fix => Verdict::Fix,
        VerdictName::Remove => Verdict::Remove,
        VerdictName::Unknown => Verdict::Unknown,
    }
}
