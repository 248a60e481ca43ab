//! Replies that no rule knew, with drafts of entries: as a file of rules whose
//! comments tell where they come from, or as JSON. It must not know how texts
//! are grouped or drafts are made.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::redact::masked;
use crate::sanitize;
use crate::scan::draft::{Draft, HEADER};
use crate::scan::unknown::Group;

/// What to print.
pub struct Page<'a> {
    /// Folded texts and what is known of them.
    pub groups: &'a [(&'a str, &'a Group)],
    /// A draft for each, where there is one.
    pub drafts: &'a [Option<Draft>],
    /// Groups in all, printed or not.
    pub all: usize,
    /// Replies that found no room in a group.
    pub left_out: usize,
    pub redact: bool,
}

/// Prints a file that `smtpwhy check` accepts.
pub fn text(out: &mut dyn Write, page: &Page<'_>) -> io::Result<()> {
    if page.groups.is_empty() {
        return writeln!(out, "# Every reply was known by its words.");
    }
    writeln!(out, "# Save as house.toml, choose causes, then: smtpwhy check house.toml")?;
    write!(out, "{HEADER}")?;
    for ((folded, group), draft) in page.groups.iter().zip(page.drafts) {
        writeln!(out)?;
        about(out, folded, group, page.redact)?;
        match draft {
            Some(draft) => write!(out, "{}", masked_lines(draft.toml.trim_start(), page.redact))?,
            None => writeln!(out, "# No draft: there are no words to go by, another draft explains it, or there are too many.")?,
        }
    }
    if page.all > page.groups.len() {
        writeln!(out, "\n# And {} more; --top {} prints all.", page.all - page.groups.len(), page.all)?;
    }
    if page.left_out > 0 {
        writeln!(out, "# {} replies more found no room in a group.", page.left_out)?;
    }
    Ok(())
}

/// Hosts named in a comment.
const HOSTS: usize = 5;

fn about(out: &mut dyn Write, folded: &str, group: &Group, redact: bool) -> io::Result<()> {
    let times = if group.count == 1 { "once" } else { "times" };
    let count = if group.count == 1 { String::new() } else { format!("{} ", group.count) };
    writeln!(out, "# {count}{times}: {}", safe(folded, redact))?;
    writeln!(out, "# {}:{}: {}", safe(&group.place.file, redact), group.place.line, safe(&group.example, redact))?;
    let hosts = hosts(group);
    if hosts.is_empty() {
        return Ok(());
    }
    let more = if hosts.len() > HOSTS { format!(" and {} more", hosts.len() - HOSTS) } else { String::new() };
    let named = hosts[..hosts.len().min(HOSTS)].join(", ");
    writeln!(out, "# said by {}{more}", safe(&named, redact))
}

/// Each line as it may be shown.
fn masked_lines(text: &str, redact: bool) -> String {
    text.split_inclusive('\n').map(|line| masked(line, redact)).collect()
}

fn safe(text: &str, redact: bool) -> String {
    sanitize::line(&masked(text, redact)).into_owned()
}

/// Relay hosts, those that spoke most first.
fn hosts(group: &Group) -> Vec<&str> {
    let mut hosts: Vec<(&str, usize)> = group.hosts.iter().map(|(host, count)| (host.as_str(), *count)).collect();
    hosts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    hosts.into_iter().map(|(host, _)| host).collect()
}

/// Prints one object.
pub fn json(out: &mut dyn Write, page: &Page<'_>) -> io::Result<()> {
    let groups: Vec<Value> = objects(page).collect();
    super::json::write(out, &json!({"schema": 1, "all": page.all, "left_out": page.left_out, "groups": groups}))
}

/// Prints an object a line.
pub fn lines(out: &mut dyn Write, page: &Page<'_>) -> io::Result<()> {
    objects(page).try_for_each(|group| super::json::write(out, &group))
}

fn objects<'a>(page: &'a Page<'a>) -> impl Iterator<Item = Value> + 'a {
    page.groups.iter().zip(page.drafts).map(|((folded, group), draft)| {
        json!({
            "type": "unknown",
            "count": group.count,
            "text": masked(folded, page.redact),
            "codes": group.codes,
            "enhanced": group.enhanced,
            "hosts": hosts(group).into_iter().map(|host| masked(host, page.redact)).collect::<Vec<_>>(),
            "example": {"file": masked(&group.place.file, page.redact), "line": group.place.line, "reply": masked(&group.example, page.redact)},
            "draft": draft.as_ref().map(|d| format!("{HEADER}{}", masked_lines(&d.toml, page.redact))),
        })
    })
}
