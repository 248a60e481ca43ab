//! A scan asks the matcher about the shape of a reply; the answer must be that
//! to the reply itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use smtpwhy::Catalogue;
use smtpwhy::cli::Format;
use smtpwhy::explain::{Finding, alike};
use smtpwhy::input::{Direction, Record};
use smtpwhy::render::{Findings, Style};
use smtpwhy::scan::ruling::{Judge, Ruling};

fn told(r: &Ruling) -> String {
    let speaker = r.speaker.map(|s| s.id());
    let entry = r.entry.map(|e| e.id());
    let cause = r.cause.id();
    let enhanced = r.enhanced.map(|e| e.to_string());
    format!(
        "{cause} {:?} {:?} {:?} {speaker:?} {entry:?} {:?} {enhanced:?} {:?} {}",
        r.verdict, r.who, r.confidence, r.code, r.about, r.by_text
    )
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Every example of the catalogue, every labelled reply and every line of
/// the fixtures.
fn texts() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("codes"), &mut found);
    files(&root.join("tests/logs"), &mut found);
    let mut texts = BTreeSet::new();
    for path in found {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        match path.extension().and_then(|e| e.to_str()) {
            Some("toml") => examples(&toml::from_str(&text).unwrap(), &mut texts),
            _ => texts.extend(text.lines().map(str::to_string)),
        }
    }
    for path in ["tests/corpus/replies.jsonl", "tests/known.tsv"] {
        let text = std::fs::read_to_string(root.join(path)).unwrap();
        for line in text.lines() {
            let reply = serde_json::from_str::<Value>(line).ok().and_then(|v| v["text"].as_str().map(str::to_string));
            texts.insert(reply.unwrap_or_else(|| line.replace('\t', " ")));
        }
    }
    texts
}

/// The texts under `yes` and `no`, wherever they stand.
fn examples(value: &toml::Value, texts: &mut BTreeSet<String>) {
    match value {
        toml::Value::Array(all) => all.iter().for_each(|v| examples(v, texts)),
        toml::Value::Table(all) => {
            let quoted = all.iter().filter(|(key, _)| matches!(key.as_str(), "yes" | "no")).filter_map(|(_, v)| v.as_array());
            texts.extend(quoted.flatten().filter_map(|v| v.as_str().map(str::to_string)));
            all.values().for_each(|v| examples(v, texts));
        }
        _ => {}
    }
}

#[test]
fn a_shape_means_what_its_text_means() {
    let texts = texts();
    assert!(texts.len() > 3_000, "{}", texts.len());
    must_agree(&texts);
}

/// Texts that once had another meaning than their shapes.
#[test]
fn a_shape_means_what_its_text_means_however_words_are_run_together() {
    let texts = [
        "User dont exist after helo1",
        "in reply to mail from5 bad h@e",
        "::243",
        "5::451",
        "no mail from 2001:db8::550 today",
        "550-no:#012550 way",
        ":#012450",
        "#012rela@@refus",
        "(2.0.2.xl",
        " 5The server response was:domain bad",
        "with 250.z and itTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT0with 550.T",
    ];
    must_agree(&BTreeSet::from(texts.map(str::to_string)));
}

/// A text may hold the very addresses and words that stand for others in a
/// shape, or numbers that become an address only there.
#[test]
fn a_text_that_looks_like_a_shape_is_about_its_own_address() {
    let texts = [
        "I:2001:db8::1]5::]reputaion",
        "pob\0ysender-rejected:\0host only-web.epample[192.0.2.90] refle[192.0.2.90_ refu::::2[8:",
        "[x1 rejected:!n&#39;::1]bl::18::1]bl",
        "554 bad reputation I:192.0.2.2 198.51.100.7 203.0.113.9",
        "554 192.0.2.1a [198.51.100.7] bad reputation 192.0.2.1",
        "554 bad reputation https://example.com/?1.2.3.4a and 1.2.3.0",
        "554 bad reputation https://example.com/a1.2.3.4 and 1.2.3.0",
        "554 bad reputation https://example.com/?x1-50.1.2.3",
        "554 bad reputation https://example.com/ip/2001:db8:586::9 no",
        "554 bad reputation a/2001:db8:586::9 [::1]",
        "554 bad reputation [2001:db8:586:1::9]:25 [IPv6:2001:db8:550::9]",
        "554 bad reputation http://example.com/?ip=2001:db8::bad and 198.51.100.4:10025.",
        "554 bad reputation x.x.12.x x.y",
        "554 Sender address reject 4.2.0ttp://::1]exaess",
    ];
    must_agree(&BTreeSet::from(texts.map(str::to_string)));
}

/// Numbers and letters in names that mean something elsewhere.
#[test]
fn a_part_of_a_name_is_what_it_is_in_the_text() {
    let texts = [
        "550 X.7.1.b@c.example no",
        "550 a-X.7.1.b@c.example",
        "550 joe-5.1.1.x@c.example",
        "550 5.7.1.2a.b@c.example",
        "203-203-5.1.1.example.net",
        "host mx3.5] and host mx4.5.l.google.com] said: no",
        "550-12.5.foo.example",
        "from 203-0-113-5.dyn.abc1.example.net[192.0.2.1]",
        "550 a+550@b.example no",
        "550 a+550.b@c.example",
        "550 a+550:b@c.example",
        "550-joe.203-203-5.1.1@x.example",
        "552-Requested mail action aborted. 552 For explanation visit https://x/a@b.gmx.net/en/case?c=r1503&i=ip&v=192.0.2.13&r=769d0e0eb241",
        "550 no 2001:db8:550:: at [2001:550:db8::]",
        "022:db1] 422:db8::1] 2:db8:: 553",
    ];
    must_agree(&BTreeSet::from(texts.map(str::to_string)));
}

#[test]
fn a_number_in_or_behind_a_very_long_run_is_what_it_is_in_the_text() {
    let run = "tl1-".repeat(90);
    must_agree(&BTreeSet::from([format!("a.b{run}>x:551 no"), format!("a.b\0{run}:551 no"), format!("a.b{run}:551 no")]));
}

#[test]
fn a_text_with_more_addresses_than_are_told_apart_is_about_its_own() {
    let many: Vec<String> = (1..12).map(|n| format!("198.51.100.{n}")).collect();
    let texts = [many.join(" ") + " bad reputation", format!("554 {} ip:203.0.113.7 bad reputation", many[..9].join(" "))];
    must_agree(&BTreeSet::from(texts));
}

fn must_agree(texts: &BTreeSet<String>) {
    let mut judge = Judge::new(Catalogue::built_in(), None);
    let mut wrong = Vec::new();
    for text in texts {
        for (direction, relay) in [(Direction::Out, None), (Direction::In, Some("gmail-smtp-in.l.google.com"))] {
            let record = Record { text: text.into(), direction, relay: relay.map(Into::into), ..Record::default() };
            let (by_shape, by_text) = (told(&judge.rule(&record)), told(&judge.rule_by_text(&record)));
            if by_shape != by_text {
                wrong.push(format!("{text}\n  shape: {by_shape}\n  text:  {by_text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len() * 2, wrong.join("\n"));
}

/// The same text with other ids, addresses and numbers, of other lengths, too.
fn twins(text: &str) -> [String; 3] {
    let other = |c: char| match c {
        '0'..='8' | 'b'..='y' => char::from(c as u8 + 1),
        c => c,
    };
    let run =
        |run: &str| if run.contains(|c: char| c.is_ascii_digit() || c == '@') { run.chars().map(other).collect() } else { run.to_string() };
    let changed = |change: &dyn Fn(&str) -> String| text.split(' ').map(change).collect::<Vec<_>>().join(" ");
    let is_id = |run: &str| run.len() > 6 && run.contains(|c: char| c.is_ascii_digit()) && run.contains(char::is_alphabetic);
    [
        changed(&|part| run(part)),
        changed(&|part| if is_id(part) { run(part) } else { part.to_string() }),
        changed(&|part| if is_id(part) { format!("{}7{}", run(part), run(part)) } else { part.to_string() }),
    ]
}

#[test]
fn a_text_like_one_before_means_what_it_says_itself() {
    let mut judge = Judge::new(Catalogue::built_in(), None);
    let mut wrong = Vec::new();
    for text in &texts() {
        for text in twins(text).into_iter().chain([text.clone()]) {
            let record = Record { text: text.as_str().into(), ..Record::default() };
            // Only what is asked again was met under its looks before.
            let numbers = [(); 2].map(|()| judge.number(&record));
            let about = judge.about(numbers[1], &text).map(str::to_string);
            let by_looks = told(&Ruling { about, ..judge.ruling(numbers[1]).clone() });
            let by_text = told(&judge.rule_by_text(&record));
            if by_looks != by_text || numbers[0] != numbers[1] {
                wrong.push(format!("{text}\n  looks: {by_looks}\n  text:  {by_text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A finding as JSON.
fn json(finding: &Finding) -> String {
    let (mut out, style) = (Vec::new(), Style { color: false, width: 80, table_width: 80, ascii: false });
    Findings::new(&mut out, Format::Jsonl, style).unwrap().add(finding).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn an_answer_made_of_that_to_the_shape_is_the_answer_to_the_text() {
    let mut judge = Judge::new(Catalogue::built_in(), None);
    let (mut wrong, mut alike) = (Vec::new(), 0);
    let texts = texts();
    for (number, text) in texts.iter().enumerate() {
        let context = [(Direction::Out, None), (Direction::In, Some("gmail-smtp-in.l.google.com"))];
        let (direction, relay) = context[number % 2];
        let (recipient, sender) = (Some("jane@example.com".into()), Some("joe@example.net".into()));
        let record = Record { text: text.into(), direction, relay: relay.map(Into::into), recipient, sender, ..Record::default() };
        let shape = judge.shape(&record).to_string();
        let Some((pattern, outline)) = judge.pattern(&record, &shape) else { continue };
        let Some(own) = judge.own(&pattern, &record) else { continue };
        alike += 1;
        let (made, asked) = (json(&alike::finding(outline, own)), json(&judge.explain(&record)));
        if made != asked {
            wrong.push(format!("{text}\n  shape: {made}  text:  {asked}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {alike}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(alike > texts.len() * 9 / 10, "{alike} of {}", texts.len());
}
