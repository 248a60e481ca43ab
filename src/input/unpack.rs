//! Unpacks what is packed, told by its first bytes and never by a name. It must
//! not know what is inside.

use std::io;
#[cfg(feature = "archives")]
use std::io::{BufRead as _, Read};

use super::ahead::Ahead;

/// Memory that an xz file may ask for; xz itself never asks for more than a
/// tenth of it.
#[cfg(feature = "archives")]
const MOST_XZ: u64 = 768 << 20;

/// The input unpacked, or as it is.
///
/// # Errors
/// The first bytes cannot be read, or what follows them is no such file.
pub fn unpacked(mut input: Ahead) -> io::Result<Ahead> {
    let kind = packing(input.at_least(LONGEST_MARK)?);
    Ok(match kind {
        Packing::None => input,
        #[cfg(feature = "archives")]
        Packing::Gzip => Ahead::new(Members { open: Some(flate2::bufread::GzDecoder::new(input)) }),
        #[cfg(feature = "archives")]
        Packing::Bzip2 => Ahead::new(bzip2::bufread::MultiBzDecoder::new(input)),
        #[cfg(feature = "archives")]
        Packing::Xz => {
            let stream = liblzma::stream::Stream::new_stream_decoder(MOST_XZ, liblzma::stream::CONCATENATED)?;
            Ahead::new(liblzma::bufread::XzDecoder::new_stream(input, stream))
        }
        #[cfg(feature = "archives")]
        Packing::Zstd => Ahead::new(Frames { input, decoder: ruzstd::decoding::FrameDecoder::new(), open: false }),
        #[cfg(not(feature = "archives"))]
        _ => return Err(io::Error::new(io::ErrorKind::Unsupported, "packed files are not supported by this build")),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

const MARKS: [(&[u8], Packing); 4] =
    [(b"\x1f\x8b", Packing::Gzip), (b"BZh", Packing::Bzip2), (b"\xfd7zXZ\0", Packing::Xz), (b"\x28\xb5\x2f\xfd", Packing::Zstd)];
const LONGEST_MARK: usize = 6;

/// The packing by its first bytes.
fn packing(head: &[u8]) -> Packing {
    MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map_or(Packing::None, |(_, kind)| *kind)
}

/// The members of a gzip file one after another; zero bytes behind the last fill
/// a block of a tape up.
#[cfg(feature = "archives")]
struct Members {
    open: Option<flate2::bufread::GzDecoder<Ahead>>,
}

#[cfg(feature = "archives")]
impl Read for Members {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(open) = &mut self.open {
            let read = open.read(out)?;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            let rest = self.open.take().map(flate2::bufread::GzDecoder::into_inner);
            self.open = rest.map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// The member that begins behind another; `None` at the end of the input.
#[cfg(feature = "archives")]
fn next_member(mut input: Ahead) -> io::Result<Option<flate2::bufread::GzDecoder<Ahead>>> {
    loop {
        let chunk = input.fill_buf()?;
        let zeros = chunk.iter().take_while(|b| **b == 0).count();
        if chunk.is_empty() {
            return Ok(None);
        }
        let more = zeros < chunk.len();
        input.consume(zeros);
        if more {
            return Ok(Some(flate2::bufread::GzDecoder::new(input)));
        }
    }
}

/// The frames of a zstd file one after another: logs are packed piece by piece,
/// and the decoder reads one piece.
#[cfg(feature = "archives")]
struct Frames {
    input: Ahead,
    decoder: ruzstd::decoding::FrameDecoder,
    /// A frame is being read.
    open: bool,
}

#[cfg(feature = "archives")]
impl Frames {
    /// Opens the next frame; `false` at the end of the input.
    fn next(&mut self) -> io::Result<bool> {
        use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.input).take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

#[cfg(feature = "archives")]
impl Read for Frames {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;
        loop {
            if self.open && self.decoder.can_collect() > 0 {
                return self.decoder.read(out);
            }
            if self.open && !self.decoder.is_finished() {
                self.decoder.decode_blocks(&mut self.input, UptoBlocks(1)).map_err(io::Error::other)?;
            } else {
                self.open = self.next()?;
                if !self.open {
                    return Ok(0);
                }
            }
        }
    }
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
        assert!(MARKS.iter().all(|(mark, _)| mark.len() <= LONGEST_MARK));
    }
}
