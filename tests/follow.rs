//! `scan --follow`: reads a log while it is written, as `tail -F` does. All
//! waiting ends as soon as what is waited for is there; the limits are only so
//! generous that a busy machine does not fail.
#![cfg(all(feature = "cli", unix))]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The longest wait for a line or for the end.
const LIMIT: Duration = Duration::from_secs(60);

fn line(user: &str) -> String {
    format!(
        "2026-11-21T17:40:48+00:00 mail postfix/smtp[7]: 4B00000001: to=<{user}@example.com>, relay=mx.example.com[192.0.2.25]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.25] said: 550 5.1.1 User unknown (in reply to RCPT TO command))\n"
    )
}

fn append(path: &Path, text: &str) {
    File::options().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("smtpwhy-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn log(&self) -> PathBuf {
        self.0.join("mail.log")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running command, and the lines that it prints.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(log: &Path, args: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_smtpwhy"));
        command.arg("scan").arg("-F").arg(log).args(args).env_clear();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|l| send.send(l)));
        Running { child, lines }
    }

    /// Waits for a line that holds `part`; the lines before it are passed over.
    fn sees(&self, part: &str) {
        let end = Instant::now() + LIMIT;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if line.contains(part) {
                return;
            }
        }
        panic!("'{part}' was not printed");
    }

    /// Returns once the command says that it waits for its file.
    fn waits(&mut self) {
        let mut said = String::new();
        BufReader::new(self.child.stderr.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.contains("not there yet"), "{said}");
    }

    fn interrupt(&self) {
        let done = Command::new("kill").arg("-INT").arg(self.child.id().to_string()).status().unwrap();
        assert!(done.success());
    }

    /// The exit status, and what else was printed.
    fn end(mut self) -> (Option<i32>, String) {
        let end = Instant::now() + LIMIT;
        while self.child.try_wait().unwrap().is_none() && Instant::now() < end {
            thread::sleep(Duration::from_millis(20));
        }
        let status = self.child.try_wait().unwrap().and_then(|s| s.code());
        (status, self.lines.iter().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn lines_are_printed_as_they_come_through_rotation_and_truncation() {
    let folder = Folder::new("rotation");
    let log = folder.log();
    append(&log, &line("first"));
    let running = Running::start(&log, &["--each", "--from-start"]);
    running.sees("first@");
    append(&log, &line("second"));
    running.sees("second@");
    fs::rename(&log, folder.0.join("mail.log.1")).unwrap();
    append(&log, &line("rotated"));
    running.sees("rotated@");
    append(&log, &line("after"));
    running.sees("after@");
    fs::write(&log, line("cut")).unwrap();
    running.sees("cut@");
    running.interrupt();
    assert_eq!(running.end().0, Some(130));
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for() {
    let folder = Folder::new("late");
    let mut running = Running::start(&folder.log(), &["--each"]);
    running.waits();
    append(&folder.log(), &line("late"));
    running.sees("late@");
    running.interrupt();
    assert_eq!(running.end().0, Some(130));
}

#[test]
fn ctrl_c_prints_the_summary() {
    let folder = Folder::new("summary");
    let summary = |seconds| {
        let _ = fs::remove_file(folder.log());
        let mut running = Running::start(&folder.log(), &[]);
        running.waits();
        append(&folder.log(), &line("first").repeat(3));
        thread::sleep(Duration::from_secs(seconds));
        running.interrupt();
        let (status, page) = running.end();
        assert_eq!(status, Some(130));
        page
    };
    // Nothing is printed before the end, so the only sign is time: enough of it
    // on any machine.
    let complete = |page: &String| page.contains("3 attempts") && page.contains("mailbox-unknown");
    assert!([1, 5, 20].into_iter().map(summary).any(|page| complete(&page)));
}

#[test]
fn reading_starts_at_the_end() {
    let folder = Folder::new("end");
    append(&folder.log(), &line("old"));
    let running = Running::start(&folder.log(), &["--each"]);
    // Lines are added until one is seen: when the command is ready is unknown.
    let end = Instant::now() + LIMIT;
    let first = loop {
        append(&folder.log(), &line("new"));
        match running.lines.recv_timeout(Duration::from_millis(500)) {
            Ok(line) => break line,
            Err(_) => assert!(Instant::now() < end, "nothing was printed"),
        }
    };
    assert!(first.contains("new@"), "{first}");
    running.interrupt();
    assert_eq!(running.end().0, Some(130));
}

#[test]
fn a_pipe_is_read_line_by_line_while_it_is_written() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smtpwhy"));
    let command = command.args(["scan", "--each", "-"]).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (send, lines) = channel();
    thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|l| send.send(l)));
    let running = Running { child, lines };
    for user in ["first", "second"] {
        pipe.write_all(line(user).as_bytes()).unwrap();
        running.sees(&format!("{user}@"));
    }
    drop(pipe);
    assert_eq!(running.end().0, Some(0));
}

#[test]
fn one_file_is_followed() {
    let wrong = |args: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_smtpwhy"));
        let mut child = child.arg("scan").args(args).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (child.wait().unwrap().code(), said)
    };
    for args in [&["-F", "a", "b"][..], &["-F", "-"], &["-F", "-r", "a"], &["--from-start", "a"]] {
        let (status, said) = wrong(args);
        assert_eq!(status, Some(2), "{said}");
    }
    assert!(wrong(&["-F", "a", "b"]).1.contains("one file"));
}
