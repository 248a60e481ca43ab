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

/// Users, mailboxes, accounts, addresses and domains of somebody else.
const OF_ANOTHER: &[&str] = &[
    "550 5.7.1 Callout verification failed",
    "550 Callout verification failed: mailbox of the sender unknown",
    "550 5.2.1 mailbox is on hold pending investigation of your IP",
    "550 5.1.2 domain shop.example suspended for abuse",
    "550 envelope domain does not exist",
    "550 the domain you use does not exist",
    "550 5.7.1 invalid user agent",
    "550 unknown user agent in X-Mailer",
    "550 5.6.0 Message header: address does not exist",
    "550 bad address list in header",
    "550 license user limit: invalid account count",
    "550 mailbox store disabled",
    "550 5.3.5 address rewriting table does not exist",
    "501 5.5.4 invalid address literal",
    "501 5.5.2 address literal does not exist",
    "550 5.7.1 mailbox user not allowed to send: account locked",
    "550 account has been locked because it sends spam",
    "550 mailbox sends spam and was suspended",
    "550 feature not available for this account",
    "550 tenant account disabled",
    "550 5.7.1 the account of your company is closed",
    "550 link in the message points to a domain that does not exist",
    "550 URL host does not exist",
    "550 attachment address.zip is invalid",
    "550 invalid mailbox header in message",
    "550 SRS0 address expired",
    "550 prvs address expired",
    "550 cannot bounce: return mailbox unknown",
    "550 list owner account disabled your posting",
    "550 proxy user does not exist",
    "550 5.7.1 system user may not send: invalid shell",
    "550 we tried to reach you at news@shop.example and failed: user unknown",
    "550 Mail refused: your postmaster address does not exist",
    "550 your WHOIS record lists an address that does not exist",
    "550 5.7.1 unknown user in Received header",
    "550 Message refers to a mailbox that does not exist",
    "550 Disposition-Notification-To address is invalid",
    "550 Return-Receipt-To: no such user",
    "550 PGP key for user not found",
    "550 5.7.1 calendar user not found",
    "550 ticket not found: user must reply with a valid ticket number",
    "550 order number unknown, address your mail to sales",
    "{\"message\":\"account not found\"}",
    "{\"error\":\"user does not exist\"}",
    "mailbox INBOX.Sent does not exist",
    "Could not save copy: mailbox \"Sent\" not found",
    "sieve: mailbox 'Junk' doesn't exist",
    "User's folder \"Archive\" not found",
    "POP3: -ERR no such user",
    "LDAP: invalid user name in bind",
    "database error: unknown user 'mail'@'localhost'",
    "fatal: unknown user: vmail",
    "fatal: user unknown: postfix",
    "local: error: getpwnam: unknown user nobody",
    "sudo: unknown user: mail",
];

#[test]
fn words_about_the_sender_or_a_third_thing_condemn_no_address() {
    let condemned: Vec<&&str> = OF_ANOTHER.iter().filter(|text| smtpwhy::explain(text).verdict.name() == "remove").collect();
    assert!(condemned.is_empty(), "{condemned:#?}");
}

#[test]
fn what_stands_behind_a_dead_address_does_not_save_it() {
    let tails = [
        "ticket 4711",
        "see folder 7",
        "order number 12",
        "do not reply to this message",
        "contact your postmaster",
        "see the link to our help",
        "signed with pgp",
        "no pop3, no ftp",
        "see whois",
    ];
    for head in ["550 5.1.1 User unknown", "550 No such user here", "550 mailbox not found"] {
        for tail in tails {
            for text in [format!("{head}, {tail}"), format!("{head} ({tail})"), format!("{head}. {tail}")] {
                assert_eq!(smtpwhy::explain(&text).verdict.name(), "remove", "{text}");
            }
        }
    }
}

#[test]
fn a_number_that_no_server_has_tells_no_success() {
    let verdict = |text: &str| smtpwhy::explain(text).verdict.name();
    for text in ["(reason: 255)", "255 blah", "299", "301 moved"] {
        assert_eq!(verdict(text), "unknown", "{text}");
    }
    for text in ["250 fine", "2.0.0 fine", "StatusCode: 202", "250", "354 go ahead"] {
        assert_eq!(verdict(text), "ok", "{text}");
    }
}
