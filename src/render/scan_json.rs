//! The summary of a scan as JSON: all totals and groups. It must not know how
//! records are read.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::redact::masked;
use super::scan::Summary;
use crate::codes::rows::Verdict;
use crate::sanitize;
use crate::scan::alarm::Alarm;
use crate::scan::groups::Group;
use crate::scan::tally::Tally;
use crate::scan::{Counted, Report};

/// The summary as one object. Groups are written one by one: all of them
/// together would take more memory than the scan.
pub fn summary(out: &mut dyn Write, s: &Summary<'_>) -> io::Result<()> {
    let alarms: Vec<Value> = s.alarms.iter().map(|a| alarm(a, s)).collect();
    let head = safe(&json!({"schema": 1, "totals": totals(s.tally, s.report, s.redact), "alarms": alarms}))?;
    write!(out, "{},\"groups\":[", head.strip_suffix('}').unwrap_or(&head))?;
    for (number, g) in s.groups.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        write!(out, "{comma}{}", safe(&group(*g, s))?)?;
    }
    writeln!(out, "]}}")
}

/// The text of a value, safe to show.
fn safe(value: &Value) -> io::Result<String> {
    let text = serde_json::to_string(value)?;
    Ok(sanitize::json(&text).into_owned())
}

fn alarm(a: &Alarm, s: &Summary<'_>) -> Value {
    let rounded = |share: f64| (share * 1000.0).round() / 1000.0;
    json!({
        "provider": masked(&a.provider, s.redact),
        "cause": a.cause.id(),
        "since": a.since.to_string(),
        "last": a.last.to_string(),
        "attempts": a.attempts,
        "recipients": a.recipients,
        "estimated": a.estimated,
        "share": rounded(a.share),
        "share_before": a.share_before.map(rounded),
        "going_on": a.going_on,
    })
}

/// The last line of JSON lines.
pub fn last_line(out: &mut dyn Write, tally: &Tally, report: &Report, redact: bool) -> io::Result<()> {
    let mut all = totals(tally, report, redact);
    all["type"] = "summary".into();
    super::json::write(out, &all)
}

fn totals(tally: &Tally, report: &Report, redact: bool) -> Value {
    let t = &tally.totals;
    let verdict = |v: Verdict| t.of(v);
    let verdicts: serde_json::Map<String, Value> = Verdict::ALL.iter().map(|(name, v)| ((*name).to_string(), verdict(*v).into())).collect();
    json!({
        "lines": report.lines,
        "records": t.records,
        "attempts": t.attempts,
        "delivered": t.delivered,
        "verdicts": verdicts,
        "rejects": t.rejects,
        "logins": t.logins,
        "sessions": t.sessions,
        "expired": t.expired,
        "intermediate": t.intermediate,
        "messages": t.messages.count(),
        "recipients": t.recipients.count(),
        "estimated": t.messages.is_estimate() || t.recipients.is_estimate(),
        "unmatched": report.unmatched_count,
        "filtered": report.filtered,
        "counted": counted(&report.counted),
        "auto_replies": report.auto_replies,
        "feedback_reports": report.feedback_reports,
        "unreadable": report.unreadable.iter().map(|trouble| masked(trouble, redact)).collect::<Vec<_>>(),
        "unreadable_count": report.unreadable_count,
        "formats": report.formats,
        "assumed_year": report.assumed_year,
        "first": t.first.map(|t| t.to_string()),
        "last": t.last.map(|t| t.to_string()),
    })
}

/// What became of each piece of the input.
fn counted(c: &Counted) -> Value {
    json!({
        "pieces": c.all(),
        "told": c.told,
        "silent": c.silent,
        "unmatched": c.unmatched,
        "other": c.other,
        "blank": c.blank,
        "unreadable": c.unreadable,
    })
}

fn group(g: Group<'_>, s: &Summary<'_>) -> Value {
    let safe = |text: &str| masked(text, s.redact);
    let key: Vec<String> = g.key().map(safe).collect();
    json!({
        "key": key,
        "cause": g.cause().id(),
        "verdict": g.verdict().name(),
        "who": g.who().name(),
        "provider": g.speaker().map(|s| s.id()),
        "about": g.about().map(safe),
        "count": g.count(),
        "messages": g.messages().count(),
        "recipients": g.recipients().count(),
        "first": g.first().map(|t| t.to_string()),
        "last": g.last().map(|t| t.to_string()),
        "example": {
            "file": safe(g.file()),
            "line": g.line(),
            "queue_id": g.queue_id().map(safe),
            "reply": safe(g.reply()),
        },
    })
}
