//! `smtpwhy diff OLD NEW`: which findings are new, gone, more or less frequent.
//! It must not know formats of logs or how the result looks.

mod counts;

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, anyhow};

use super::{Outcome, speaker};
use crate::catalogue::Catalogue;
use crate::cli::{Diff, Format, Options};
use crate::message;
use crate::render::diff::{self, Change, Comparison, Kind, Side};
use crate::settings::Settings;
use counts::{Counts, Key};

/// Exit status where an input could not be read whole.
const TROUBLE: u8 = 2;

/// Compares two inputs.
pub fn run(out: &mut dyn Write, catalogue: Catalogue, args: &Diff, options: &Options, settings: &Settings) -> Result<Outcome> {
    if options.is.is_some() || options.exit_code {
        return Err(anyhow!("diff: --is and --exit-code ask for a verdict, and a difference has none"));
    }
    if args.old == Path::new("-") && args.new == Path::new("-") {
        return Err(anyhow!("diff: only one of the two can be standard input"));
    }
    let providers = providers(catalogue, options)?;
    let mut before = counts::read(catalogue, &args.old)?;
    let mut after = counts::read(catalogue, &args.new)?;
    for counts in [&mut before, &mut after] {
        counts.findings.retain(|key, _| providers.is_empty() || key.provider.as_deref().is_some_and(|p| providers.contains(&p)));
    }
    let comparison = compare(catalogue, &before, &after);
    if !settings.quiet {
        print(out, args, settings, &comparison)?;
    }
    out.flush()?;
    let same = comparison.changes.is_empty();
    Ok(if remarks(&[before, after]) { Outcome::Status(TROUBLE) } else { outcome(same) })
}

fn outcome(same: bool) -> Outcome {
    if same { Outcome::Done } else { Outcome::Nothing }
}

/// Ids of the providers asked for; none: all.
fn providers(catalogue: Catalogue, options: &Options) -> Result<Vec<&'static str>> {
    let names = options.provider.iter().flat_map(|p| p.split(','));
    let ids = names.map(|name| Ok(speaker(catalogue, Some(name))?.map(|s| s.id())));
    Ok(ids.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

fn print(out: &mut dyn Write, args: &Diff, settings: &Settings, comparison: &Comparison) -> Result<()> {
    match settings.format.unwrap_or(Format::Table) {
        Format::Text | Format::Table | Format::Csv => diff::table(out, settings.style, comparison, args.top)?,
        Format::Json => diff::document(out, comparison)?,
        Format::Jsonl => diff::lines(out, comparison)?,
    }
    Ok(())
}

/// Tells what was wrong with the inputs, and whether that is trouble.
fn remarks(inputs: &[Counts]) -> bool {
    for input in inputs.iter().filter(|i| i.side.records == 0) {
        message::tell(&format!("{}: holds no record of mail", input.side.input));
    }
    for trouble in inputs.iter().flat_map(|i| &i.unreadable) {
        message::tell(trouble);
    }
    inputs.iter().any(|i| !i.unreadable.is_empty())
}

fn compare(catalogue: Catalogue, before: &Counts, after: &Counts) -> Comparison {
    let (old, new) = with_bases(&before.side, &after.side);
    let keys: HashSet<&Key> = before.findings.keys().chain(after.findings.keys()).collect();
    let count = |counts: &Counts, key: &Key| counts.findings.get(key).copied().unwrap_or(0);
    let mut comparison = Comparison { before: old, after: new, changes: Vec::new() };
    let changed = |key: &Key| {
        let (before, after) = (count(before, key), count(after, key));
        let kind = kind((before, comparison.before.base), (after, comparison.after.base))?;
        Some(change(catalogue, key, kind, (before, after)))
    };
    let mut changes: Vec<Change> = keys.into_iter().filter_map(changed).collect();
    changes.sort_by(|a, b| comparison.order(a, b));
    comparison.changes = changes;
    comparison
}

/// Both sides with what their shares are of: the same measure for both, so
/// records where a log has no attempts to deliver, as that of a mail exchanger.
fn with_bases(before: &Side, after: &Side) -> (Side, Side) {
    let by_attempts = before.attempts > 0 && after.attempts > 0;
    let with = |side: &Side| Side { base: if by_attempts { side.attempts } else { side.records }, ..side.clone() };
    (with(before), with(after))
}

/// How a count of a base differs from another; `None` where its share is equal.
fn kind((before, old): (usize, usize), (after, new): (usize, usize)) -> Option<Kind> {
    match (before, after) {
        (0, 0) => None,
        (0, _) => Some(Kind::New),
        (_, 0) => Some(Kind::Gone),
        _ => {
            // Crosswise, since fractions of floats are never quite equal.
            let (was, is) = (before as u128 * new as u128, after as u128 * old as u128);
            (is != was).then_some(if is > was { Kind::Up } else { Kind::Down })
        }
    }
}

fn change(catalogue: Catalogue, key: &Key, kind: Kind, (before, after): (usize, usize)) -> Change {
    let name = |id: &str| catalogue.speaker(id).map_or_else(|| id.to_string(), |s| s.name().to_string());
    Change {
        kind,
        verdict: key.verdict,
        cause: key.cause.to_string(),
        provider: key.provider.as_deref().map(|id| (id.to_string(), name(id))),
        inbound: key.inbound,
        before,
        after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_decide_and_not_counts() {
        assert_eq!(kind((5, 100), (10, 200)), None);
        assert_eq!(kind((5, 100), (9, 200)), Some(Kind::Down));
        assert_eq!(kind((5, 100), (5, 90)), Some(Kind::Up));
        assert_eq!(kind((0, 100), (1, 200)), Some(Kind::New));
        assert_eq!(kind((1, 100), (0, 0)), Some(Kind::Gone));
        assert_eq!(kind((0, 0), (0, 0)), None);
    }
}
