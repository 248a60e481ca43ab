//! How far large inputs are read, as a line on standard error that goes away
//! at the end. It must not know what is read.

use std::fs::Metadata;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes from which a line is shown; less is read before it could be seen.
const LARGE: u64 = 50 << 20;
/// Time between two lines, and before the first.
const PAUSE: Duration = Duration::from_millis(100);
/// Columns of the bar in the line.
const WIDTH: u64 = 30;

/// A line over all files of a scan, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    bar: Option<Arc<Bar>>,
}

#[derive(Debug)]
struct Bar {
    size: u64,
    read: AtomicU64,
    begun: Instant,
    /// When the line was last drawn, or might have been.
    drawn: Mutex<Instant>,
}

impl Progress {
    /// A line if the files are large together. Only for a standard error that
    /// is a terminal.
    pub fn over(files: &[PathBuf]) -> Progress {
        let size = files.iter().filter_map(|f| f.metadata().ok()).filter(Metadata::is_file).map(|m| m.len()).sum();
        let now = Instant::now();
        let bar = || Arc::new(Bar { size, read: AtomicU64::new(0), begun: now, drawn: Mutex::new(now) });
        Progress { bar: (size > LARGE).then(bar) }
    }

    /// The same bytes, counted as they lie on the disk.
    pub(super) fn counted(&self, file: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        match &self.bar {
            Some(bar) => Box::new(Counted { file, bar: Arc::clone(bar) }),
            None => Box::new(file),
        }
    }

    /// Takes the line off the screen.
    pub fn clear(&self) {
        self.bar.iter().for_each(|_| draw(""));
    }
}

impl Bar {
    fn add(&self, bytes: usize) {
        let read = self.read.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.elapsed() >= PAUSE {
            *drawn = Instant::now();
            draw(&line(read, self.size, self.begun.elapsed()));
        }
    }
}

/// Writes over the line that is there. Who does not see it misses nothing.
fn draw(line: &str) {
    drop(write!(io::stderr(), "\r\x1b[K{line}"));
}

/// ` 42 %  [############------------------]  420 MB of 1.0 GB, 3 s left`.
fn line(read: u64, size: u64, elapsed: Duration) -> String {
    // A file may grow meanwhile.
    let read = read.min(size);
    let done = (read * WIDTH / size) as usize;
    let bar = format!("{}{}", "#".repeat(done), "-".repeat(WIDTH as usize - done));
    let left = elapsed.as_secs_f64() / (read as f64).max(1.0) * (size - read) as f64;
    format!("{:>3} %  [{bar}]  {} of {}, {left:.0} s left", read * 100 / size, bytes(read), bytes(size))
}

fn bytes(count: u64) -> String {
    match count {
        0..1_000_000_000 => format!("{} MB", count / 1_000_000),
        _ => format!("{:.1} GB", count as f64 / 1e9),
    }
}

/// A file that tells how much of it is read.
struct Counted<R> {
    file: R,
    bar: Arc<Bar>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(out)?;
        self.bar.add(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_inputs_have_a_line() {
        let path = std::env::temp_dir().join(format!("smtpwhy-large-{}", std::process::id()));
        std::fs::File::create(&path).unwrap().set_len(LARGE / 2 + 1).unwrap();
        let one = Progress::over(std::slice::from_ref(&path));
        let two = Progress::over(&[path.clone(), path.clone()]);
        std::fs::remove_file(&path).unwrap();
        assert!(one.bar.is_none() && two.bar.is_some());
    }

    #[test]
    fn a_line_tells_how_far_it_is_and_how_long_it_takes() {
        let told = line(420_000_000, 1_000_000_000, Duration::from_secs(42));
        assert_eq!(told, " 42 %  [############------------------]  420 MB of 1.0 GB, 58 s left");
        assert!(line(3, 2, Duration::ZERO).starts_with("100 %") && line(0, 2, Duration::ZERO).ends_with(" 0 s left"));
        assert!(line(90_000_000_000, 99_000_000_000, Duration::from_secs(9000)).len() < 80);
    }

    #[test]
    fn what_is_read_is_counted() {
        let bar = Arc::new(Bar { size: 5, read: AtomicU64::new(0), begun: Instant::now(), drawn: Mutex::new(Instant::now()) });
        let mut text = String::new();
        Progress { bar: Some(Arc::clone(&bar)) }.counted(&b"bytes"[..]).read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), bar.read.load(Ordering::Relaxed)), ("bytes", 5));
    }
}
