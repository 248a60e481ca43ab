//! Opens files, folders and standard input as plain text. It must not know
//! formats of mail.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::ahead::Ahead;
use super::file::{self, Whole};
use super::progress::Progress;
use super::{charset, unpack};

/// One input: its name for messages, and its text, unpacked.
pub struct Source {
    pub name: String,
    pub reader: Ahead,
    /// When the file was last written; a log without years takes its year.
    pub modified: Option<SystemTime>,
    /// Bytes of the file as it lies on the disk.
    pub size: Option<u64>,
    /// More is written while it is read.
    pub live: bool,
}

/// Opens a file, or standard input for `-`.
///
/// # Errors
/// The file cannot be opened, its first bytes cannot be read, or standard
/// output goes to it.
pub fn open(path: &Path) -> io::Result<Source> {
    open_counted(path, &Progress::default())
}

/// As [`open`]; shows how far a file is read.
///
/// # Errors
/// As [`open`].
pub fn open_counted(path: &Path, progress: &Progress) -> io::Result<Source> {
    if path == Path::new("-") {
        file::about_input().as_ref().map_or(Ok(()), not_output)?;
        return Ok(Source { name: "-".into(), reader: text(io::stdin())?, modified: None, size: None, live: false });
    }
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder; use -r"));
    }
    not_output(&about)?;
    let name = path.display().to_string();
    let reader = text(progress.counted(Whole::new(file, &about)))?;
    Ok(Source { name, reader, modified: about.modified().ok(), size: Some(about.len()), live: false })
}

/// The files to read: folders are opened where `recursive`, their files in the
/// order of the last change, so that rotated logs are read oldest first. The
/// file that the output goes to is left out of them. A folder that cannot be
/// listed stands for itself, so that reading it tells why.
pub fn files(paths: &[PathBuf], recursive: bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        if recursive && path.is_dir() { collect(path, &mut found) } else { found.push(path.clone()) }
    }
    found
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(listed) = std::fs::read_dir(dir) else { return found.push(dir.to_path_buf()) };
    let mut entries = Vec::new();
    for entry in listed.flatten() {
        let changed = entry.metadata().and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        entries.push((changed, entry.path()));
    }
    entries.sort();
    for (_, path) in entries {
        match path.symlink_metadata() {
            Ok(about) if about.is_dir() => collect(&path, found),
            Ok(about) if about.is_file() && !file::is_output(&about) => found.push(path),
            _ => {}
        }
    }
}

fn not_output(about: &Metadata) -> io::Result<()> {
    if file::is_output(about) { Err(io::Error::other("is also the output")) } else { Ok(()) }
}

fn text(input: impl Read + Send + 'static) -> io::Result<Ahead> {
    charset::plain(unpack::unpacked(Ahead::new(input))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_listed_stands_for_itself() {
        let (gone, mut found) = (Path::new("no such folder"), Vec::new());
        collect(gone, &mut found);
        assert_eq!(found, [gone]);
    }
}
