//! A file as it was when it was opened: one that becomes shorter while it is
//! read says so, and the one that the output goes to is known. It must not know
//! what is read.

use std::fs::{File, Metadata};
use std::io::{self, Read};

/// Reads a file to its end. If that came nearer since the file was opened, an
/// error stands in its place.
pub struct Whole {
    file: File,
    size: u64,
    read: u64,
}

impl Whole {
    pub fn new(file: File, about: &Metadata) -> Whole {
        Whole { file, size: if about.is_file() { about.len() } else { 0 }, read: 0 }
    }

    /// What is told where nothing more comes. Files of the system may hold less
    /// than their size, always; that is no loss.
    fn end(&mut self) -> io::Result<usize> {
        let is_short = self.read < self.size && self.file.metadata()?.len() < self.size;
        self.size = 0;
        if is_short { Err(io::Error::other("it became shorter while it was read")) } else { Ok(0) }
    }
}

impl Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        if read == 0 && !buffer.is_empty() { self.end() } else { Ok(read) }
    }
}

/// Standard output is appended to this file: reading it would feed itself.
#[cfg(unix)]
pub fn is_output(about: &Metadata) -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let output = io::stdout().as_fd().try_clone_to_owned().and_then(|out| File::from(out).metadata());
    output.is_ok_and(|out| out.is_file() && (out.dev(), out.ino()) == (about.dev(), about.ino()))
}

/// As above; other systems do not say which file is which.
#[cfg(not(unix))]
pub fn is_output(_about: &Metadata) -> bool {
    false
}

/// What standard input is, where the system says so.
#[cfg(unix)]
pub fn about_input() -> Option<Metadata> {
    use std::os::fd::AsFd as _;
    File::from(io::stdin().as_fd().try_clone_to_owned().ok()?).metadata().ok()
}

#[cfg(not(unix))]
pub fn about_input() -> Option<Metadata> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_that_becomes_shorter_ends_in_an_error() {
        let path = std::env::temp_dir().join(format!("smtpwhy-shorter-{}", std::process::id()));
        fs::write(&path, "0123456789").unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let mut whole = Whole::new(file.try_clone().unwrap(), &file.metadata().unwrap());
        let mut head = [0; 4];
        whole.read_exact(&mut head).unwrap();
        file.set_len(6).unwrap();
        let mut rest = Vec::new();
        let error = whole.read_to_end(&mut rest).unwrap_err();
        fs::remove_file(&path).unwrap();
        assert_eq!((&head[..], rest.as_slice()), (&b"0123"[..], &b"45"[..]));
        assert!(error.to_string().contains("shorter"));
        assert_eq!(whole.read(&mut head).unwrap(), 0);
    }

    #[test]
    fn a_file_that_grows_is_read_to_its_end() {
        let path = std::env::temp_dir().join(format!("smtpwhy-longer-{}", std::process::id()));
        fs::write(&path, "0123").unwrap();
        let file = File::open(&path).unwrap();
        let about = file.metadata().unwrap();
        fs::write(&path, "0123456789").unwrap();
        let mut text = String::new();
        Whole::new(file, &about).read_to_string(&mut text).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(text, "0123456789");
    }
}
