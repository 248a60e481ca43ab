//! Messages to standard error: most of them a line, all made safe to show. One that cannot
//! be written is given up, since there is no one left to tell. It must not
//! know what is told.

use std::io::{self, Write as _};

use crate::sanitize;

/// Prints `smtpwhy: TEXT`.
pub fn tell(text: &str) {
    line("smtpwhy", text);
}

/// Prints `tip: TEXT`.
pub fn tip(text: &str) {
    line("tip", text);
}

/// Prints a text of several lines, without a word of who says it.
pub fn page(text: &str) {
    let _ = io::stderr().write_all(sanitize::lines(text).as_bytes());
}

fn line(from: &str, text: &str) {
    let line = format!("{from}: {}\n", sanitize::line(text));
    let _ = io::stderr().write_all(line.as_bytes());
}
