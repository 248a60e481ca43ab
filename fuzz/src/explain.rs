//! The whole of an explanation, from text to what is printed; the first byte
//! chooses what is known besides the text.

use smtpwhy::cli::Format;
use smtpwhy::render::{self, Style};
use smtpwhy::{By, Catalogue, Context, Finding, Stage, Verdict};

const RELAYS: [Option<&str>; 4] = [None, Some("gmail-smtp-in.l.google.com"), Some("mx.example.com"), Some("192.0.2.1")];
const STAGES: [Option<Stage>; 4] = [None, Some(Stage::Auth), Some(Stage::Rcpt), Some(Stage::EndOfData)];

pub fn explain(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(data);
    let context = Context {
        relay: RELAYS[usize::from(choice & 3)],
        stage: STAGES[usize::from(choice >> 2 & 3)],
        inbound: choice & 16 != 0,
        recipient: (choice & 32 != 0).then_some("user@example.com"),
        sender: (choice & 64 != 0).then_some("sender@example.org"),
        ..Context::default()
    };
    let finding = smtpwhy::explain::explain(Catalogue::built_in(), &text, context);
    holds(&text, &finding);
    is_safe(&finding);
    is_json(&text, &finding);
}

fn holds(text: &str, finding: &Finding) {
    assert_eq!(finding.input, text);
    assert_eq!(text.get(finding.matched.range.clone()), Some(finding.matched.text.as_str()));
    let http = finding.entry.is_some_and(|e| e.is_http());
    let temporary = finding.code.is_some_and(|c| c / 100 == 4);
    assert!(!(temporary && finding.verdict == Verdict::Remove && !http), "a temporary failure removes an address");
    assert!(!(finding.matched.by == By::Class && finding.verdict == Verdict::Remove), "a class removes an address");
    let filled = finding.steps.iter().chain(&finding.commands);
    filled.for_each(|line| assert!(!line.is_empty(), "an empty step"));
}

/// Text and tables send nothing to a terminal but characters and line ends.
fn is_safe(finding: &Finding) {
    let width = 40 + finding.input.len() % 61;
    for (format, ascii) in [(Format::Text, false), (Format::Table, true)] {
        let style = Style { color: false, width, table_width: width, ascii };
        let page = printed(format, style, finding);
        assert!(!page.contains(|c: char| c.is_control() && c != '\n'), "control characters in {page:?}");
    }
}

fn is_json(text: &str, finding: &Finding) {
    let style = Style { color: false, width: 80, table_width: 80, ascii: false };
    let document: serde_json::Value = serde_json::from_str(&printed(Format::Json, style, finding)).expect("JSON");
    assert!(document.is_object());
    let line = printed(Format::Jsonl, style, finding);
    assert_eq!(line.matches('\n').count(), 1, "one line an answer");
    let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(value["input"], text);
    assert_eq!(value["verdict"], finding.verdict.name());
}

fn printed(format: Format, style: Style, finding: &Finding) -> String {
    let mut out = Vec::new();
    let mut findings = render::Findings::new(&mut out, format, style).expect("a vector takes all");
    findings.add(finding).expect("a vector takes all");
    findings.end().expect("a vector takes all");
    String::from_utf8(out).expect("UTF-8")
}
