//! The catalogue as people write it: TOML files under `codes/`.
//!
//! One reader for the build and for a user's own rules. It checks shape only
//! (unknown and missing fields, value ranges); what refers to what is checked
//! by [`super::compile`]. It must not know rows or matching.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

/// A mistake in a catalogue file: where, and what to change.
#[derive(Debug)]
pub struct Mistake {
    pub file: String,
    pub entry: String,
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if !self.entry.is_empty() {
            write!(f, "{}: ", self.entry)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for Mistake {}

/// A page a fact was taken from, and the day it was last compared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub url: String,
    pub seen: String,
}

/// `causes.toml`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Causes {
    pub cause: Vec<Cause>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub id: String,
    pub family: String,
    pub verdict: String,
    pub who: String,
    pub title: String,
    pub brief: String,
    pub means: String,
    pub steps: Vec<String>,
    #[serde(default)]
    pub commands: Vec<String>,
    #[serde(default)]
    pub terms: Vec<String>,
}

/// One file of known replies: a provider, service, server, filter, list or
/// client.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speaker {
    pub provider: String,
    pub name: String,
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub marks: Vec<String>,
    #[serde(default)]
    pub habit: String,
    #[serde(default)]
    pub sources: std::collections::BTreeMap<String, Source>,
    #[serde(default)]
    pub entry: Vec<Entry>,
}

/// One known reply; `codes/README.md` explains each field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub id: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub code: Vec<u16>,
    #[serde(default)]
    pub enhanced: Vec<String>,
    #[serde(default)]
    pub says: Vec<String>,
    #[serde(default)]
    pub also: Vec<String>,
    #[serde(default)]
    pub not: Vec<String>,
    #[serde(default)]
    pub text: OneOrMany,
    #[serde(default)]
    pub here: bool,
    #[serde(default)]
    pub strict: bool,
    #[serde(default)]
    pub http: bool,
    pub cause: String,
    pub verdict: Option<String>,
    pub who: Option<String>,
    #[serde(default)]
    pub means: String,
    #[serde(default)]
    pub first: Vec<String>,
    #[serde(default)]
    pub steps: Vec<String>,
    #[serde(default)]
    pub commands: Vec<String>,
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub terms: Vec<String>,
    #[serde(default)]
    pub note: String,
    pub trust: Option<String>,
    #[serde(default)]
    pub sources: Vec<String>,
    #[serde(default)]
    pub yes: Vec<String>,
    #[serde(default)]
    pub no: Vec<String>,
}

/// A string or an array of strings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
    #[default]
    #[serde(skip)]
    None,
}

impl OneOrMany {
    pub fn as_slice(&self) -> &[String] {
        match self {
            OneOrMany::One(s) => std::slice::from_ref(s),
            OneOrMany::Many(v) => v,
            OneOrMany::None => &[],
        }
    }
}

/// `phrases.toml`: concepts, and rules that combine them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    #[serde(default)]
    pub concept: Vec<Concept>,
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// Words and phrases that name the same thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concept {
    pub id: String,
    #[serde(default)]
    pub inside: bool,
    #[serde(default)]
    pub thing: bool,
    /// A slot (`addr`, `host`, `ip`, `url`): each such thing is a mention.
    #[serde(default)]
    pub slot: Option<String>,
    #[serde(default)]
    pub any: Vec<String>,
}

/// Concepts that together tell a cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: String,
    #[serde(default)]
    pub title: String,
    pub cause: String,
    pub verdict: Option<String>,
    pub needs: Vec<String>,
    #[serde(default)]
    pub without: Vec<String>,
    pub within: Option<u16>,
    #[serde(default)]
    pub ordered: bool,
    #[serde(default)]
    pub anywhere: bool,
    pub weight: Option<u8>,
    #[serde(default)]
    pub code: Vec<u16>,
    #[serde(default)]
    pub enhanced: Vec<String>,
    #[serde(default)]
    pub stage: Vec<String>,
    #[serde(default)]
    pub yes: Vec<String>,
    #[serde(default)]
    pub no: Vec<String>,
}

/// `basic.toml`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    pub class: Vec<Digit>,
    pub subject: Vec<Digit>,
    pub code: Vec<Code>,
}

/// Meaning of a digit: the class or the subject of a code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digit {
    pub digit: u16,
    pub title: String,
    pub means: String,
    #[serde(default)]
    pub verdict: String,
    #[serde(default)]
    pub advice: String,
    #[serde(default)]
    pub sources: Vec<Source>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    pub code: u16,
    pub title: String,
    pub means: String,
    #[serde(default)]
    pub stage: Vec<String>,
    pub cause: String,
    pub verdict: String,
    /// The code is believed, whatever the text.
    #[serde(default)]
    pub telling: bool,
    pub advice: String,
    pub standard: bool,
    #[serde(default)]
    pub terms: Vec<String>,
    #[serde(default)]
    pub note: String,
    pub sources: Vec<Source>,
}

/// `enhanced.toml`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enhanced {
    pub class: Vec<Digit>,
    pub subject: Vec<Digit>,
    pub status: Vec<Status>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    pub code: String,
    pub title: String,
    pub registry: String,
    /// Other names under which lists print the code.
    #[serde(default)]
    pub alias: Vec<String>,
    pub means: String,
    #[serde(default)]
    pub with: Vec<u16>,
    pub success: Option<Outcome>,
    pub temporary: Option<Outcome>,
    pub permanent: Option<Outcome>,
    /// Concepts one of which makes a text fit this code.
    #[serde(default)]
    pub fits: Vec<String>,
    /// Classes in which the code is believed, whatever the text.
    #[serde(default)]
    pub telling: Vec<u16>,
    pub advice: String,
    #[serde(default)]
    pub terms: Vec<String>,
    #[serde(default)]
    pub note: String,
    pub sources: Vec<Source>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    pub cause: String,
    pub verdict: String,
}

/// `glossary.toml`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glossary {
    pub term: Vec<Term>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    pub term: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub means: String,
    pub url: String,
}

/// A file of a user's own rules: entries as in the catalogue's files, and
/// changes to known ones.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    pub provider: Option<String>,
    pub name: Option<String>,
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub marks: Vec<String>,
    #[serde(default)]
    pub sources: std::collections::BTreeMap<String, Source>,
    #[serde(default)]
    pub entry: Vec<Entry>,
    #[serde(default)]
    pub change: Vec<Change>,
    #[serde(default)]
    pub retire: Vec<String>,
    #[serde(default)]
    pub concept: Vec<Concept>,
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// New values for fields of a known entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub id: String,
    pub cause: Option<String>,
    pub verdict: Option<String>,
    pub who: Option<String>,
    pub title: Option<String>,
    pub means: Option<String>,
    #[serde(default)]
    pub first: Vec<String>,
}

/// A whole catalogue folder.
#[derive(Debug, Default)]
pub struct Folder {
    pub causes: Causes,
    pub basic: Basic,
    pub enhanced: Enhanced,
    pub phrases: Phrases,
    pub glossary: Glossary,
    /// File name, folder name and content of each file of known replies,
    /// ordered by path.
    pub speakers: Vec<(String, String, Speaker)>,
}

/// The folders that hold files of known replies.
pub const SPEAKER_FOLDERS: [&str; 6] = ["providers", "services", "servers", "filters", "lists", "clients"];

/// Reads the catalogue folder `dir`.
///
/// # Errors
/// The first file that cannot be read or does not have the expected shape.
pub fn read_folder(dir: &Path) -> Result<Folder, Mistake> {
    let mut phrases: Phrases = read_file(&dir.join("phrases.toml"))?;
    for path in toml_files(dir).iter().filter(|p| file_name(p).starts_with("languages")) {
        let more: Phrases = read_file(path)?;
        phrases.concept.extend(more.concept);
        phrases.rule.extend(more.rule);
    }
    let mut folder = Folder {
        causes: read_file(&dir.join("causes.toml"))?,
        basic: read_file(&dir.join("basic.toml"))?,
        enhanced: read_file(&dir.join("enhanced.toml"))?,
        phrases,
        glossary: read_file(&dir.join("glossary.toml"))?,
        speakers: Vec::new(),
    };
    for name in SPEAKER_FOLDERS {
        for path in toml_files(&dir.join(name)) {
            let file = format!("{name}/{}", file_name(&path));
            folder.speakers.push((file, name.to_string(), read_file(&path)?));
        }
    }
    Ok(folder)
}

/// Reads a user's own rules: one file, or every `.toml` file of a folder.
///
/// # Errors
/// The first file that cannot be read or does not have the expected shape.
pub fn read_own(path: &Path) -> Result<Vec<(String, Own)>, Mistake> {
    let files = if path.is_dir() { toml_files(path) } else { vec![path.to_path_buf()] };
    if files.is_empty() {
        let what = "holds no .toml file".to_string();
        return Err(Mistake { file: path.display().to_string(), entry: String::new(), what });
    }
    files.iter().map(|p| Ok((p.display().to_string(), read_file(p)?))).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn toml_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let Ok(listing) = std::fs::read_dir(dir) else { return Vec::new() };
    let paths = listing.flatten().map(|e| e.path());
    let mut files: Vec<_> = paths.filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files
}

fn read_file<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, Mistake> {
    let file = path.display().to_string();
    let mistake = |what: String| Mistake { file: file.clone(), entry: String::new(), what };
    let text = std::fs::read_to_string(path).map_err(|e| mistake(format!("cannot read: {e}")))?;
    toml::from_str(&text).map_err(|e| mistake(e.to_string()))
}
