//! Compiles `codes/` into static tables, so that the program parses nothing
//! when it starts. Stops the build with file and entry where the data is
//! wrong.

#[allow(dead_code, unused_imports, reason = "the build uses only the writing half of the shared module")]
#[path = "src/codes/mod.rs"]
mod codes;

use std::fmt::Write as _;
use std::path::Path;

use codes::rows::Tables;

fn main() {
    println!("cargo::rerun-if-changed=codes");
    println!("cargo::rerun-if-changed=src/codes");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let tables =
        codes::source::read_folder(Path::new("codes")).and_then(|folder| codes::compile::compile(&folder)).unwrap_or_else(|mistake| {
            println!("cargo::error={mistake}");
            std::process::exit(1);
        });
    write(Path::new(&out), &tables).expect("OUT_DIR can be written");
    #[cfg(feature = "cli")]
    pack(Path::new(&out)).expect("the manual and the completions can be read");
    // The newest day on which a fact was compared dates the catalogue.
    let date = tables.sources.iter().map(|s| tables.str(s.seen)).max().unwrap_or("");
    println!("cargo::rustc-env=SMTPWHY_CATALOGUE_DATE={date}");
    println!("cargo::rustc-env=SMTPWHY_CATALOGUE={date}, {} entries", tables.entries.len());
}

/// Packs the pages that the program prints on demand.
#[cfg(feature = "cli")]
fn pack(out: &Path) -> std::io::Result<()> {
    const PAGES: [&str; 6] = [
        "man/smtpwhy.1",
        "completions/smtpwhy.bash",
        "completions/_smtpwhy",
        "completions/smtpwhy.fish",
        "completions/_smtpwhy.ps1",
        "completions/smtpwhy.elv",
    ];
    for page in PAGES.map(Path::new) {
        println!("cargo::rerun-if-changed={}", page.display());
        let file = std::fs::File::create(out.join(page.file_name().expect("pages are files")))?;
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::best());
        std::io::copy(&mut std::fs::File::open(page)?, &mut packed)?;
        packed.finish()?;
    }
    Ok(())
}

fn write(out: &Path, tables: &Tables) -> std::io::Result<()> {
    std::fs::write(out.join("catalogue.txt"), tables.text.as_bytes())?;
    std::fs::write(out.join("words.txt"), tables.words.as_bytes())?;
    std::fs::write(out.join("catalogue.rs"), source(tables))
}

/// The tables as Rust source: the rows print as they are written.
fn source(t: &Tables) -> String {
    let mut s = String::from("pub static BUILT_IN: Tables = Tables {\n");
    s.push_str("text: Cow::Borrowed(include_str!(concat!(env!(\"OUT_DIR\"), \"/catalogue.txt\"))),\n");
    s.push_str("words: Cow::Borrowed(include_str!(concat!(env!(\"OUT_DIR\"), \"/words.txt\"))),\n");
    let mut field = |name: &str, rows: String| {
        writeln!(s, "{name}: Cow::Borrowed(&{rows}),").expect("writing to a string");
    };
    field("nums", format!("{:?}", t.nums));
    field("parts", format!("{:?}", t.parts));
    field("strs", format!("{:?}", t.strs));
    field("reply_codes", format!("{:?}", t.reply_codes));
    field("reply_statuses", format!("{:?}", t.reply_statuses));
    field("causes", format!("{:?}", t.causes));
    field("speakers", format!("{:?}", t.speakers));
    field("entries", format!("{:?}", t.entries));
    field("concepts", format!("{:?}", t.concepts));
    field("rules", format!("{:?}", t.rules));
    field("codes", format!("{:?}", t.codes));
    field("code_classes", format!("{:?}", t.code_classes));
    field("code_subjects", format!("{:?}", t.code_subjects));
    field("statuses", format!("{:?}", t.statuses));
    field("status_classes", format!("{:?}", t.status_classes));
    field("status_subjects", format!("{:?}", t.status_subjects));
    field("terms", format!("{:?}", t.terms));
    field("sources", format!("{:?}", t.sources));
    field("word_ends", format!("{:?}", t.word_ends));
    field("word_slots", format!("{:?}", t.word_slots));
    field("phrases", format!("{:?}", t.phrases));
    field("groups", format!("{:?}", t.groups));
    field("group_slots", format!("{:?}", t.group_slots));
    write!(s, "negator: {},\nfirst_own: {},\n}};\n", t.negator, t.first_own).expect("writing to a string");
    s
}
