//! Files that follow from the command line: completions, the manual, help.
//! `UPDATE=1 cargo test --test generated` rewrites them.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use smtpwhy::cli::Cli;

/// Compares `made` with the committed file, or rewrites it.
fn same(file: &str, made: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read(&path).unwrap_or_default();
    assert!(kept == made, "{file} is out of date; run: UPDATE=1 cargo test --test generated");
}

fn completion(shell: Shell, file: &str) {
    let mut made = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "smtpwhy", &mut made);
    same(file, &made);
}

#[test]
fn completions_follow_the_command_line() {
    completion(Shell::Bash, "completions/smtpwhy.bash");
    completion(Shell::Zsh, "completions/_smtpwhy");
    completion(Shell::Fish, "completions/smtpwhy.fish");
    completion(Shell::PowerShell, "completions/_smtpwhy.ps1");
    completion(Shell::Elvish, "completions/smtpwhy.elv");
}

#[test]
fn the_manual_follows_the_command_line() {
    let man = clap_mangen::Man::new(Cli::command()).date("").source(concat!("smtpwhy ", env!("CARGO_PKG_VERSION")));
    let mut made = Vec::new();
    man.render_title(&mut made).unwrap();
    man.render_name_section(&mut made).unwrap();
    man.render_synopsis_section(&mut made).unwrap();
    let sections = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/sections.roff");
    let sections = std::fs::read_to_string(sections).unwrap();
    let (first, last) = sections.split_once(".\\\" OPTIONS\n").expect("sections.roff marks where the options go");
    made.extend_from_slice(first.as_bytes());
    man.render_options_section(&mut made).unwrap();
    let (before, after) = last.split_once(".\\\" SCAN OPTIONS\n").expect("sections.roff marks where the scan's options go");
    made.extend_from_slice(before.as_bytes());
    made.extend_from_slice(&scan_options());
    made.extend_from_slice(after.as_bytes());
    same("man/smtpwhy.1", &made);
}

/// The options of `scan` alone, under a heading of their own.
fn scan_options() -> Vec<u8> {
    let mut cli = Cli::command();
    let scan = cli.find_subcommand_mut("scan").expect("scan is a command").clone();
    let mut made = Vec::new();
    clap_mangen::Man::new(scan).render_options_section(&mut made).unwrap();
    String::from_utf8(made).unwrap().replace(".SH OPTIONS", ".SH \"SCAN OPTIONS\"").into_bytes()
}

#[test]
fn help_is_kept_as_reviewed() {
    same("tests/golden/help-short.txt", Cli::command().render_help().to_string().as_bytes());
    same("tests/golden/help-long.txt", Cli::command().render_long_help().to_string().as_bytes());
}
