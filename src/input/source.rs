//! Opens files, folders and standard input, and unpacks what is packed, by
//! content and not by name. It must not know formats of mail.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::progress::Progress;

/// Bytes read at a time.
const BUFFER: usize = 256 << 10;

/// One input: its name for messages, and its bytes, unpacked.
pub struct Source {
    pub name: String,
    pub reader: Box<dyn BufRead + Send>,
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
/// The file cannot be opened or its first bytes cannot be read.
pub fn open(path: &Path) -> io::Result<Source> {
    open_counted(path, &Progress::default())
}

/// As [`open`]; shows how far a file is read.
///
/// # Errors
/// As [`open`].
pub fn open_counted(path: &Path, progress: &Progress) -> io::Result<Source> {
    if path == Path::new("-") {
        return Ok(Source { name: "-".into(), reader: unpacked(io::stdin())?, modified: None, size: None, live: false });
    }
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder; use -r"));
    }
    let name = path.display().to_string();
    let reader = unpacked(progress.counted(file))?;
    Ok(Source { name, reader, modified: about.modified().ok(), size: Some(about.len()), live: false })
}

/// The files to read: folders are opened where `recursive`, their files in the
/// order of the last change, so that rotated logs are read oldest first.
///
/// # Errors
/// A folder that cannot be listed.
pub fn files(paths: &[PathBuf], recursive: bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if recursive && path.is_dir() { collect(path, &mut found)? } else { found.push(path.clone()) }
    }
    Ok(found)
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let changed = entry.metadata().and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        entries.push((changed, entry.path()));
    }
    entries.sort();
    for (_, path) in entries {
        match path.symlink_metadata() {
            Ok(about) if about.is_dir() => collect(&path, found)?,
            Ok(about) if about.is_file() => found.push(path),
            _ => {}
        }
    }
    Ok(())
}

/// Reads the first bytes and unpacks what they show to be packed.
fn unpacked(reader: impl Read + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    let head = reader.fill_buf()?;
    let kind = packing(head);
    Ok(match kind {
        Packing::None => Box::new(reader),
        #[cfg(feature = "archives")]
        Packing::Gzip => buffered(flate2::bufread::MultiGzDecoder::new(reader)),
        #[cfg(feature = "archives")]
        Packing::Bzip2 => buffered(bzip2::bufread::MultiBzDecoder::new(reader)),
        #[cfg(feature = "archives")]
        Packing::Xz => buffered(liblzma::bufread::XzDecoder::new_multi_decoder(reader)),
        #[cfg(feature = "archives")]
        Packing::Zstd => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(reader).map_err(io::Error::other)?;
            buffered(decoder)
        }
        #[cfg(not(feature = "archives"))]
        _ => return Err(io::Error::new(io::ErrorKind::Unsupported, "packed files are not supported by this build")),
    })
}

#[cfg(feature = "archives")]
fn buffered(reader: impl Read + Send + 'static) -> Box<dyn BufRead + Send> {
    Box::new(BufReader::with_capacity(BUFFER, reader))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// The packing by its first bytes.
fn packing(head: &[u8]) -> Packing {
    const MARKS: [(&[u8], Packing); 4] =
        [(b"\x1f\x8b", Packing::Gzip), (b"BZh", Packing::Bzip2), (b"\xfd7zXZ\0", Packing::Xz), (b"\x28\xb5\x2f\xfd", Packing::Zstd)];
    MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map_or(Packing::None, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_is_told_by_content() {
        assert_eq!(packing(b"\x1f\x8b\x08"), Packing::Gzip);
        assert_eq!(packing(b"BZh91AY"), Packing::Bzip2);
        assert_eq!(packing(b"Nov 21 17:40:48 mail"), Packing::None);
        assert_eq!(packing(b""), Packing::None);
    }
}
