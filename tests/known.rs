//! The table of what the tool must know (`tests/known.tsv`): each row is
//! answered by its code, by its text, and with its system.

use smtpwhy::{By, Catalogue, Context, Finding, Verdict};

struct Row {
    system: &'static str,
    code: &'static str,
    enhanced: &'static str,
    text: &'static str,
    topic: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("known.tsv").lines().filter(|l| !l.starts_with('#'));
    lines
        .map(|line| {
            let f: Vec<&str> = line.split('\t').collect();
            Row { system: f[0], code: f[1], enhanced: f[2], text: f[3], topic: f[4] }
        })
        .collect()
}

impl Row {
    fn numbers(&self) -> String {
        [self.code, self.enhanced].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn whole(&self) -> String {
        [&self.numbers(), self.text].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// A class such as `4xx` or a digit such as `x5x`.
    fn is_digit(&self) -> bool {
        self.code.contains('x') && !self.code.starts_with("0x")
    }

    fn speaker(&self) -> Option<&'static str> {
        match self.system {
            "outlook" => Some("outlook"),
            "gmail" => Some("google"),
            "sendgrid" => Some("sendgrid"),
            "mailgun-http" => Some("mailgun"),
            _ => None,
        }
    }

    fn answer(&self, text: &str) -> Finding {
        let speaker = self.speaker().and_then(|id| Catalogue::built_in().speaker(id));
        smtpwhy::explain_in(text, Context { speaker, ..Context::default() })
    }
}

fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn the_table_is_whole() {
    assert_eq!(rows().len(), 419);
}

#[test]
fn every_row_is_explained_with_its_system() {
    let mut complaints = Vec::new();
    for row in rows().iter().filter(|r| !r.is_digit() && r.topic.is_empty()) {
        let f = row.answer(&row.whole());
        let said = f.entry.map(|e| e.speaker().id());
        let number_alone = row.text.is_empty() && row.system != "outlook";
        let right = said == row.speaker() || row.speaker().is_none() || number_alone;
        if !right || f.meaning.is_empty() || (f.steps.is_empty() && f.verdict != Verdict::Ok) || f.terms.is_empty() {
            complaints.push(format!("{} {}: {said:?} {}", row.system, row.whole(), f.cause.id()));
        }
    }
    none(complaints);
}

#[test]
fn every_number_is_found_alone() {
    let mut complaints = Vec::new();
    for row in rows().iter().filter(|r| !r.is_digit() && !r.numbers().is_empty()) {
        let f = row.answer(&row.numbers());
        if f.layers.is_empty() || f.title.is_empty() {
            complaints.push(format!("{} {}", row.system, row.numbers()));
        }
    }
    none(complaints);
}

#[test]
fn every_text_is_found_alone() {
    let mut complaints = Vec::new();
    for row in rows().iter().filter(|r| !r.text.is_empty()) {
        let f = row.answer(row.text);
        let said = f.entry.map(|e| e.speaker().id());
        let lost = if row.speaker().is_some() { said != row.speaker() } else { f.matched.by == By::None };
        if lost {
            complaints.push(format!("{} {}: {said:?} {}", row.system, row.text, f.cause.id()));
        }
    }
    none(complaints);
}

#[test]
fn outlook_numbers_are_found_in_any_case_and_without_their_prefix() {
    let mut complaints = Vec::new();
    for row in rows().iter().filter(|r| r.system == "outlook") {
        let whole = |text: &str| smtpwhy::explain(text).entry.map(|e| e.id());
        let own = whole(row.code);
        let bare = row.code.trim_start_matches("0x");
        let letters = bare.bytes().any(|b| b.is_ascii_alphabetic());
        if own.is_none() || whole(&row.code.to_lowercase()) != own || letters && whole(bare) != own {
            complaints.push(format!("{}: {own:?}", row.code));
        }
    }
    none(complaints);
}

#[test]
fn classes_and_digits_have_their_meaning_by_rfc_5321() {
    let catalogue = Catalogue::built_in();
    let subject = |digit| catalogue.code_subject(digit).unwrap().title.to_lowercase();
    assert!(subject(0).contains("syntax"));
    assert!(subject(1).contains("information"));
    assert!(subject(2).contains("connection"));
    assert!(subject(3).contains("unspecified") && subject(4).contains("unspecified"));
    assert!(subject(5).contains("mail system"));
    for class in [2, 3, 4, 5] {
        assert!(!catalogue.code_class(class).unwrap().means.is_empty());
    }
}

#[test]
fn topics_have_an_entry_to_show() {
    for row in rows().iter().filter(|r| !r.topic.is_empty()) {
        assert!(Catalogue::built_in().entry(row.topic).is_some(), "{}", row.topic);
    }
}
