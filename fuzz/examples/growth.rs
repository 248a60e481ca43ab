//! Looks for inputs whose time grows faster than their length: grows the seeds
//! of a target by words of its dictionary and prints what is slow.
//!
//! `cargo run --release --example growth -- [TARGET…]`

use std::time::Duration;

/// Bytes that an input is grown to, and four times as many to see how it grows.
const SIZE: usize = 16 << 10;
/// Faster than this at four times the size is fast enough.
const FAST: Duration = Duration::from_millis(40);
/// Time that grows as length does takes four times as much; its square, sixteen.
const STEEP: f64 = 7.0;

fn main() {
    let root = env!("CARGO_MANIFEST_DIR");
    let asked: Vec<String> = std::env::args().skip(1).collect();
    for (target, run) in smtpwhy_fuzz::TARGETS.iter().filter(|(name, _)| asked.is_empty() || asked.iter().any(|a| a == name)) {
        let seeds = files(&format!("{root}/seeds/{target}"));
        let dictionary = std::fs::read_to_string(format!("{root}/dict/{target}.dict")).unwrap_or_default();
        let words: Vec<String> = dictionary.lines().map(word).chain(PIECES.map(String::from)).collect();
        let slow: usize = seeds.iter().map(|seed| try_all(*run, seed, &words)).sum();
        println!("{target}: {slow} slow");
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

fn try_all(run: fn(&[u8]), seed: &[u8], words: &[String]) -> usize {
    let gaps: Vec<usize> = seed.iter().enumerate().filter(|(at, b)| *at > 0 && !b.is_ascii_alphanumeric()).map(|(at, _)| at).collect();
    let mut slow = 0;
    for at in gaps.iter().step_by(gaps.len().div_ceil(8).max(1)).chain([&seed.len()]) {
        for word in words.iter().filter(|w| !w.is_empty()) {
            let grown = |size: usize| [&seed[..*at], word.repeat(size / word.len()).as_bytes(), &seed[*at..]].concat();
            let four = time(run, &grown(4 * SIZE));
            if four > FAST {
                let one = time(run, &grown(SIZE)).max(Duration::from_millis(4));
                let factor = four.as_secs_f64() / one.as_secs_f64();
                if factor < STEEP {
                    continue;
                }
                let start = String::from_utf8_lossy(&seed[at.saturating_sub(60)..*at]).into_owned();
                println!("  {four:?}, {factor:.1} times the time of a quarter: {word:?} behind {start:?}");
                slow += 1;
            }
        }
    }
    slow
}

/// Time on the processor, as other programs run too.
fn time(run: fn(&[u8]), data: &[u8]) -> Duration {
    let before = on_processor();
    run(data);
    on_processor().saturating_sub(before)
}

/// Linux tells it in nanoseconds.
fn on_processor() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|n| n.parse().ok());
    Duration::from_nanos(nanoseconds.expect("this runs on Linux"))
}
