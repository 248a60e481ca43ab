//! How far large inputs are read, as a bar on standard error that goes away at
//! the end. It must not know what is read.

use std::fs::Metadata;
use std::io::Read;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// Bytes from which a bar is shown; less is read before it could be seen.
const LARGE: u64 = 50 << 20;
/// What the bar shows.
const TEMPLATE: &str = "{percent:>3} %  {wide_bar}  {bytes} of {total_bytes}, {eta} left";

/// A bar over all files of a scan, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar if the files are large together. Only for a standard error that
    /// is a terminal.
    pub fn over(files: &[PathBuf]) -> Progress {
        let size = files.iter().filter_map(|f| f.metadata().ok()).filter(Metadata::is_file).map(|m| m.len()).sum();
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("##-");
        let bar = |size| ProgressBar::new(size).with_style(style).with_finish(ProgressFinish::AndClear);
        Progress { bar: (size > LARGE).then(|| bar(size)) }
    }

    /// The same bytes, counted as they lie on the disk.
    pub(super) fn counted(&self, file: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        match &self.bar {
            Some(bar) => Box::new(bar.wrap_read(file)),
            None => Box::new(file),
        }
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_inputs_have_a_bar() {
        let path = std::env::temp_dir().join(format!("smtpwhy-large-{}", std::process::id()));
        std::fs::File::create(&path).unwrap().set_len(LARGE / 2 + 1).unwrap();
        let one = Progress::over(std::slice::from_ref(&path));
        let two = Progress::over(&[path.clone(), path.clone()]);
        std::fs::remove_file(&path).unwrap();
        assert!(one.bar.is_none() && two.bar.is_some());
    }
}
