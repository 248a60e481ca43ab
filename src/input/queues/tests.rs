use super::*;
use crate::codes::status::Stage;

fn read(text: &str) -> Vec<Record<'static>> {
    let mut reader = Queues::default();
    let mut out = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let message = Message { text: Cow::Owned(line.to_string()), ..Message::default() };
        if reader.claims(&message) {
            reader.read(&message, n as u64 + 1, &mut out);
        }
    }
    let mut out: Vec<Record<'static>> = out.into_iter().map(Record::into_owned).collect();
    reader.end(&mut out);
    out
}

const POSTFIX: &str = "\
-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------
38117A189BE     278 Sat Nov 21 17:40:49  bounce+s020@example.org
(host mx.s020.test[198.18.1.29] said: 421 Service not available at eod, closing transmission channel (in reply to end of DATA command))
                                         user@s020.test
                                         user2@s020.test
                 (connect to mx.t014.test[198.18.0.99]:25: Connection refused)
                                         user11@t014.test

CD5D7A18ADC!    278 Sat Nov 21 17:40:56  in-hchold@client.test
                                         alice@example.org

2B645A189BD     278 Sat Nov 21 17:40:49  bounce+s018@example.org
(host mx.s018.test[198.18.1.27] said: 421 Service not available at rcpt, closing transmission channel (in reply to RCPT TO command))
-- 2 Kbytes in 3 Requests.
";

#[test]
fn a_reason_of_postfix_applies_to_those_that_follow() {
    let out = read(POSTFIX);
    assert_eq!(out.len(), 5);
    assert_eq!(out[0].text, "421 Service not available at eod, closing transmission channel");
    assert_eq!((out[1].stage, out[1].recipient.as_deref()), (Some(Stage::EndOfData), Some("user2@s020.test")));
    assert_eq!((out[2].relay_ip.as_deref(), out[2].line), (Some("198.18.0.99"), 7));
    assert_eq!((out[3].status.as_deref(), &*out[3].text), (Some("hold"), ""));
    assert_eq!((out[4].recipient.as_deref(), out[4].queue_id.as_deref(), out[4].line), (None, Some("2B645A189BD"), 13));
}

#[test]
fn sendmail_exim_courier_and_opensmtpd_are_told_apart() {
    let out = read(
        "6ALIB1K4001154*       6 Sat Nov 21 18:11 <bounce+p049@example.org>\n      8BITMIME   (Deferred: 450 4.7.25 Client host rejected: cannot find your )\n\t\t\t\t\t <user@p049.test>\n",
    );
    assert_eq!((out[0].format, out[0].truncated), ("sendmail-queue", true));
    let out = read(" 1m   1.3K 1xUpP8-00007f-2R <> *** frozen ***\n        D ok@s061.test\n          full@s061.test\n\n");
    assert_eq!((out.len(), out[0].recipient.as_deref(), out[0].status.as_deref()), (1, Some("full@s061.test"), Some("frozen")));
    let out = read(
        "344              0000000000AAC250.000000006B01E3D8.0000019A                  Nov 21 18:32\ncourier          bounce@example.org\ndone             ok@s061.test\nfail             nobody@s061.test\n                 full@s061.test\n",
    );
    assert_eq!((out.len(), out[0].status.as_deref(), out[0].sender.as_deref()), (2, Some("failed"), Some("bounce@example.org")));
    let out = read("16f6a052f9588855|inet4|mta||@|u@t042.test|u@t042.test|1795284878|1795284878|0|1|pending|315|451 4.7.1 a|b");
    assert_eq!((&*out[0].text, out[0].sender.as_deref()), ("451 4.7.1 a|b", Some("")));
}

#[test]
fn a_bare_reason_is_enough() {
    let out = read("(host mx02.t-online.de[194.25.134.9] refused to talk to me: 554 IP=192.0.2.1 - None/bad reputation.)");
    assert_eq!(out[0].text, "554 IP=192.0.2.1 - None/bad reputation.");
    assert!(read("(a remark)\n    word\n").is_empty());
}

#[cfg(feature = "cli")]
#[test]
fn postqueue_tells_each_recipient_its_reason() {
    let json = r#"{"queue_name": "deferred", "queue_id": "303F8A18A15", "arrival_time": 1795282287, "sender": "s@x",
        "recipients": [{"address": "a@p043.test", "delay_reason": "host mx.p043.test[198.18.2.10] said: 451 busy (in reply to RCPT TO command)"},
        {"address": "b@p043.test"}]}"#;
    let value = serde_json::from_str(json).unwrap();
    let mut out = Vec::new();
    assert!(postqueue::recognise(&value) && crate::input::events::recognise(&value).is_none());
    postqueue::read(&value, 1, &mut out);
    assert_eq!((&*out[0].text, out[0].stage, &*out[1].text), ("451 busy", Some(Stage::Rcpt), ""));
}
