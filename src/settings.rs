//! Arguments, environment and terminal become settings. The only reader of
//! the environment; it must not know the catalogue.

use std::env;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use crate::cli::{Color, Format, Options};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub color: bool,
    /// Columns of text, 40 to 100.
    pub width: usize,
    /// Columns of tables, 40 to 160.
    pub table_width: usize,
    /// Only ASCII in frames and separators.
    pub ascii: bool,
}

/// All that the arguments, the environment and the terminal decide.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `None`: the command's own default.
    pub format: Option<Format>,
    pub style: Style,
    pub quiet: bool,
    pub verbose: bool,
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    /// Files and folders of a user's own rules: of the environment first, so
    /// that the command line has the last word.
    pub codes: Vec<PathBuf>,
}

impl Settings {
    pub fn new(options: &Options) -> Settings {
        let out = std::io::stdout().is_terminal();
        Settings {
            format: if options.json { Some(Format::Json) } else { options.format },
            style: Style { color: wants_color(options.color, out), width: width(out).min(100), table_width: width(out), ascii: !is_utf8() },
            quiet: options.quiet || options.is.is_some(),
            verbose: options.verbose,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: out,
            stderr_is_terminal: std::io::stderr().is_terminal(),
            codes: codes(&options.codes),
        }
    }
}

fn codes(options: &[PathBuf]) -> Vec<PathBuf> {
    let set = env::var_os("SMTPWHY_CODES").filter(|v| !v.is_empty());
    let mut paths: Vec<PathBuf> = set.iter().flat_map(env::split_paths).collect();
    paths.extend_from_slice(options);
    paths
}

/// `--color`, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, `TERM`, then
/// whether it is a terminal.
fn wants_color(asked: Color, terminal: bool) -> bool {
    let set = |name: &str| env::var_os(name).filter(|v| !v.is_empty());
    match asked {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR").is_some() => false,
        Color::Auto if set("CLICOLOR_FORCE").is_some_and(|v| v != "0") => true,
        Color::Auto if set("CLICOLOR").is_some_and(|v| v == "0") => false,
        Color::Auto => terminal && set("TERM").is_none_or(|t| t != "dumb"),
    }
}

fn width(terminal: bool) -> usize {
    let columns = env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let measured = || terminal.then(terminal_size::terminal_size).flatten().map(|(w, _)| w.0 as usize);
    measured().or(columns).unwrap_or(80).clamp(40, 160)
}

/// The locale writes UTF-8; without any locale we assume so.
fn is_utf8() -> bool {
    let set = |name: &&str| env::var(name).ok().filter(|v| !v.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_none_or(|l| l.to_ascii_lowercase().replace('-', "").contains("utf8"))
}
