//! Messages to standard error: a line each, made safe to show. One that cannot
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

fn line(from: &str, text: &str) {
    let line = format!("{from}: {}\n", sanitize::line(text));
    let _ = io::stderr().write_all(line.as_bytes());
}
