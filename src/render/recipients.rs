//! A list of addresses: for reading, as JSON, as CSV, as sending services
//! import it. It must not know how addresses are collected.

use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::each::{csv_cell, plain_cell};
use super::redact::masked;
use crate::cli::Format;
use crate::sanitize;
use crate::scan::recipients::Listed;
use crate::settings::Style;

/// How addresses are shown.
#[derive(Clone, Copy)]
pub struct Show<'a> {
    pub redact: bool,
    /// Addresses give way to a hash with this salt.
    pub salt: Option<&'a str>,
}

/// One address as it is shown.
struct Row<'a> {
    name: String,
    evidence: String,
    file: String,
    listed: &'a Listed<'a>,
}

/// Prints addresses, ordered by what is shown of them.
pub fn list(out: &mut dyn Write, format: Format, style: Style, show: Show<'_>, list: &[Listed<'_>]) -> io::Result<()> {
    let rows = rows(list, show);
    match format {
        Format::Text | Format::Table => text(out, style, &rows),
        Format::Csv => csv(out, &rows),
        Format::Json => {
            let results: Vec<Value> = rows.iter().map(object).collect();
            super::json::write(out, &json!({"schema": 1, "results": results}))
        }
        Format::Jsonl => rows.iter().try_for_each(|row| super::json::write(out, &object(row))),
    }
}

/// Prints addresses as the import of `service` takes them, with no more
/// columns than it needs.
pub fn import(out: &mut dyn Write, service: &str, list: &[Listed<'_>]) -> io::Result<()> {
    let header = match service {
        "mailgun" => "address,code,error",
        "ses" => "email,reason",
        "postmark" => "EmailAddress",
        _ => "email",
    };
    writeln!(out, "{header}")?;
    let plain = Show { redact: false, salt: None };
    for row in rows(list, plain).iter().filter(|r| r.name.contains('@')) {
        let address = plain_cell(&row.name);
        match service {
            "mailgun" => writeln!(out, "{address},{},{}", reply_code(row), csv_cell(&row.evidence))?,
            "ses" => writeln!(out, "{address},BOUNCE")?,
            _ => writeln!(out, "{address}")?,
        }
    }
    Ok(())
}

/// The code of the refusal; 550, which Mailgun itself takes for none.
fn reply_code(row: &Row<'_>) -> u16 {
    row.listed.refused.ruling.code.unwrap_or(550)
}

fn rows<'a>(list: &'a [Listed<'a>], show: Show<'_>) -> Vec<Row<'a>> {
    let hides = show.redact || show.salt.is_some();
    let row = |listed: &'a Listed<'a>| {
        let name = match show.salt {
            Some(salt) => hash(salt, listed.address),
            None if show.redact => masked(listed.address, true),
            None => listed.address.to_string(),
        };
        let mut evidence = listed.refused.text.to_string();
        if hides {
            evidence = without(&evidence, listed.address);
        }
        Row { name, evidence: masked(&evidence, hides), file: masked(&listed.refused.file, hides), listed }
    };
    let mut rows: Vec<Row<'a>> = list.iter().map(row).collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

/// `text` without `address` in any case, quoted local parts too.
fn without(text: &str, address: &str) -> String {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return lower.replace(address, "***");
    }
    let (mut out, mut from) = (String::new(), 0);
    for (at, found) in lower.match_indices(address) {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str("***");
        from = at + found.len();
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// SHA-256 of salt and address, in hex.
fn hash(salt: &str, address: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(address).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Columns that addresses are padded to at the most.
const WIDEST: usize = 40;

fn text(out: &mut dyn Write, style: Style, rows: &[Row<'_>]) -> io::Result<()> {
    let width = rows.iter().map(|r| r.name.chars().count()).max().unwrap_or(0).min(WIDEST);
    let causes = rows.iter().map(|r| r.listed.refused.ruling.cause.id().len()).max().unwrap_or(0);
    for row in rows {
        let r = row.listed.refused;
        let verdict = format!("{:<7}", super::verdict_word(r.ruling.verdict));
        let verdict = super::text::colored(&verdict, r.ruling.verdict, style);
        let times = [r.first, r.last].map(|t| t.map_or("-".to_string(), |t| t.at.strftime("%Y-%m-%d %H:%M").to_string()));
        let numbers = numbers(row);
        let name = sanitize::line(&row.name);
        let place = sanitize::line(&row.file);
        let evidence = sanitize::line(&row.evidence);
        let (cause, count, [first, last], line) = (r.ruling.cause.id(), r.count, times, r.line);
        writeln!(
            out,
            "{verdict} {name:<width$}  {cause:<causes$} {numbers:<10} {count:>4}x  {first} to {last}  {place}:{line}  {evidence}"
        )?;
    }
    Ok(())
}

/// `550 5.1.1`
fn numbers(row: &Row<'_>) -> String {
    [code(row), enhanced(row)].into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join(" ")
}

fn code(row: &Row<'_>) -> String {
    row.listed.refused.ruling.code.map_or(String::new(), |c| c.to_string())
}

fn enhanced(row: &Row<'_>) -> String {
    row.listed.refused.ruling.enhanced.map_or(String::new(), |e| e.to_string())
}

fn csv(out: &mut dyn Write, rows: &[Row<'_>]) -> io::Result<()> {
    writeln!(out, "address,verdict,cause,code,enhanced,evidence,count,first,last,delivered,file,line")?;
    for row in rows {
        let r = row.listed.refused;
        let [first, last, delivered] = [r.first, r.last, row.listed.delivered].map(|t| t.map_or(String::new(), |t| t.to_string()));
        let (verdict, cause) = (r.ruling.verdict.name(), r.ruling.cause.id());
        let (numbers, count, line) = ([code(row), enhanced(row)], r.count.to_string(), r.line.to_string());
        let [code, enhanced] = &numbers;
        let cells = [&*row.name, verdict, cause, code, enhanced, &row.evidence, &count, &first, &last, &delivered, &row.file, &line];
        writeln!(out, "{}", cells.map(csv_cell).join(","))?;
    }
    Ok(())
}

fn object(row: &Row<'_>) -> Value {
    let r = row.listed.refused;
    json!({
        "type": "recipient",
        "address": row.name,
        "verdict": r.ruling.verdict.name(),
        "cause": r.ruling.cause.id(),
        "code": r.ruling.code,
        "enhanced": r.ruling.enhanced.map(|e| e.to_string()),
        "evidence": row.evidence,
        "count": r.count,
        "first": r.first.map(|t| t.to_string()),
        "last": r.last.map(|t| t.to_string()),
        "delivered": row.listed.delivered.map(|t| t.to_string()),
        "file": row.file,
        "line": r.line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_salt_and_address() {
        assert_eq!(hash("", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hash("a", "bc"), hash("", "abc"));
    }

    #[test]
    fn the_address_leaves_the_evidence_in_any_case() {
        assert_eq!(without("550 <\"A B\"@Example.com> unknown", "\"a b\"@example.com"), "550 <***> unknown");
        assert_eq!(without("550 no address", "a@example.com"), "550 no address");
    }
}
