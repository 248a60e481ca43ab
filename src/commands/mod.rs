//! What each command does: from settings to an outcome. It must not know how
//! output looks.

pub mod annotate;
pub mod check;
pub mod diff;
pub mod explain;
mod follow;
pub mod list;
pub mod scan;
pub mod show;

use anyhow::{Result, anyhow};

use crate::catalogue::{Catalogue, Speaker};

/// How a command ended; the worst of several wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Explained, or "yes".
    Done,
    /// Nothing recognised, or "no".
    Nothing,
    /// The exit status is asked for as it is.
    Status(u8),
}

impl Outcome {
    pub fn status(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Nothing => 1,
            Outcome::Status(status) => status,
        }
    }
}

/// The speaker named by `--provider`.
fn speaker(catalogue: Catalogue, name: Option<&str>) -> Result<Option<Speaker>> {
    let Some(name) = name else { return Ok(None) };
    let known = catalogue.speaker(&name.to_ascii_lowercase());
    let known = known.or_else(|| catalogue.speakers().find(|s| s.name().eq_ignore_ascii_case(name)));
    match known {
        Some(speaker) => Ok(Some(speaker)),
        None => {
            let near = nearest(name, catalogue.speakers().map(|s| s.id()));
            Err(with_tip(anyhow!("--provider: unknown provider '{name}'"), &near))
        }
    }
}

/// An error with the nearest names as its tip.
fn with_tip(error: anyhow::Error, near: &[&str]) -> anyhow::Error {
    if near.is_empty() { error } else { error.context(Tip(format!("did you mean {}?", near.join(", ")))) }
}

/// A hint that is printed on a line of its own under the error.
#[derive(Debug)]
pub struct Tip(pub String);

impl std::fmt::Display for Tip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Up to three names that are close to `name`, the closest first.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let name = name.to_lowercase();
    let limit = if name.len() < 4 { 1 } else { (name.len() / 3).clamp(2, 4) };
    let mut close: Vec<(usize, &str)> = names
        .filter_map(|n| {
            let lower = n.to_lowercase();
            let distance = if lower.contains(&name) && name.len() > 2 { 1 } else { distance(&name, &lower) };
            (distance <= limit).then_some((distance, n))
        })
        .collect();
    close.sort_by_key(|(d, n)| (*d, n.len()));
    close.truncate(3);
    close.into_iter().map(|(_, n)| n).collect()
}

/// Edit distance of two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let swap = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = swap.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_are_offered() {
        let names = ["google", "yahoo", "microsoft-365", "sendgrid"];
        assert_eq!(nearest("gogle", names.into_iter()), ["google"]);
        assert_eq!(nearest("microsoft", names.into_iter()), ["microsoft-365"]);
        assert!(nearest("zzzzzz", names.into_iter()).is_empty());
    }
}
