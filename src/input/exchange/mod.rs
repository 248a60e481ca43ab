//! Microsoft Exchange: message tracking logs, SMTP protocol logs, and what the
//! Exchange Management Shell prints. It must not know what a reply means.

mod led;
mod pasted;
mod protocol;
mod tracking;

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
    let names = text.trim_start_matches('\u{feff}').strip_prefix("#Fields: ")?;
    Some(names.split(',').map(|n| n.trim().to_ascii_lowercase()).collect())
}

/// The other lines at the head of a log.
fn is_head(text: &str) -> bool {
    ["#Software: Microsoft Exchange", "#Version: ", "#Log-type: ", "#Date: "]
        .iter()
        .any(|mark| text.trim_start_matches('\u{feff}').starts_with(mark))
}
