//! Looks for inputs whose time grows faster than their length: grows the seeds
//! of a target by words of its dictionary and prints the slowest.
//!
//! `cargo run --release --example growth -- [TARGET…]`

use std::time::{Duration, Instant};

/// Bytes that an input is grown to, and four times as many to see how it grows.
const SIZE: usize = 16 << 10;
/// Faster than this at four times the size is fast enough.
const FAST: Duration = Duration::from_millis(40);

fn main() {
    let root = env!("CARGO_MANIFEST_DIR");
    let asked: Vec<String> = std::env::args().skip(1).collect();
    for (target, run) in smtpwhy_fuzz::TARGETS.iter().filter(|(name, _)| asked.is_empty() || asked.iter().any(|a| a == name)) {
        let seeds = files(&format!("{root}/seeds/{target}"));
        let dictionary = std::fs::read_to_string(format!("{root}/dict/{target}.dict")).unwrap_or_default();
        let words: Vec<String> = dictionary.lines().map(word).chain(PIECES.map(String::from)).collect();
        let mut slow = Vec::new();
        for seed in &seeds {
            try_all(*run, seed, &words, &mut slow);
        }
        slow.sort_by(|a: &(Duration, f64, String), b| b.0.cmp(&a.0));
        println!("{target}: {} slow", slow.len());
        for (time, factor, what) in slow.iter().take(8) {
            println!("  {time:?}, {factor:.1} times the time of a quarter: {what}");
        }
    }
}

/// What repeats well, besides words.
const PIECES: [&str; 22] =
    [" ", "a", "1", "(", ")", "[", "<", ">", "\"", "'", "\\", "=", ":", ";", ",", ", ", ".", "-", "\r", "\t", "{", "\u{e9}"];

fn files(folder: &str) -> Vec<Vec<u8>> {
    let listing = std::fs::read_dir(folder).expect("the target has seeds");
    let mut paths: Vec<_> = listing.flatten().map(|e| e.path()).collect();
    paths.sort();
    paths.iter().map(|p| std::fs::read(p).expect("seeds can be read")).collect()
}

/// A line of a dictionary without its quotes.
fn word(line: &str) -> String {
    line.trim_matches('"').replace("\\x0a", "\n").replace("\\\"", "\"").replace("\\\\", "\\")
}

fn try_all(run: fn(&[u8]), seed: &[u8], words: &[String], slow: &mut Vec<(Duration, f64, String)>) {
    let gaps: Vec<usize> = seed.iter().enumerate().filter(|(at, b)| *at > 0 && !b.is_ascii_alphanumeric()).map(|(at, _)| at).collect();
    for at in gaps.iter().step_by(gaps.len().div_ceil(24).max(1)).chain([&seed.len()]) {
        for word in words.iter().filter(|w| !w.is_empty()) {
            let grown = |size: usize| [&seed[..*at], word.repeat(size / word.len()).as_bytes(), &seed[*at..]].concat();
            let four = time(run, &grown(4 * SIZE));
            if four > FAST {
                let one = time(run, &grown(SIZE)).max(Duration::from_micros(1));
                let factor = four.as_secs_f64() / one.as_secs_f64();
                let start = String::from_utf8_lossy(&seed[at.saturating_sub(60)..*at]).into_owned();
                slow.push((four, factor, format!("{word:?} behind {start:?}")));
            }
        }
    }
}

/// The best of three, as other programs run too; one is enough where it is fast.
fn time(run: fn(&[u8]), data: &[u8]) -> Duration {
    let once = || {
        let start = Instant::now();
        run(data);
        start.elapsed()
    };
    let first = once();
    if first < FAST { first } else { first.min(once()).min(once()) }
}
