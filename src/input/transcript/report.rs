//! Command-line clients that report the refusal instead of the session:
//! msmtp, s-nail and mailx, sendEmail. It must not know what a reply means.

use super::literal;
use super::outcome;
use crate::codes::status::Stage;
use crate::input::{Kind, Record};

/// Whether the block holds lines of such a client.
pub(super) fn recognise(block: &str) -> bool {
    block.lines().any(|l| msmtp_words(l).is_some() || msmtp_log(l).is_some() || nail_words(l).is_some() || send_email(l).is_some())
}

pub(super) fn read(block: &str, line: u64) -> Vec<Record<'static>> {
    let mut report = Report::default();
    for (text, number) in block.lines().zip(line..) {
        report.line = number;
        if let Some(words) = msmtp_words(text) {
            report.msmtp(words);
        } else if let Some(fields) = msmtp_log(text) {
            report.records.extend(logged(text, fields, number));
        } else if let Some(words) = nail_words(text) {
            report.nail(words);
        } else if let Some(words) = send_email(text) {
            report.time = text.split_once(" sendemail[").and_then(|(head, _)| head.rsplit_once(' ')).map(|(time, _)| time.to_string());
            report.send_email(words);
        }
    }
    report.headline_alone();
    report.records
}

/// What earlier lines said of the refusal that comes.
#[derive(Default)]
struct Report {
    records: Vec<Record<'static>>,
    line: u64,
    time: Option<String>,
    headline: String,
    reply: String,
    relay: Option<String>,
    relay_ip: Option<String>,
    recipient: Option<String>,
}

impl Report {
    fn record(&self, format: &'static str, text: String, stage: Option<Stage>) -> Record<'static> {
        let mut record = outcome::record(format, text, self.line);
        record.kind = outcome::kind(stage);
        record.stage = stage;
        record.time = self.time.clone().map(Into::into);
        record.relay = self.relay.clone().map(Into::into);
        record.relay_ip = self.relay_ip.clone().map(Into::into);
        record.recipient = self.recipient.clone().map(Into::into);
        record
    }

    /// Collects one line of a reply; gives the reply where it is complete.
    fn collect(&mut self, text: &str) -> Option<String> {
        if !self.reply.is_empty() {
            self.reply.push('\n');
        }
        self.reply.push_str(text);
        let more = literal::reply(text).is_some_and(|(_, more)| more);
        (!more).then(|| std::mem::take(&mut self.reply))
    }

    fn msmtp(&mut self, words: &str) {
        if let Some(text) = words.strip_prefix("server message: ") {
            let Some(reply) = self.collect(text) else { return };
            let headline = std::mem::take(&mut self.headline);
            let mut record = self.record("msmtp", reply, msmtp_stage(&headline));
            name_address(&mut record, &headline);
            outcome::push(&mut self.records, record);
        } else {
            self.headline_alone();
            if !words.starts_with("could not send mail") {
                self.headline = words.to_string();
            }
        }
    }

    /// msmtp names a failure without a reply.
    fn headline_alone(&mut self) {
        if self.headline.is_empty() {
            return;
        }
        let headline = std::mem::take(&mut self.headline);
        let mut record = self.record("msmtp", headline.clone(), msmtp_stage(&headline));
        record.kind = if record.kind == Kind::Attempt { Kind::Session } else { record.kind };
        outcome::push(&mut self.records, record);
    }

    fn nail(&mut self, words: &str) {
        if let Some(host) = words.strip_prefix("Resolving host ") {
            self.relay = host.split([':', ' ']).next().map(str::to_string);
        } else if let Some(peer) = words.strip_prefix("Connecting to ") {
            self.relay_ip = peer.split(' ').next().and_then(|p| p.rsplit_once(':')).map(|(ip, _)| ip.trim_matches(['[', ']']).to_string());
        } else if let Some(text) = words.strip_prefix("SMTP server: ").or(Some(words).filter(|w| literal::refusal(w))) {
            let Some(reply) = self.collect(text) else { return };
            let record = self.record("s-nail", reply, None);
            outcome::push(&mut self.records, record);
        } else if !words.starts_with("...") && !words.starts_with("P(seudo)") {
            let mut record = self.record("s-nail", words.to_string(), None);
            record.kind = Kind::Session;
            outcome::push(&mut self.records, record);
        }
    }

    fn send_email(&mut self, words: &str) {
        let (level, words) = words.split_once(" => ").unwrap_or(("", words));
        let words = words.trim_start_matches("ERROR => ");
        if words.starts_with("EHLO command failed") {
            self.was_greeting();
        } else if let Some(rest) = words.strip_prefix("The recipient <") {
            self.recipient = rest.split('>').next().map(str::to_string);
        } else if let Some(text) = words.strip_prefix("Received: ") {
            self.refused(lines_of(text.trim_start_matches('\t')));
        } else if let Some((_, text)) = words.split_once("The message received was: ") {
            self.refused(text.to_string());
        } else if words.starts_with("Email was sent successfully") {
            let mut record = self.record("sendemail", String::new(), None);
            record.status = Some("sent".into());
            self.records.push(record);
        } else if level == "ERROR" && (self.records.is_empty() || !words.starts_with("Exiting.")) {
            self.send_email_error(words);
        }
    }

    fn refused(&mut self, text: String) {
        let stage = self.recipient.as_ref().map(|_| Stage::Rcpt).or_else(|| self.is_greeting());
        let record = self.record("sendemail", text, stage);
        outcome::push(&mut self.records, record);
        self.recipient = None;
    }

    /// sendEmail tries HELO after EHLO: then both replies belong to that step.
    fn was_greeting(&mut self) {
        if let Some(last) = self.records.last_mut() {
            last.stage = Some(Stage::Ehlo);
            last.kind = Kind::Session;
        }
    }

    fn is_greeting(&self) -> Option<Stage> {
        self.records.last().and_then(|r| r.stage).filter(|s| *s == Stage::Ehlo)
    }

    fn send_email_error(&mut self, words: &str) {
        let stage = if words.starts_with("SMTP-AUTH") { Some(Stage::Auth) } else { self.is_greeting() };
        let peer = words.split(' ').find_map(|w| w.rsplit_once(':').filter(|(h, p)| h.contains('.') && p.parse::<u16>().is_ok()));
        self.relay = peer.map(|(host, _)| host.to_string());
        let mut record = self.record("sendemail", words.to_string(), stage);
        record.kind = if stage == Some(Stage::Auth) { Kind::Login } else { Kind::Session };
        outcome::push(&mut self.records, record);
    }
}

fn msmtp_words(line: &str) -> Option<&str> {
    line.strip_prefix("msmtp: ")
}

/// `s-nail: words`; heirloom mailx says `smtp-server: 550 …`.
fn nail_words(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("smtp-server: ").filter(|r| literal::refusal(r)) {
        return Some(rest);
    }
    line.strip_prefix("s-nail: ")
}

/// `Nov 21 18:32:54 mail sendemail[142]: words`.
fn send_email(line: &str) -> Option<&str> {
    let at = line.to_ascii_lowercase().find(" sendemail[").filter(|at| *at < 64)?;
    line[at..].split_once("]: ").map(|(_, words)| words)
}

fn msmtp_stage(headline: &str) -> Option<Stage> {
    const STAGES: [(&str, Stage); 11] = [
        ("cannot connect to ", Stage::Connect),
        ("cannot locate host ", Stage::Connect),
        ("cannot get initial OK message", Stage::Connect),
        ("SMTP server does not accept EHLO", Stage::Ehlo),
        ("command STARTTLS failed", Stage::StartTls),
        ("TLS ", Stage::StartTls),
        ("authentication ", Stage::Auth),
        ("envelope from address", Stage::Mail),
        ("recipient address", Stage::Rcpt),
        ("the server does not accept mail data", Stage::Data),
        ("the server did not accept the mail", Stage::EndOfData),
    ];
    STAGES.iter().find(|(words, _)| headline.starts_with(words)).map(|(_, stage)| *stage)
}

/// `recipient address X not accepted by the server`.
fn name_address(record: &mut Record<'static>, headline: &str) {
    let address = headline.split(' ').find(|w| outcome::is_address(w)).map(|a| a.to_string().into());
    match record.stage {
        Some(Stage::Rcpt) => record.recipient = address,
        Some(Stage::Mail) => record.sender = address,
        _ => {}
    }
}

/// Where the fields of a line of msmtp's log begin.
fn msmtp_log(line: &str) -> Option<usize> {
    let at = line.find("host=").filter(|at| *at < 64)?;
    let fields = &line[at..];
    (fields.contains(" tls=") && fields.contains(" recipients=") && fields.contains(" exitcode=EX_")).then_some(at)
}

fn logged(line: &str, at: usize, number: u64) -> Vec<Record<'static>> {
    let field = |name: &str| log_field(&line[at..], name);
    let error = field("errormsg").unwrap_or("");
    let reply = field("smtpmsg").map(|m| m.replace("\\n", "\n"));
    let stage = msmtp_stage(error);
    let mut record = outcome::record("msmtp", reply.unwrap_or_else(|| error.to_string()), number);
    record.kind = if stage == Some(Stage::Auth) { Kind::Login } else { Kind::Attempt };
    record.stage = stage;
    record.time = Some(line[..at].trim().to_string().into()).filter(|t: &std::borrow::Cow<'_, str>| !t.is_empty());
    record.relay = field("host").map(|h| h.to_string().into());
    record.status = field("exitcode").filter(|c| *c == "EX_OK").map(|_| "sent".into());
    name_address(&mut record, error);
    record.sender = field("from").map(|f| f.to_string().into());
    if record.recipient.is_some() {
        return vec![record];
    }
    let recipients: Vec<&str> = field("recipients").unwrap_or("").split(',').filter(|r| !r.is_empty()).collect();
    let record = record.for_many(recipients.len());
    recipients.into_iter().map(|r| Record { recipient: Some(r.to_string().into()), ..record.clone() }).collect()
}

/// `name=word` or `name='words'`.
fn log_field<'l>(fields: &'l str, name: &str) -> Option<&'l str> {
    let found = fields.match_indices(name).find(|(at, _)| {
        let free = *at == 0 || fields.as_bytes()[at - 1] == b' ';
        free && fields[at + name.len()..].starts_with('=')
    })?;
    let value = &fields[found.0 + name.len() + 1..];
    match value.strip_prefix('\'') {
        Some(quoted) => quoted.split('\'').next(),
        None => value.split(' ').next(),
    }
}

/// sendEmail joins the lines of a reply by `, `.
fn lines_of(text: &str) -> String {
    let Some(code) = text.get(..4).filter(|c| c.ends_with('-')).map(|c| &c[..3]) else { return text.to_string() };
    let text = text.replace(&format!(", {code}-"), &format!("\n{code}-"));
    match text.rfind(&format!(", {code} ")) {
        Some(at) => format!("{}\n{}", &text[..at], &text[at + 2..]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msmtp_names_the_step_and_the_reply() {
        let text = "msmtp: recipient address user@p001.test not accepted by the server\nmsmtp: server message: 550-5.1.1 The email account\n\
            msmtp: server message: 550 5.1.1  https://support.google.com/\nmsmtp: could not send mail\n";
        let records = read(text, 1);
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].text, "550-5.1.1 The email account\n550 5.1.1  https://support.google.com/");
        assert_eq!((records[0].stage, records[0].recipient.as_deref()), (Some(Stage::Rcpt), Some("user@p001.test")));
        let alone = read("msmtp: the server sent an empty reply\nmsmtp: could not send mail\n", 1);
        assert_eq!((alone[0].text.as_ref(), alone[0].kind), ("the server sent an empty reply", Kind::Session));
    }

    #[test]
    fn the_log_of_msmtp_is_read_by_its_fields() {
        let line = r"Nov 21 18:39:25 host=smtp.gmail.com tls=off auth=on user=alice@example.org from=bounce+t040@example.org recipients=user@t040.test smtpstatus=535 smtpmsg='535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/' errormsg='authentication failed (method PLAIN)' exitcode=EX_NOPERM";
        let records = read(line, 3);
        assert_eq!((records[0].kind, records[0].stage, records[0].line), (Kind::Login, Some(Stage::Auth), 3));
        assert!(records[0].text.ends_with("go to\n535 5.7.8  https://support.google.com/"));
        assert_eq!(records[0].time.as_deref(), Some("Nov 21 18:39:25"));
        let sent = "Nov 21 18:39:25 host=mx.example.com tls=on auth=off from=a@example.org recipients=b@example.com,c@example.com mailsize=10 smtpstatus=250 smtpmsg='250 2.0.0 Ok' exitcode=EX_OK";
        assert_eq!(read(sent, 1).iter().filter(|r| r.is_delivered()).count(), 2);
    }

    #[test]
    fn sendemail_joins_lines_by_commas() {
        let text = "Nov 21 18:39:31 mail sendemail[2393]: WARNING => The recipient <user@p001.test> was rejected by the mail server, error follows:\n\
            Nov 21 18:39:31 mail sendemail[2393]: WARNING => Received: \t550-5.1.1 a, b, 550-5.1.1 c, 550 5.1.1  d\n\
            Nov 21 18:39:31 mail sendemail[2393]: ERROR => Exiting. No recipients were accepted for delivery by the mail server.\n";
        let records = read(text, 1);
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].text, "550-5.1.1 a, b\n550-5.1.1 c\n550 5.1.1  d");
        assert_eq!(records[0].recipient.as_deref(), Some("user@p001.test"));
    }

    #[test]
    fn s_nail_prefixes_each_line() {
        let text = "s-nail: Resolving host mx.p001.test:25 ... done\ns-nail: Connecting to 198.18.1.10:25 ... connected.\n\
            s-nail: SMTP server: 550-5.1.1 a\ns-nail: SMTP server: 550 5.1.1 b\ns-nail: ... message not sent\n";
        let records = read(text, 1);
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].text, "550-5.1.1 a\n550 5.1.1 b");
        assert_eq!((records[0].relay.as_deref(), records[0].relay_ip.as_deref()), (Some("mx.p001.test"), Some("198.18.1.10")));
    }
}
