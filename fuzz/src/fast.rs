//! The fast way against the plain one: a reply by its shape and by its text, a
//! log in pieces and line by line.

use std::io::Write as _;
use std::sync::{Mutex, OnceLock};

use smtpwhy::Catalogue;
use smtpwhy::input::{Direction, Record};
use smtpwhy::scan::filter::Filter;
use smtpwhy::scan::groups::Group;
use smtpwhy::scan::reader::Settings;
use smtpwhy::scan::ruling::{Judge, Ruling};
use smtpwhy::scan::tally::Tally;

/// A text of one shape must mean what its shape means; the first byte chooses
/// who speaks.
pub fn shape(data: &[u8]) {
    static JUDGE: OnceLock<Mutex<Judge>> = OnceLock::new();
    let Some((context, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let record = Record {
        text: text.into(),
        direction: if context & 1 == 0 { Direction::Out } else { Direction::In },
        relay: (context & 2 != 0).then(|| "gmail-smtp-in.l.google.com".into()),
        ..Record::default()
    };
    let mut judge = JUDGE.get_or_init(|| Mutex::new(Judge::new(Catalogue::built_in(), None))).lock().unwrap();
    let (by_shape, by_text) = (told(&judge.rule(&record)), told(&judge.rule_by_text(&record)));
    assert_eq!(by_shape, by_text, "{text:?}");
    // What is asked again resembles what was asked first, and maybe what was
    // asked about another text.
    let numbers = [(); 2].map(|()| judge.number(&record));
    let about = judge.about(numbers[1], text).map(str::to_string);
    let by_looks = told(&Ruling { about, ..judge.ruling(numbers[1]).clone() });
    assert_eq!((by_looks, numbers[0]), (by_text, numbers[1]), "{text:?}");
}

fn told(r: &Ruling) -> String {
    let (cause, speaker, entry) = (r.cause.id(), r.speaker.map(|s| s.id()), r.entry.map(|e| e.id()));
    format!("{cause} {:?} {:?} {:?} {speaker:?} {entry:?} {:?} {:?} {:?}", r.verdict, r.who, r.confidence, r.code, r.about, r.by_text)
}

/// Lines behind the start of a log, where the fast way begins.
pub fn log(data: &[u8]) {
    let noise = b"Nov 21 17:40:48 mx postfix/anvil[7]: statistics: max cache size 1 at Nov 21 17:40:40\n".repeat(200);
    let path = std::env::temp_dir().join(format!("smtpwhy-fuzz-{}", std::process::id()));
    std::fs::File::create(&path).and_then(|mut f| f.write_all(&noise).and_then(|()| f.write_all(data))).unwrap();
    let counted = |threads| {
        let mut tally = Tally::new(Vec::new());
        let settings = Settings { threads, ..Settings::default() };
        let judge = Judge::new(Catalogue::built_in(), None);
        let report = smtpwhy::scan::scan(std::slice::from_ref(&path), &settings, judge, &Filter::default(), &mut tally).unwrap();
        let group = |g: &Group<'_>| {
            format!("{:?} {} {:?} {}:{} {:?}", g.key().collect::<Vec<_>>(), g.count(), g.first(), g.file(), g.line(), g.example())
        };
        let groups: Vec<String> = tally.groups().iter().map(group).collect();
        format!("{report:?} {} {} {groups:#?}", tally.totals.records, tally.totals.messages.count())
    };
    assert_eq!(counted(1), counted(0));
}
