//! How `scan --follow` waits and ends, and when a bar shows how far a scan is.
//! It must not know what a scan finds.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result, anyhow};

use crate::cli::Scan;
use crate::input::follow::{From, Plan, Stop};
use crate::message;
use crate::settings::Settings;

/// Status of what Ctrl-C ended, as shells give it: 128 and the signal's number.
pub const INTERRUPTED: u8 = 130;

/// How the one file is followed until Ctrl-C; a second one ends at once, should
/// the output hang.
pub fn plan(args: &Scan, files: &[PathBuf], settings: &Settings) -> Result<Plan> {
    let [file] = files else { return Err(anyhow!("--follow: takes one file, not {}", files.len())) };
    if file.as_os_str() == "-" {
        return Err(anyhow!("--follow: needs a file; standard input is followed without it"));
    }
    let stop = Stop::default();
    let told = Stop::clone(&stop);
    ctrlc::set_handler(move || {
        if told.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    })
    .context("--follow: cannot wait for Ctrl-C")?;
    let is_there = file.exists();
    if !settings.quiet && !is_there {
        message::tell(&format!("{}: not there yet, waiting", file.display()));
    }
    // All of a file that comes after this is new, however soon it comes.
    Ok(Plan { from: if args.from_start || !is_there { From::Start } else { From::End }, stop })
}

/// A bar is for people who wait, and must not stand between lines of output.
pub fn wants_progress(args: &Scan, settings: &Settings) -> bool {
    let among_lines = args.each && settings.stdout_is_terminal;
    settings.stderr_is_terminal && !settings.quiet && !args.follow && !among_lines
}
