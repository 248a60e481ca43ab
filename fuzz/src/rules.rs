//! A user's own rules, from TOML to a catalogue that explains with them.

use std::path::PathBuf;
use std::sync::LazyLock;

use smtpwhy::{Catalogue, Context};

static FILE: LazyLock<PathBuf> = LazyLock::new(|| std::env::temp_dir().join(format!("smtpwhy-fuzz-{}.toml", std::process::id())));

pub fn rules(data: &[u8]) {
    std::fs::write(&*FILE, data).expect("the folder for temporary files can be written");
    match Catalogue::with_own(std::slice::from_ref(&*FILE)) {
        Ok(catalogue) => holds(catalogue, &String::from_utf8_lossy(data)),
        Err(mistake) => assert!(!mistake.what.is_empty() && !mistake.file.is_empty()),
    }
}

/// All that the rules hold can be shown, and they explain their own text.
fn holds(catalogue: Catalogue, text: &str) {
    for entry in catalogue.entries().filter(|e| e.is_own()) {
        assert!(!entry.id().is_empty());
        assert_eq!(catalogue.entry(entry.id()).map(|e| e.id()), Some(entry.id()));
        let _ = (entry.title(), entry.means(), entry.cause().id(), entry.verdict(), entry.steps(), entry.commands());
        let _ = (entry.speaker().hosts(), entry.terms().len(), entry.sources().len(), entry.codes(), entry.enhanced());
    }
    let quoted = text.split('"').filter(|q| !q.trim().is_empty()).take(8);
    for text in quoted.chain(["550 5.1.1 <user@example.com>: User unknown"]) {
        let finding = smtpwhy::explain::explain(catalogue, text, Context::default());
        assert_eq!(text.get(finding.matched.range.clone()), Some(finding.matched.text.as_str()));
    }
}
