//! The program talks to no network, starts no other program and writes to
//! nothing but its output: nothing in its sources could.

use std::fs;
use std::path::{Path, PathBuf};

/// Names of what would connect, run, write or delete.
const NAMES: [&str; 22] = [
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "UnixDatagram",
    "ToSocketAddrs",
    "process::Command",
    "process::*",
    "CommandExt",
    "File::create",
    "File::options",
    "OpenOptions",
    "fs::write",
    "fs::copy",
    "fs::rename",
    "fs::remove",
    "fs::create_dir",
    "fs::hard_link",
    "fs::set_permissions",
    "set_var",
    "extern \"C\"",
];

/// The names that stand in code, its comments and tests apart.
fn found(source: &str) -> Vec<&'static str> {
    let code = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines: Vec<&str> = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
    NAMES.into_iter().filter(|name| lines.iter().any(|l| l.contains(name))).collect()
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, out),
            false => out.push(path),
        }
    }
}

#[test]
fn nothing_connects_runs_or_writes() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    assert!(files.len() > 50);
    for file in files.iter().filter(|f| f.file_name().is_none_or(|n| n != "tests.rs")) {
        let source = fs::read_to_string(file).unwrap();
        assert_eq!(found(&source), Vec::<&str>::new(), "{}", file.display());
    }
}

#[test]
fn what_is_looked_for_is_found() {
    assert_eq!(found("use std::net::TcpStream;\n// fs::write\n#[cfg(test)]\nmod tests {\n    fs::remove_file(a);\n}\n"), ["TcpStream"]);
    assert_eq!(found("fn a() {\n    std::process::Command::new(\"sh\");\n    fs::write(a, b);\n}\n"), ["process::Command", "fs::write"]);
}
