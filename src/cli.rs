//! The command line: names, help and values of all arguments, nothing else.
//! It must not know the environment or output.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Explains why mail fails: what happened, who can mend it, what to do next.
#[derive(Parser, Debug)]
#[command(
    name = "smtpwhy",
    version,
    long_version = concat!(env!("CARGO_PKG_VERSION"), "\ncatalogue ", env!("SMTPWHY_CATALOGUE")),
    after_help = "Try: smtpwhy 550 5.7.26. More: smtpwhy --help, smtpwhy man.",
    after_long_help = AFTER_LONG_HELP,
    max_term_width = 80,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// A code, reply, exception or error text [default: read stdin]
    #[arg(value_name = "REPLY")]
    pub reply: Vec<OsString>,

    #[command(flatten)]
    pub context: ContextArgs,

    #[command(flatten)]
    pub options: Options,
}

impl Cli {
    /// The command line of a reply alone, as most are: no option, no command.
    /// Reads the same as the parser does, without building all that it knows.
    pub fn of_words(words: &[OsString]) -> Option<Cli> {
        let command = |w: &OsString| w.to_str().is_some_and(Command::has_subcommand);
        let plain = words.iter().all(|w| !w.as_encoded_bytes().starts_with(b"-")) && words.first().is_some_and(|w| !command(w));
        plain.then(|| Cli { command: None, reply: words.to_vec(), context: ContextArgs::default(), options: Options::default() })
    }
}

/// What is known about a reply besides its text.
#[derive(Args, Debug, Clone, Default)]
pub struct ContextArgs {
    /// Host name of the relay that replied
    #[arg(long, value_name = "HOST")]
    pub relay: Option<String>,
    /// When it replied: connect, ehlo, starttls, auth, mail, rcpt, data,
    /// end-of-data
    #[arg(long, value_name = "STAGE", hide_possible_values = true, value_parser = [
        "connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "end-of-data"])]
    pub stage: Option<String>,
    /// out: they refused us; in: we refused them
    #[arg(long, value_name = "in|out", hide_possible_values = true, value_parser = ["in", "out"])]
    pub direction: Option<String>,
}

const AFTER_LONG_HELP: &str = "\
Examples:
  smtpwhy 550 5.7.26
      what a code means, and which replies it may stand for
  smtpwhy \"550 5.7.1 Service unavailable; client [192.0.2.7] blocked using zen.spamhaus.org\"
      what happened, who can mend it, what to do
  if smtpwhy --is remove -- \"$reply\"; then …
      ask from a script
  smtpwhy show greylisting 0x800CCC0E 5.7.26
      one catalogue entry, code, cause or term in full

Exit status:
  0  explained (with --is: yes)
  1  nothing recognised (with --is: no)
  2  wrong usage, or input that cannot be read
  With --exit-code the status is the verdict: ok 0, retry 10, fix 11,
  remove 12, unknown 1, trouble 2.

Environment:
  NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM   colours, see --color
  COLUMNS                                    width, where there is no terminal
  SMTPWHY_CODES                              rules of your own, as --codes";

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Read logs, queues, bounces, events: what failed, and what to do
    Scan(Box<Scan>),
    /// Add to JSON lines what their replies mean
    Annotate(Annotate),
    /// Compare two logs or saved summaries: what is new, gone, up, down
    Diff(Diff),
    /// Group replies that no rule knew, and draft entries for them
    Unknown(Unknown),
    /// Show a catalogue entry, code, cause, provider or term in full
    Show(Show),
    /// Browse and search the catalogue
    List(List),
    /// Check rules of your own, and run their examples
    Check(Check),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

#[derive(Args, Debug, Default)]
pub struct Scan {
    /// Logs, queue listings, bounce mails, mailboxes, events; - is stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<std::path::PathBuf>,
    /// Read the files of folders too, oldest first
    #[arg(short, long)]
    pub recursive: bool,
    /// Go on with what is written to the file, as tail -F; Ctrl-C ends
    #[arg(short = 'F', long, conflicts_with = "recursive")]
    pub follow: bool,
    /// Follow from the start of the file, not from its end
    #[arg(long, requires = "follow")]
    pub from_start: bool,
    /// Read as this format instead of finding out
    #[arg(long, value_name = "FORMAT")]
    pub input: Option<String>,
    /// Columns of a table: reply=…,recipient=…,time=…
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Print a line a record instead of a summary
    #[arg(long)]
    pub each: bool,
    /// Print addresses, each once: recipients
    #[arg(long, value_name = "WHAT", value_parser = ["recipients"], conflicts_with = "each")]
    pub list: Option<String>,
    /// Write the list as a service imports it, verdict remove unless --verdict
    #[arg(long = "for", value_name = "SERVICE", requires = "list", conflicts_with_all = ["spared", "hash", "redact"], value_parser = ["sendgrid", "mailgun", "ses", "postmark"])]
    pub service: Option<String>,
    /// List addresses that were delivered to after their refusal
    #[arg(long, requires = "list")]
    pub spared: bool,
    /// Replace addresses by a salted hash
    #[arg(long, requires = "list", value_name = "SALT")]
    pub hash: Option<String>,
    /// Mask addresses, so that the output can be shown in public
    #[arg(long)]
    pub redact: bool,
    /// Show lines that look like a failure and fit no format
    #[arg(long, conflicts_with_all = ["each", "list"])]
    pub unmatched: bool,
    /// Group replies that no rule knew, and draft entries for them
    #[arg(long, conflicts_with_all = ["each", "list", "unmatched"])]
    pub unknown: bool,
    /// Group by these
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub by: Vec<crate::scan::tally::By>,
    /// Rows of the summary
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
    /// Order rows by count instead of by what to act on first
    #[arg(long, value_name = "ORDER", value_parser = ["count", "first", "last"])]
    pub sort: Option<String>,
    /// Print the steps for every row
    #[arg(long)]
    pub full: bool,
    /// Only these verdicts; !retry for all others
    #[arg(long, value_name = "V", value_delimiter = ',')]
    pub verdict: Vec<String>,
    /// Only these causes
    #[arg(long, value_name = "C", value_delimiter = ',')]
    pub cause: Vec<String>,
    /// Only what these may mend: sender-admin, recipient, ...
    #[arg(long, value_name = "WHO", value_delimiter = ',')]
    pub who: Vec<String>,
    /// Only recipients of these domains
    #[arg(long, value_name = "D", value_delimiter = ',')]
    pub domain: Vec<String>,
    /// Only from this time on: 2026-11-21, 2026-11-21T08:00, today, yesterday
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Threads that read a log [default: one a processor, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub threads: Option<u8>,
    /// Exit 3 when a verdict is seen more often: remove=10, fix=5%
    #[arg(long, value_name = "VERDICT=N|N%")]
    pub max: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Annotate {
    /// Files of JSON lines; - is stdin [default: stdin]
    #[arg(value_name = "FILE")]
    pub files: Vec<std::path::PathBuf>,
    /// The key of the reply, event.reply in nested objects
    /// [default: the first string of reply, response, diagnostic,
    /// diagnostic_code, reason, message, text]
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
}

#[derive(Args, Debug)]
pub struct Diff {
    /// What was: a log, or the output of scan -f json
    #[arg(value_name = "OLD")]
    pub old: std::path::PathBuf,
    /// What is: a log, or the output of scan -f json
    #[arg(value_name = "NEW")]
    pub new: std::path::PathBuf,
    /// Rows of the table
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
}

#[derive(Args, Debug)]
pub struct Unknown {
    /// Logs, queue listings, bounce mails, mailboxes, events; - is stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<std::path::PathBuf>,
    /// Read the files of folders too, oldest first
    #[arg(short, long)]
    pub recursive: bool,
    /// Read as this format instead of finding out
    #[arg(long, value_name = "FORMAT")]
    pub input: Option<String>,
    /// Mask addresses, so that the output can be shown in public
    #[arg(long)]
    pub redact: bool,
    /// Groups to print
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
}

impl Unknown {
    /// The same as `scan --unknown`.
    pub fn as_scan(&self) -> Scan {
        Scan {
            files: self.files.clone(),
            recursive: self.recursive,
            input: self.input.clone(),
            redact: self.redact,
            top: self.top,
            unknown: true,
            ..Scan::default()
        }
    }
}

#[derive(Args, Debug)]
pub struct Show {
    /// Entry or cause id, 550, 5.7.26, 0x800CCC0E, provider, or glossary term
    #[arg(required = true, value_name = "ID|CODE|TERM")]
    pub names: Vec<String>,
}

#[derive(Args, Debug)]
pub struct List {
    /// Words that must all occur in an entry's id, title, text or numbers
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,
    /// Only entries with this cause
    #[arg(long, value_name = "CAUSE")]
    pub cause: Option<String>,
    /// Only entries with this verdict
    #[arg(long, value_name = "VERDICT")]
    pub verdict: Option<VerdictName>,
    /// Count the catalogue by kind instead
    #[arg(long)]
    pub stats: bool,
}

#[derive(Args, Debug)]
pub struct Check {
    /// A file of rules, or a folder of .toml files
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<std::path::PathBuf>,
}

#[derive(Args, Debug)]
pub struct Completions {
    /// The shell to complete for
    pub shell: Shell,
}

#[derive(Args, Debug, Clone, Default)]
pub struct Options {
    /// Print as text, table, json or jsonl; scan also as csv
    #[arg(short, long, global = true, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<Format>,
    /// Short for --format json
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
    /// Use colours: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true, hide_default_value = true)]
    pub color: Color,
    /// Who spoke, if the text does not show it: google, ...
    #[arg(long, global = true, value_name = "P")]
    pub provider: Option<String>,
    /// Lay rules of your own over the catalogue: a file or folder
    #[arg(long, global = true, value_name = "PATH")]
    pub codes: Vec<std::path::PathBuf>,
    /// Ask for ok, retry, fix, remove, unknown or known:
    /// prints nothing, exit 0 yes, 1 no, 2 trouble
    #[arg(long = "is", global = true, value_name = "VERDICT", hide_possible_values = true)]
    pub is: Option<Asked>,
    /// Make the exit status the verdict
    #[arg(long, global = true, conflicts_with = "is")]
    pub exit_code: bool,
    /// Print nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say how the input was read
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For reading
    Text,
    /// The same facts in a table
    Table,
    /// One object with all results
    Json,
    /// One result object a line
    Jsonl,
    /// A line a record, for spreadsheets (scan only)
    Csv,
}

#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// What `--is` can ask.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Ok,
    Retry,
    Fix,
    Remove,
    Unknown,
    /// Any verdict but unknown
    Known,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictName {
    Ok,
    Retry,
    Fix,
    Remove,
    Unknown,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn words_alone_read_as_the_parser_reads_them() {
        let lines: [&[&str]; 7] = [
            &["550", "5.7.26"],
            &["550 5.1.1 no such user"],
            &["550-5.7.1 a\n550 5.7.1 b"],
            &["help"],
            &[""],
            &["550", ""],
            &["550", "scan"],
        ];
        for words in lines {
            let parsed = Cli::try_parse_from(std::iter::once("smtpwhy").chain(words.iter().copied())).unwrap();
            let read = Cli::of_words(&owned(words)).unwrap();
            assert_eq!(format!("{read:?}"), format!("{parsed:?}"));
        }
    }

    #[test]
    fn options_and_commands_are_left_to_the_parser() {
        for words in [&["--json", "550"][..], &["550", "-"], &["--", "550"], &["scan", "550"], &["man"], &[]] {
            assert!(Cli::of_words(&owned(words)).is_none(), "{words:?}");
        }
    }
}
