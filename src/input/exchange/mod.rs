//! Microsoft Exchange: message tracking logs, SMTP protocol logs, and what the
//! Exchange Management Shell prints. It must not know what a reply means.

mod led;
mod pasted;
mod protocol;
mod tracking;

use super::delimited::MOST_FIELDS;

pub use pasted::Pasted;
pub use protocol::Protocol;
pub use tracking::Tracking;

/// A line of a log begins with its time: `2026-08-11T09:47:13.123Z,`.
fn begins_with_time(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd.";
    let bytes = text.trim_start_matches('"').as_bytes();
    bytes.len() > shape.len() && shape.iter().zip(bytes).all(|(s, b)| if *s == b'd' { b.is_ascii_digit() } else { s == b })
}

/// The names in a `#Fields:` line.
fn names(text: &str) -> Option<Vec<String>> {
    let names = unmarked(text).strip_prefix("#Fields: ")?;
    Some(names.split(',').take(MOST_FIELDS).map(|n| n.trim().to_ascii_lowercase()).collect())
}

/// The other lines at the head of a log.
fn is_head(text: &str) -> bool {
    let marks = ["#Software: Microsoft Exchange", "#Version: ", "#Log-type: ", "#Date: "];
    marks.iter().any(|mark| unmarked(text).starts_with(mark))
}

/// Without byte-order marks in front.
fn unmarked(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

/// Whether a line may begin as those of a log do, with a mark or with a time.
fn may_claim(text: &str) -> bool {
    matches!(text.as_bytes(), [b'#' | b'"' | 0xef, ..] | [b'0'..=b'9', _, _, _, b'-', ..])
}
