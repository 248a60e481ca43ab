//! The program: arguments in, exit status out. The one place where errors
//! become messages.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::catalogue::Catalogue;
use crate::cli::{Cli, Command, Shell};
use crate::commands::{self, Outcome, Tip};
use crate::message;
use crate::settings::Settings;

/// Exit status of wrong usage and of input that cannot be read.
const TROUBLE: u8 = 2;

/// Runs the program on its arguments.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let mut args: Vec<OsString> = args.collect();
    // No reply is this word, and everybody tries it.
    if args.len() == 2 && args[1] == "help" {
        args[1] = "--help".into();
    }
    let plain = Cli::of_words(args.get(1..).unwrap_or_default());
    let cli = match plain.map_or_else(|| Cli::try_parse_from(&args), Ok) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let settings = Settings::new(&cli.options);
    colored::control::set_override(settings.style.color);
    let mut out = BufWriter::new(io::stdout().lock());
    let done = dispatch(&mut out, &cli, &settings).and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    match done {
        Ok(outcome) => ExitCode::from(outcome.status()),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // What was found before the error is still of use.
            drop(out.flush());
            report(&error)
        }
    }
}

fn dispatch(out: &mut dyn Write, cli: &Cli, settings: &Settings) -> Result<Outcome> {
    let catalogue = || catalogue(settings);
    match &cli.command {
        None => commands::explain::run(out, catalogue()?, cli, settings),
        Some(Command::Show(show)) => commands::show::run(out, catalogue()?, show, settings),
        Some(Command::List(list)) => commands::list::run(out, catalogue()?, list, &cli.options, settings),
        Some(Command::Scan(scan)) => commands::scan::run(out, catalogue()?, scan, &cli.options, settings),
        Some(Command::Annotate(args)) => commands::annotate::run(out, catalogue()?, args, &cli.options, settings),
        Some(Command::Diff(diff)) => commands::diff::run(out, catalogue()?, diff, &cli.options, settings),
        Some(Command::Unknown(unknown)) => commands::scan::run(out, catalogue()?, &unknown.as_scan(), &cli.options, settings),
        Some(Command::Check(check)) => commands::check::run(out, &check.paths, settings),
        Some(Command::Completions(c)) => page(out, completions(c.shell)),
        Some(Command::Man) => page(out, include_bytes!(concat!(env!("OUT_DIR"), "/smtpwhy.1"))),
    }
}

/// The built-in catalogue, with the user's own rules where there are any.
fn catalogue(settings: &Settings) -> Result<Catalogue> {
    if settings.codes.is_empty() { Ok(Catalogue::built_in()) } else { Ok(Catalogue::with_own(&settings.codes)?) }
}

/// Prints a page that the build packed with gzip.
fn page(out: &mut dyn Write, packed: &[u8]) -> Result<Outcome> {
    io::copy(&mut flate2::read::GzDecoder::new(packed), out)?;
    Ok(Outcome::Done)
}

fn completions(shell: Shell) -> &'static [u8] {
    match shell {
        Shell::Bash => include_bytes!(concat!(env!("OUT_DIR"), "/smtpwhy.bash")),
        Shell::Zsh => include_bytes!(concat!(env!("OUT_DIR"), "/_smtpwhy")),
        Shell::Fish => include_bytes!(concat!(env!("OUT_DIR"), "/smtpwhy.fish")),
        Shell::Powershell => include_bytes!(concat!(env!("OUT_DIR"), "/_smtpwhy.ps1")),
        Shell::Elvish => include_bytes!(concat!(env!("OUT_DIR"), "/smtpwhy.elv")),
    }
}

/// Help and version go to standard output; wrong usage is trouble.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() { misused(error) } else { helped(error) }
}

fn helped(help: &clap::Error) -> ExitCode {
    match help.print() {
        Err(trouble) if trouble.kind() != io::ErrorKind::BrokenPipe => report(&trouble.into()),
        _ => ExitCode::SUCCESS,
    }
}

/// The words that were wrong may be those of a stranger's server, pasted by a
/// script.
fn misused(error: &clap::Error) -> ExitCode {
    message::page(&error.to_string());
    if error.kind() == clap::error::ErrorKind::UnknownArgument {
        message::tip("a reply that holds words like '-all' must be quoted, piped in, or stand behind --");
    }
    ExitCode::from(TROUBLE)
}

fn report(error: &anyhow::Error) -> ExitCode {
    let tip = error.downcast_ref::<Tip>();
    let causes: Vec<String> = error.chain().skip(usize::from(tip.is_some())).map(ToString::to_string).collect();
    message::tell(&causes.join(": "));
    if let Some(tip) = tip {
        message::tip(&tip.0);
    }
    ExitCode::from(TROUBLE)
}

/// The reader went away, as `| head` does: that is no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io_error = |e: &(dyn std::error::Error + 'static)| e.downcast_ref::<io::Error>().map(io::Error::kind);
    error.chain().any(|e| io_error(e) == Some(io::ErrorKind::BrokenPipe))
}
