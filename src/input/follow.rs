//! A file that is still being written, read as `tail -F` does: it waits for
//! more, and goes on in the new file when the log is rotated. It must not know
//! formats of mail.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::ahead::Ahead;
use super::source::Source;

/// Time between two looks at the file: four a second are soon enough for eyes
/// and cost nothing.
const PAUSE: Duration = Duration::from_millis(250);

/// Set from elsewhere (Ctrl-C) to end the reading.
pub type Stop = Arc<AtomicBool>;

/// Where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    Start,
    End,
}

/// What to follow, and until when.
#[derive(Clone, Debug)]
pub struct Plan {
    pub from: From,
    pub stop: Stop,
}

/// Opens a file to follow it. One that is not there yet is read from its start
/// once it comes.
///
/// # Errors
/// The file is there and cannot be read.
pub fn open(path: &Path, plan: &Plan) -> io::Result<Source> {
    let follow = Follow::new(path, plan)?;
    let modified = follow.file.as_ref().and_then(|open| open.file.metadata().ok()?.modified().ok());
    let reader = Ahead::new(follow);
    Ok(Source { name: path.display().to_string(), reader, modified, size: None, live: true })
}

/// Reads what a file holds, then waits; ends only when it is told to stop.
struct Follow {
    path: PathBuf,
    file: Option<Open>,
    stop: Stop,
    /// The last byte given ended a line, or nothing was given.
    at_line_start: bool,
}

struct Open {
    file: File,
    id: Id,
    position: u64,
}

impl Follow {
    fn new(path: &Path, plan: &Plan) -> io::Result<Follow> {
        let file = match Open::new(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            opened => Some(opened?),
        };
        let mut follow = Follow { path: path.to_path_buf(), file, stop: Arc::clone(&plan.stop), at_line_start: true };
        if let (Some(open), From::End) = (&mut follow.file, plan.from) {
            open.position = open.file.seek(SeekFrom::End(0))?;
        }
        Ok(follow)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Reads what is there now; 0 where there is nothing new.
    fn read_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(open) = &mut self.file else {
            self.file = Open::new(&self.path).ok();
            return if self.file.is_some() { self.read_open(buffer) } else { Ok(0) };
        };
        let change = open.change(&self.path);
        // Looked at first, read then: what was written before the change is
        // not lost.
        let read = self.read_open(buffer)?;
        if read > 0 {
            return Ok(read);
        }
        match change {
            Change::None => return Ok(0),
            Change::Shorter => self.rewind()?,
            // A file that is gone again is waited for.
            Change::Other => self.file = Open::new(&self.path).ok(),
        }
        if self.at_line_start {
            return self.read_open(buffer);
        }
        // The old file ended within a line, which the new one does not go on.
        self.at_line_start = true;
        buffer[0] = b'\n';
        Ok(1)
    }

    fn read_open(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(open) = &mut self.file else { return Ok(0) };
        let read = open.file.read(buffer)?;
        open.position += read as u64;
        if let Some(last) = buffer[..read].last() {
            self.at_line_start = *last == b'\n';
        }
        Ok(read)
    }

    fn rewind(&mut self) -> io::Result<()> {
        if let Some(open) = &mut self.file {
            open.position = open.file.seek(SeekFrom::Start(0))?;
        }
        Ok(())
    }
}

impl Read for Follow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while !self.is_stopped() {
            match self.read_now(buffer) {
                Ok(0) => thread::sleep(PAUSE),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
        Ok(0)
    }
}

/// What became of the file under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    None,
    /// Cut off and written anew.
    Shorter,
    /// Another file has its name and holds something.
    Other,
}

impl Open {
    fn new(path: &Path) -> io::Result<Open> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder; only a file can be followed"));
        }
        Ok(Open { file, id: Id::of(&about), position: 0 })
    }

    /// The writer may go on with the old file until the new one holds
    /// something, so an empty new file is no change yet.
    fn change(&self, path: &Path) -> Change {
        match path.metadata() {
            Ok(about) if Id::of(&about) != self.id && about.len() > 0 => Change::Other,
            Ok(about) if Id::of(&about) == self.id && about.len() < self.position => Change::Shorter,
            _ => Change::None,
        }
    }
}

/// Tells a file from another of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id(u64, u64);

impl Id {
    #[cfg(unix)]
    fn of(about: &Metadata) -> Id {
        use std::os::unix::fs::MetadataExt as _;
        Id(about.dev(), about.ino())
    }

    /// Elsewhere the time of creation is the best there is.
    #[cfg(not(unix))]
    fn of(about: &Metadata) -> Id {
        let since = about.created().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
        Id(since.as_secs(), u64::from(since.subsec_nanos()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn all(follow: &mut Follow) -> String {
        let mut text = Vec::new();
        let mut buffer = [0; 64];
        loop {
            match follow.read_now(&mut buffer).unwrap() {
                0 => return String::from_utf8(text).unwrap(),
                read => text.extend_from_slice(&buffer[..read]),
            }
        }
    }

    fn append(path: &Path, text: &str) {
        File::options().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn the_name_is_followed_through_rotation_and_truncation() {
        let folder = std::env::temp_dir().join(format!("smtpwhy-follow-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("mail.log");
        let plan = Plan { from: From::End, stop: Stop::default() };
        let mut follow = Follow::new(&path, &plan).unwrap();
        assert_eq!(all(&mut follow), "", "not there yet");
        append(&path, "one\ntw");
        assert_eq!(all(&mut follow), "one\ntw");
        std::fs::rename(&path, folder.join("mail.log.1")).unwrap();
        append(&folder.join("mail.log.1"), "o\nthr");
        append(&path, "");
        assert_eq!(all(&mut follow), "o\nthr", "the old file is written on");
        append(&path, "a new file\n");
        assert_eq!(all(&mut follow), "\na new file\n");
        std::fs::write(&path, "short\n").unwrap();
        assert_eq!(all(&mut follow), "short\n");
        let mut late = Follow::new(&path, &plan).unwrap();
        append(&path, "more\n");
        assert_eq!(all(&mut late), "more\n", "only what is new");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn it_ends_when_it_is_told_to() {
        let plan = Plan { from: From::Start, stop: Arc::new(AtomicBool::new(true)) };
        let mut source = open(Path::new("no-such-file"), &plan).unwrap();
        let mut text = String::new();
        assert_eq!(source.reader.read_to_string(&mut text).unwrap(), 0);
    }
}
