//! Where phrases and rules are found in a text, and where not.

use std::path::PathBuf;

use smtpwhy::{Catalogue, Context, Finding};

const RULES: &str = r#"
provider = "house"
name = "House gateway"

[sources]
page = { url = "https://example.com/", seen = "2026-11-21" }

[[concept]]
id = "house-flurbed"
any = ["flurbed warbly", "flurbed by {ip}", "flurbed at {host}", "flurbed for {addr}"]

[[rule]]
id = "house-flurb"
cause = "greylisted"
needs = ["house-flurbed"]
weight = 4
yes = ["450 you are flurbed warbly"]

[[entry]]
id = "house-grumbled"
title = "The house gateway grumbles"
says = ["grumbled at wibbles"]
cause = "virus"
sources = ["page"]
yes = ["550 grumbled at wibbles"]
"#;

fn explain(name: &str, text: &str) -> Finding {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("matching-{name}.toml"));
    std::fs::write(&path, RULES).unwrap();
    let catalogue = Catalogue::with_own(&[path]).unwrap_or_else(|m| panic!("{m}"));
    smtpwhy::explain::explain(catalogue, text, Context::default())
}

fn cause(name: &str, text: &str) -> &'static str {
    explain(name, text).cause.id()
}

#[test]
fn a_phrase_of_a_concept_does_not_reach_over_the_end_of_a_sentence() {
    assert_eq!(cause("clause", "450 you are flurbed warbly"), "greylisted");
    assert_eq!(cause("clause", "450 you are flurbed, warbly"), "greylisted");
    assert_eq!(cause("clause", "450 you are flurbed. Warbly it is"), "unknown");
    assert_eq!(cause("clause", "450 you are flurbed; warbly it is"), "unknown");
}

#[test]
fn the_words_of_an_entry_may_hold_the_end_of_a_sentence() {
    assert_eq!(cause("entry", "550 it grumbled at wibbles"), "virus");
    assert_eq!(cause("entry", "550 it grumbled at. Wibbles came"), "virus");
}

#[test]
fn a_phrase_of_a_concept_does_not_reach_from_one_field_of_json_into_the_next() {
    assert_eq!(cause("json", r#"{"a":"you are flurbed warbly","b":"x"}"#), "greylisted");
    assert_eq!(cause("json", r#"{"a":"you are flurbed","warbly":"x"}"#), "unknown");
    assert_eq!(cause("json", r#"{"a": "you are flurbed", "warbly": "x"}"#), "unknown");
}

#[test]
fn a_phrase_of_a_concept_may_end_with_a_thing() {
    assert_eq!(cause("slot", "450 flurbed by 192.0.2.7"), "greylisted");
    assert_eq!(cause("slot", "450 flurbed by [192.0.2.7] for today"), "greylisted");
    assert_eq!(cause("slot", "450 flurbed at mx.example.com"), "greylisted");
    assert_eq!(cause("slot", "450 flurbed for <bob@example.com>"), "greylisted");
    assert_eq!(cause("slot", "450 flurbed by mx.example.com"), "unknown");
}

#[test]
fn a_word_inside_a_host_ends_no_phrase_of_a_concept() {
    assert_eq!(cause("inside", "450 flurbed warbly.example.com"), "unknown");
}

#[test]
fn what_an_interface_does_not_find_is_no_dead_address() {
    let answer = smtpwhy::explain(r#"{"message":"Domain not found: mg.example.org"}"#);
    assert_eq!((answer.cause.id(), answer.verdict.name()), ("request-invalid", "fix"));
    let event = smtpwhy::explain(r#"{"event":"failed","message":"550 5.1.1 No such user"}"#);
    assert_eq!((event.cause.id(), event.verdict.name()), ("mailbox-unknown", "remove"));
}
