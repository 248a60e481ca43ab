use super::*;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn read_all(text: &str) -> Vec<Event<'static>> {
    let mut out = Vec::new();
    read(&json(text), 7, &mut out);
    out
}

#[test]
fn wraps_are_undone() {
    let bounce = r#"{"notificationType":"Bounce","mail":{"messageId":"1","source":"s@example.org"},"bounce":{"bounceType":"Permanent","bounceSubType":"General",
        "bouncedRecipients":[{"emailAddress":"a@example.com","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 no"},{"emailAddress":"b@example.com"}]}}"#;
    let quoted = Value::String(bounce.to_string()).to_string();
    let sns = format!(r#"{{"Type":"Notification","Message":{quoted}}}"#);
    let sqs = format!(r#"{{"Records":[{{"body":{}}}]}}"#, Value::String(sns.clone()));
    let lambda = format!(r#"{{"Records":[{{"EventSource":"aws:sns","Sns":{{"Message":{quoted}}}}}]}}"#);
    let bridge = format!(r#"{{"source":"aws.ses","detail-type":"Email Bounced","detail":{bounce}}}"#);
    for text in [bounce, &sns, &sqs, &lambda, &bridge, &format!("[{bounce}]")] {
        let out = read_all(text);
        assert_eq!(out.len(), 2, "{text}");
        assert_eq!((&*out[0].record.text, out[0].record.line, out[0].label), ("550 5.1.1 no", 7, REMOVE));
        assert_eq!(recognise(&json(text)), Some(Service::Ses));
    }
}

#[test]
fn unknown_services_are_read_by_shape() {
    let mailersend = r#"{"type":"activity.hard_bounced","data":{"object":"activity","type":"hard_bounced","email":{"from":"s@example.org","recipient":
        {"object":"recipient","email":"a@example.com"}},"morph":{"object":"recipient_bounce","reason":"550 5.1.1 no such user"}}}"#;
    let postal = r#"{"event":"MessageDeliveryFailed","timestamp":1,"payload":{"status":"HardFail","details":"Permanent SMTP delivery error","output":"550 no such user",
        "message":{"id":1,"to":"a@example.com","from":"s@example.org"}}}"#;
    let unisender = r#"{"event_name":"transactional_email_status","event_data":{"email":"a@example.com","status":"hard_bounced","delivery_info":
        {"delivery_status":"err_user_unknown","destination_response":"550 no such user"}}}"#;
    let apart = r#"{"event":"bounce","rcpt_to":"a@example.com","code":"550","error":"5.1.1 no such user"}"#;
    for text in [mailersend, postal, unisender, apart] {
        let out = read_all(text);
        assert_eq!(out.len(), 1, "{text}");
        assert!(out[0].record.text.starts_with("550 ") && out[0].record.text.ends_with("no such user"));
        assert_eq!((out[0].record.recipient.as_deref(), out[0].record.format), (Some("a@example.com"), "event"));
    }
}

#[test]
fn what_is_not_about_mail_is_not_claimed() {
    for text in [
        "1",
        "[]",
        "{}",
        r#"{"message":"404 Not Found","email":"a@example.com","status":"failed"}"#,
        r#"{"error":"500 Internal Server Error","email":"a@example.com","status":"failed"}"#,
        r#"{"error":"550 users could not be imported"}"#,
        r#"{"message":"200 OK","to":"a@example.com","event":"delivered"}"#,
        r#"{"MESSAGE":"550 5.1.1 no","to":"a@example.com"}"#,
        r#"{"message":"451 rows were changed","user":{"email":"a@example.com"}}"#,
        r#"{"event":"open","email":"a@example.com","response":"","reason":null}"#,
    ] {
        assert_eq!(recognise(&json(text)), None, "{text}");
        assert!(read_all(text).is_empty());
    }
}

#[test]
fn deep_nesting_ends() {
    let deep = format!("{}{}", "{\"data\":[".repeat(40), "]}".repeat(40));
    assert_eq!(recognise(&json(&deep)), None);
}
