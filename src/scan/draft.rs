//! Drafts of catalogue entries for replies that no rule knew. Each is tried
//! before it is shown: its example must be won by itself. It must not know
//! output formats other than TOML.

use std::collections::HashSet;

use super::unknown::{Folded, Group, Part};
use crate::catalogue::Catalogue;
use crate::codes::source::Own;
use crate::matcher::Context;

/// Lines that a file of drafts begins with.
pub const HEADER: &str = "provider = \"house\"\nname = \"House rules\"\n";

/// An entry to be finished by a person.
pub struct Draft {
    pub id: String,
    /// The entry as it stands in a file.
    pub toml: String,
    /// Its example.
    yes: String,
}

/// Most drafts made at once; to finish them takes a person days.
const MOST_DRAFTS: usize = 500;
/// Most phrases that an entry may have.
const MOST_PHRASES: usize = 8;
/// Words that are too few to be looked for anywhere in a reply.
const FEW: usize = 2;

/// A draft for each group; `None` where there are no words to go by, or other
/// drafts explain the same text.
pub fn drafts(catalogue: Catalogue, groups: &[(&str, &Group)]) -> Vec<Option<Draft>> {
    let mut ids: HashSet<String> = catalogue.entries().map(|e| e.id().to_string()).collect();
    let mut drafts: Vec<Option<Draft>> = groups.iter().take(MOST_DRAFTS).map(|(_, group)| draft(group, &mut ids)).collect();
    drafts.resize_with(groups.len(), || None);
    while let Err(entry) = try_out(catalogue, &mut drafts) {
        let before = drafts.iter().flatten().count();
        drafts.iter_mut().filter(|d| d.as_ref().is_some_and(|d| entry.is_empty() || d.id == entry)).for_each(|d| *d = None);
        if drafts.iter().flatten().count() == before {
            drafts.iter_mut().for_each(|d| *d = None);
        }
    }
    drafts
}

/// Drops drafts that do not explain their own example; the error is the id of
/// one that is refused as a whole.
fn try_out(catalogue: Catalogue, drafts: &mut [Option<Draft>]) -> Result<(), String> {
    if drafts.iter().flatten().next().is_none() {
        return Ok(());
    }
    let file: String = std::iter::once(HEADER).chain(drafts.iter().flatten().map(|d| d.toml.as_str())).collect();
    let own: Own = toml::from_str(&file).map_err(|_| String::new())?;
    let tried = catalogue.with_drafts(own).map_err(|mistake| mistake.entry)?;
    for draft in drafts.iter_mut() {
        let wins = |d: &Draft| crate::explain::explain(tried, &d.yes, Context::default()).entry.is_some_and(|e| e.id() == d.id);
        if draft.as_ref().is_some_and(|d| !wins(d)) {
            *draft = None;
        }
    }
    Ok(())
}

fn draft(group: &Group, ids: &mut HashSet<String>) -> Option<Draft> {
    let says = says(&group.folded());
    if says.is_empty() {
        return None;
    }
    let (id, yes) = (id(&says, ids), example(group));
    let mut toml = format!("\n[[entry]]\nid = {}\n", string(&id));
    let codes: Vec<String> = group.codes.iter().filter(|c| (100..=699).contains(*c)).map(u16::to_string).collect();
    let statuses: Vec<String> = group.enhanced.iter().map(|s| string(s)).collect();
    for (name, values) in [("code", &codes), ("enhanced", &statuses)] {
        if !values.is_empty() {
            toml.push_str(&format!("{name} = [{}]\n", values.join(", ")));
        }
    }
    let words: usize = says.iter().map(|s| s.split(' ').count()).sum();
    let whole = group.folded().parts.iter().all(|(part, _)| *part == Part::Word);
    if words <= FEW && whole {
        toml.push_str(&format!("text = {}\n", string(&says[0])));
    } else {
        toml.push_str(&format!("says = [{}]\n", says.iter().map(|s| string(s)).collect::<Vec<_>>().join(", ")));
        if words <= FEW && !(codes.is_empty() && statuses.is_empty()) {
            toml.push_str("strict = true\n");
        }
    }
    toml.push_str("cause = \"unknown\" # choose one of codes/causes.toml; it brings the verdict\n");
    toml.push_str("# sources = [\"page\"] # the page that says what it means, named under [sources]\n");
    toml.push_str(&format!("yes = [{}]\n", string(&yes)));
    Some(Draft { id, toml, yes })
}

/// The runs of words, in the order of the text; the longest where they are too
/// many. A single short word counts only where there is nothing else.
fn says(folded: &Folded) -> Vec<String> {
    let runs = folded.runs();
    let words = |run: &String| run.split(' ').count();
    let telling: Vec<String> = runs.iter().filter(|r| words(r) > 1 || r.chars().count() > 3).cloned().collect();
    let mut kept = if telling.is_empty() { runs } else { telling };
    let mut seen = HashSet::new();
    kept.retain(|run| seen.insert(run.clone()));
    while kept.len() > MOST_PHRASES {
        let shortest = (0..kept.len()).min_by_key(|n| words(&kept[*n])).unwrap_or(0);
        kept.remove(shortest);
    }
    kept
}

/// `house-`, and the first words of the longest run.
fn id(says: &[String], taken: &mut HashSet<String>) -> String {
    let longest = says.iter().max_by_key(|s| s.len()).map_or("", String::as_str);
    let plain = |w: &&str| w.bytes().all(|b| b.is_ascii_alphanumeric());
    let words: Vec<&str> = longest.split(' ').filter(plain).take(4).collect();
    let name = if words.is_empty() { "house-unknown".to_string() } else { format!("house-{}", words.join("-")) };
    let mut id = name.clone();
    let mut number = 2;
    while !taken.insert(id.clone()) {
        id = format!("{name}-{number}");
        number += 1;
    }
    id
}

/// The reply with documentation names for what it names.
fn example(group: &Group) -> String {
    let mut out = String::new();
    let numbers = [group.codes.iter().next().map(u16::to_string), group.enhanced.iter().next().cloned()];
    for number in numbers.into_iter().flatten() {
        out.push_str(&number);
        out.push(' ');
    }
    let folded = group.folded();
    let (text, mut from) = (&folded.text, 0);
    for (part, range) in &folded.parts {
        out.push_str(&text[from..range.start]);
        out.push_str(documented(*part).unwrap_or(&text[range.clone()]));
        from = range.end;
    }
    out.push_str(&text[from..]);
    crate::sanitize::line(&out).into_owned()
}

/// A name that stands for no one; numbers and words stay.
fn documented(part: Part) -> Option<&'static str> {
    match part {
        Part::Word | Part::Number => None,
        Part::Addr => Some("user@example.com"),
        Part::Host => Some("mx.example.com"),
        Part::Ip => Some("192.0.2.1"),
        Part::Url => Some("https://example.com/"),
        Part::Id => Some("id1"),
    }
}

/// A TOML string.
fn string(text: &str) -> String {
    let safe = crate::sanitize::line(text);
    format!("\"{}\"", safe.replace('\\', "\\\\").replace('"', "\\\""))
}
