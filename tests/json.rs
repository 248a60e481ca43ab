//! The JSON contract: the fields of the manual, no more and no fewer.

use std::collections::BTreeSet;

use assert_cmd::Command;
use serde_json::Value;

fn json(text: &str) -> Value {
    let done = Command::cargo_bin("smtpwhy").unwrap().args(["--json", "--", text]).env_clear().assert();
    serde_json::from_slice(&done.get_output().stdout).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().copied().collect()
}

const RESULT: [&str; 22] = [
    "input",
    "replaced",
    "code",
    "enhanced",
    "text",
    "verdict",
    "who",
    "cause",
    "confidence",
    "provider",
    "entry",
    "matched",
    "title",
    "meaning",
    "steps",
    "commands",
    "retry_after",
    "details",
    "layers",
    "conflicts",
    "terms",
    "sources",
];

#[test]
fn every_field_of_the_contract_is_there_and_no_other() {
    let texts = [
        "550 5.7.1 Service unavailable; client [192.0.2.7] blocked using zen.spamhaus.org",
        "450 4.2.0 Greylisted, try again in 300 seconds",
        "550 5.1.1 zorglub",
        "nothing at all",
        "0x800CCC0E Cannot connect to server.",
    ];
    for text in texts {
        let document = json(text);
        assert_eq!(keys(&document), set(&["schema", "catalogue", "results"]));
        assert_eq!(keys(&document["catalogue"]), set(&["version", "entries"]));
        assert_eq!(document["schema"], 1);
        let result = &document["results"][0];
        assert_eq!(keys(result), set(&RESULT), "{text}");
        assert_eq!(keys(&result["matched"]), set(&["by", "text", "start", "end"]));
        assert_eq!(keys(&result["details"]), set(&["domain", "ip", "host", "recipient", "sender", "url"]));
        for layer in result["layers"].as_array().unwrap() {
            assert_eq!(keys(layer), set(&["level", "id", "meaning"]));
        }
        for source in result["sources"].as_array().unwrap() {
            assert_eq!(keys(source), set(&["url", "seen"]));
        }
    }
}

#[test]
fn numbers_alone_have_variants() {
    let document = json("550");
    let result = &document["results"][0];
    let mut expected = set(&RESULT);
    expected.insert("variants");
    assert_eq!(keys(result), expected);
    let variants = result["variants"].as_array().unwrap();
    assert!(variants.len() > 50);
    assert_eq!(keys(&variants[0]), set(&["entry", "title", "verdict"]));
}

#[test]
fn details_are_read_from_the_reply() {
    let text = "host mx.example.net[198.51.100.9] said: 450 4.2.0 <user@example.com>: Recipient address rejected: \
                Greylisted, see https://example.net/help?ip=192.0.2.7 (in reply to RCPT TO command)";
    let result = &json(text)["results"][0];
    assert_eq!(result["code"], 450);
    assert_eq!(result["enhanced"], "4.2.0");
    assert_eq!(result["details"]["host"], "mx.example.net");
    assert_eq!(result["details"]["recipient"], "user@example.com");
    assert_eq!(result["details"]["domain"], "example.com");
    assert_eq!(result["details"]["url"], "https://example.net/help?ip=192.0.2.7");
    let later = &json("451 4.7.1 Greylisting in action, please come back in 00:04:38")["results"][0];
    assert_eq!(later["retry_after"], 278);
    let ip = &json("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org")["results"][0];
    assert_eq!(ip["details"]["ip"], "192.0.2.7");
    assert!(ip["commands"].to_string().contains("dig -x 192.0.2.7 +short"));
}

#[test]
fn matched_gives_byte_offsets_into_the_input() {
    for text in [
        "550 5.1.1 <user@example.com>: Recipient address rejected: User unknown in local recipient table",
        "> 550-5.1.1 Boîte &lt;a@example.com&gt; existiert nicht:\n> 550 5.1.1 user unknown",
        "(550, b'5.1.1 caf\\xc3\\xa9: no such user here')",
        "452 4.2.2",
    ] {
        let result = &json(text)["results"][0];
        let matched = &result["matched"];
        let at = |name: &str| usize::try_from(matched[name].as_u64().unwrap()).unwrap();
        assert_eq!(result["input"], *text);
        assert_eq!(&text[at("start")..at("end")], matched["text"].as_str().unwrap(), "{text}");
        assert!(at("end") > at("start"), "{text}");
    }
}

#[test]
fn contradictions_are_told_in_words() {
    let result = &json("550 5.1.1 <user@example.com> - 192.0.2.7 has sent to too many recipients this hour")["results"][0];
    assert_eq!(result["verdict"], "retry");
    let conflicts = result["conflicts"].to_string();
    assert!(conflicts.contains("5.1.1 says the mailbox does not exist, the text says"), "{conflicts}");
}
