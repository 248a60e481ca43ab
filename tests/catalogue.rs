//! The catalogue keeps its promises: every entry is found by its own examples
//! and by nobody else's, and its texts keep to the rules of `codes/README.md`.

#[allow(dead_code, unused_imports, reason = "the tests use a part of the shared module")]
#[path = "../src/codes/mod.rs"]
mod codes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use codes::source::{self, Entry, Folder, Speaker};
use smtpwhy::{Catalogue, Context, Verdict};

fn folder() -> Folder {
    source::read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("codes")).unwrap_or_else(|m| panic!("{m}"))
}

/// Every entry with its file.
fn entries(folder: &Folder) -> impl Iterator<Item = (&str, &Speaker, &Entry)> {
    folder.speakers.iter().flat_map(|(file, _, s)| s.entry.iter().map(move |e| (file.as_str(), s, e)))
}

/// Fails with all complaints at once.
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

/// The entry that explains `text`; entries with `here` need their speaker.
fn winner(text: &str, speaker: Option<&str>) -> Option<&'static str> {
    let speaker = speaker.and_then(|id| Catalogue::built_in().speaker(id));
    smtpwhy::explain_in(text, Context { speaker, ..Context::default() }).entry.map(|e| e.id())
}

fn needs_speaker(e: &Entry) -> bool {
    e.here || (e.says.is_empty() && e.also.is_empty() && e.text.as_slice().is_empty())
}

#[test]
fn every_example_is_won_by_its_own_entry() {
    let folder = folder();
    let mut complaints = Vec::new();
    for (file, speaker, e) in entries(&folder) {
        let own = needs_speaker(e).then_some(speaker.provider.as_str());
        for yes in &e.yes {
            let won = winner(yes, own);
            if won != Some(e.id.as_str()) {
                complaints.push(format!("{file}: {}: won by {won:?}: {yes}", e.id));
            }
        }
    }
    none(complaints);
}

#[test]
fn no_near_miss_is_won() {
    let folder = folder();
    let mut complaints = Vec::new();
    for (file, speaker, e) in entries(&folder) {
        for no in &e.no {
            for own in [None, Some(speaker.provider.as_str())] {
                if winner(no, own) == Some(e.id.as_str()) {
                    complaints.push(format!("{file}: {} must not explain: {no}", e.id));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn every_entry_has_an_example() {
    let folder = folder();
    none(entries(&folder).filter(|(_, _, e)| e.yes.is_empty()).map(|(file, _, e)| format!("{file}: {}", e.id)).collect());
}

#[test]
fn generic_rules_find_their_examples() {
    let mut complaints = Vec::new();
    for rule in folder().phrases.rule {
        let by_rule = |text: &str| {
            let finding = smtpwhy::explain(text);
            (finding.cause.id(), finding.matched.rule)
        };
        for yes in &rule.yes {
            let (cause, by) = by_rule(yes);
            if cause != rule.cause {
                complaints.push(format!("{}: {cause} by {by:?}: {yes}", rule.id));
            }
        }
        for no in rule.no.iter().filter(|no| by_rule(no).1 == Some(rule.id.as_str())) {
            complaints.push(format!("{} must not hold: {no}", rule.id));
        }
    }
    none(complaints);
}

#[test]
fn a_good_address_is_never_removed() {
    let catalogue = Catalogue::built_in();
    let ours = ["recipient", "domain"];
    let mut complaints = Vec::new();
    for e in catalogue.entries().filter(|e| e.verdict() == Verdict::Remove) {
        if !ours.contains(&e.cause().family()) {
            complaints.push(format!("{}: remove for {}", e.id(), e.cause().id()));
        }
    }
    for c in catalogue.codes().filter(|c| c.number() / 100 == 4 && c.verdict() == Verdict::Remove) {
        complaints.push(format!("{}: remove on a 4xx", c.number()));
    }
    for s in catalogue.statuses() {
        if s.outcome(4).is_some_and(|(_, v)| v == Verdict::Remove) {
            complaints.push(format!("{}: remove in class 4", s.status()));
        }
    }
    none(complaints);
}

#[test]
fn no_example_with_a_4xx_is_removed() {
    let folder = folder();
    let mut complaints = Vec::new();
    for (file, speaker, e) in entries(&folder) {
        for yes in &e.yes {
            let speaker = Catalogue::built_in().speaker(&speaker.provider);
            let finding = smtpwhy::explain_in(yes, Context { speaker, ..Context::default() });
            if finding.code.is_some_and(|c| c / 100 == 4) && finding.verdict == Verdict::Remove && !e.http {
                complaints.push(format!("{file}: {}: {yes}", e.id));
            }
        }
    }
    none(complaints);
}

#[test]
fn sources_are_named_dated_and_used() {
    let folder = folder();
    let mut complaints = Vec::new();
    for (file, _, s) in &folder.speakers {
        let used: BTreeSet<&String> = s.entry.iter().flat_map(|e| &e.sources).collect();
        for (name, source) in &s.sources {
            let day = source.seen.len() == 10 && source.seen.bytes().filter(|b| *b == b'-').count() == 2;
            if !source.url.starts_with("https://") && !source.url.starts_with("http://") || !day {
                complaints.push(format!("{file}: source {name}"));
            }
            if !used.contains(name) {
                complaints.push(format!("{file}: source {name} is not used"));
            }
        }
        complaints.extend(s.entry.iter().filter(|e| e.sources.is_empty()).map(|e| format!("{file}: {} has no source", e.id)));
    }
    none(complaints);
}

#[test]
fn sentences_keep_to_their_length_and_end() {
    let folder = folder();
    let mut complaints = Vec::new();
    let mut check = |place: &str, text: &str, most: usize, sentence: bool| {
        let long = text.chars().count() > most;
        let ends = text.ends_with(['.', '?', '!', ':']) || text.ends_with(".)") || text.ends_with('"');
        if !text.is_empty() && (long || ends != sentence) {
            complaints.push(format!("{place} ({} characters): {text}", text.chars().count()));
        }
    };
    for (file, _, e) in entries(&folder) {
        let place = format!("{file}: {}", e.id);
        check(&place, &e.title, 76, false);
        check(&place, &e.means, 260, true);
        check(&place, &e.note, 260, true);
        e.first.iter().chain(&e.steps).for_each(|s| check(&place, s, 180, true));
    }
    for c in &folder.causes.cause {
        check(&c.id, &c.title, 60, false);
        check(&c.id, &c.means, 240, true);
        c.steps.iter().for_each(|s| check(&c.id, s, 160, true));
    }
    folder.glossary.term.iter().for_each(|t| check(&t.term, &t.means, 220, true));
    folder.basic.code.iter().for_each(|c| check(&c.code.to_string(), &c.means, 260, true));
    folder.enhanced.status.iter().for_each(|s| check(&s.code, &s.means, 260, true));
    none(complaints);
}

#[test]
fn no_sentence_is_written_twice() {
    let folder = folder();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut complaints = Vec::new();
    for (file, _, e) in entries(&folder) {
        for text in [&e.means].into_iter().filter(|t| !t.is_empty()) {
            if let Some(other) = seen.insert(text, &e.id) {
                complaints.push(format!("{file}: {} says the same as {other}: {text}", e.id));
            }
        }
    }
    none(complaints);
}

#[test]
fn examples_use_names_kept_for_documentation() {
    let folder = folder();
    let mut complaints = Vec::new();
    for (file, _, e) in entries(&folder) {
        for text in e.yes.iter().chain(&e.no) {
            for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '@' | '-' | '_' | '+'))) {
                let domain = word.rsplit_once('@').map(|(_, d)| d.trim_end_matches('.').to_ascii_lowercase());
                let free = |d: &str| {
                    ["example.com", "example.org", "example.net", ".example", ".test", "localhost"].iter().any(|end| d.ends_with(end))
                };
                let owner = |d: &str| e.id.split('-').any(|p| p.len() > 1 && d.contains(p));
                let service =
                    ["abuse", "postmaster", "support", "help", "unblock", "tosa", "blacklist", "delist", "admin", "antispam", "contact"];
                let contact = service.iter().any(|s| word.to_ascii_lowercase().contains(s));
                if domain.as_deref().is_some_and(|d| d.contains('.') && !free(d) && !owner(d)) && !contact {
                    complaints.push(format!("{file}: {}: {word}", e.id));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn entries_are_sorted_by_id() {
    let mut complaints = Vec::new();
    for (file, _, s) in folder().speakers {
        let ids: Vec<&String> = s.entry.iter().map(|e| &e.id).collect();
        if let Some(pair) = ids.windows(2).find(|p| p[0] >= p[1]) {
            complaints.push(format!("{file}: {} stands before {}", pair[0], pair[1]));
        }
    }
    none(complaints);
}

#[test]
fn short_phrases_need_a_known_speaker() {
    let folder = folder();
    let mut complaints = Vec::new();
    for (file, _, e) in entries(&folder).filter(|(_, _, e)| !e.here && !e.strict) {
        let short = |p: &str| p.split('|').any(|p| p.trim().len() < 4);
        let alone: Vec<&String> = e.also.iter().chain(if e.says.len() == 1 { &e.says[..] } else { &[] }).filter(|p| short(p)).collect();
        complaints.extend(alone.iter().map(|p| format!("{file}: {}: '{p}'", e.id)));
    }
    none(complaints);
}

#[test]
fn a_telling_number_decides_where_no_rule_knows_the_words_and_removes_nobody() {
    let folder = folder();
    let strange = |numbers: &str| smtpwhy::explain(&format!("{numbers} Zorgl gnarf the blip for you"));
    let mut complaints = Vec::new();
    for status in &folder.enhanced.status {
        for class in &status.telling {
            let outcome = if *class == 4 { &status.temporary } else { &status.permanent };
            let outcome = outcome.as_ref().unwrap_or_else(|| panic!("{} has no class {class}", status.code));
            let finding = strange(&format!("{class}50 {}", status.code.replacen('X', &class.to_string(), 1)));
            if finding.cause.id() != outcome.cause || finding.verdict == Verdict::Remove {
                complaints.push(format!("{class} {}: {} {:?}", status.code, finding.cause.id(), finding.verdict));
            }
        }
    }
    for code in folder.basic.code.iter().filter(|code| code.telling) {
        let finding = strange(&code.code.to_string());
        if finding.cause.id() != code.cause || finding.verdict == Verdict::Remove {
            complaints.push(format!("{}: {} {:?}", code.code, finding.cause.id(), finding.verdict));
        }
    }
    none(complaints);
    assert_eq!(strange("550 5.1.1").cause.id(), "unknown", "the words may say that it was the sender");
}
