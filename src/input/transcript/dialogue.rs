//! Reads a block of lines as the transcript of a session: whose lines they
//! are, and what the program remarks between them. It must not know what a
//! reply means.

use super::literal;
use super::marks::{self, Dialect, Side};
use super::session::Session;
use crate::input::Record;

/// Whether the block is the transcript of a session.
pub(super) fn recognise(block: &str) -> bool {
    dialect(block).is_some()
}

/// A transcript being read.
pub(super) struct Reading {
    dialect: Dialect,
    session: Session,
    /// Lines without a mark are the server's.
    server_alone: bool,
}

impl Reading {
    /// The transcript that begins with this block, if it is one.
    pub(super) fn of(block: &str) -> Option<Reading> {
        let dialect = dialect(block)?;
        let bare = dialect == Dialect::Bare;
        let session = Session::new(if bare { bare_name(block) } else { dialect.name() });
        Some(Reading { dialect, session, server_alone: bare && is_telnet_without_echo(block) })
    }

    /// What the block, or the next part of it, tells.
    pub(super) fn read(&mut self, block: &str, line: u64) -> Vec<Record<'static>> {
        for (text, number) in block.lines().zip(line..) {
            if self.dialect == Dialect::Bare {
                bare_line(&mut self.session, text, number, self.server_alone);
            } else {
                marked_line(&mut self.session, self.dialect, text, number);
            }
        }
        self.session.tell()
    }

    /// What it tells besides, some at a time.
    pub(super) fn more(&mut self, out: &mut Vec<Record<'static>>) {
        self.session.more(out);
    }
}

fn dialect(block: &str) -> Option<Dialect> {
    Dialect::of(block).or_else(|| is_bare(block).then_some(Dialect::Bare))
}

fn marked_line(session: &mut Session, dialect: Dialect, text: &str, line: u64) {
    match dialect.spoken(text) {
        Some((Side::Client, words)) => session.sent(&words),
        Some((Side::Server, words)) => session.heard(&words, line),
        None if session.in_reply() && literal::reply(text).is_some() => session.heard(text, line),
        None => {
            remark(session, text, line);
        }
    }
}

/// Unmarked lines: replies by their code, commands by their verb, the
/// message's text between 354 and the dot.
fn bare_line(session: &mut Session, text: &str, line: u64, server_alone: bool) {
    let spoken = text.trim_start_matches("DEBUG SMTP RCVD: ");
    if session.in_data() && literal::reply(spoken).is_none() {
        session.sent(text);
    } else if literal::reply(spoken).is_some() {
        session.heard(spoken, line);
    } else if is_command(text) {
        session.sent(text);
    } else if !remark(session, text, line) && server_alone && session.greeted() {
        session.heard(text, line);
    }
}

fn is_command(text: &str) -> bool {
    const ALONE: [&str; 6] = ["STARTTLS", "DATA", "QUIT", "RSET", "NOOP", "AUTH LOGIN"];
    let text = text.trim();
    let starts = |verb: &str| text.get(..verb.len()).is_some_and(|t| t.eq_ignore_ascii_case(verb));
    marks::is_envelope_command(text) || ALONE.iter().any(|v| text.eq_ignore_ascii_case(v)) || starts("AUTH PLAIN ") || starts("VRFY ")
}

/// Unmarked lines are a session where a program says that it is connected, or
/// where commands stand between replies, or where replies follow a greeting.
fn is_bare(block: &str) -> bool {
    let replies = block.lines().filter(|l| literal::reply(l).is_some()).count();
    let connected = || block.lines().any(is_connection);
    let command = || block.lines().any(is_command);
    let greeting = || block.lines().find_map(literal::reply).is_some_and(|(code, _)| code == 220);
    replies > 0 && (connected() || command()) || replies > 1 && greeting()
}

fn is_connection(line: &str) -> bool {
    line.starts_with("Escape character is ")
        || line.starts_with("CONNECTED(")
        || line.starts_with("DEBUG SMTP: ")
        || line.starts_with("Trying ") && line.ends_with("...")
        || line.starts_with("Connected to ") && line.ends_with('.')
        || line.starts_with("Connection to ") && line.ends_with("succeeded!")
}

fn bare_name(block: &str) -> &'static str {
    let any = |start: &str| block.lines().any(|l| l.starts_with(start));
    if any("Escape character is ") {
        "telnet"
    } else if any("DEBUG SMTP") {
        "javamail"
    } else if any("CONNECTED(") {
        "openssl"
    } else {
        "session"
    }
}

/// telnet fed by a pipe shows the server's lines only.
fn is_telnet_without_echo(block: &str) -> bool {
    block.lines().any(|l| l.starts_with("Escape character is ")) && !block.lines().any(is_command)
}

/// What programs remark about the connection; `false` where the line says
/// nothing known.
fn remark(session: &mut Session, text: &str, line: u64) -> bool {
    if let Some(reason) = end_of_session(text) {
        session.lost(reason, line);
        return true;
    }
    if let Some(more) = text.strip_prefix("*** \t") {
        continue_loss(session, more);
        return true;
    }
    connection(session, text)
}

/// `*** Error connecting to H:25:` goes on in the next line.
fn continue_loss(session: &mut Session, more: &str) {
    if let Some(last) = session.records.last_mut().filter(|r| r.text.ends_with(':')) {
        last.text = format!("{} {}", last.text, more.trim()).into();
    }
}

/// The words of a program whose session ended early.
fn end_of_session(text: &str) -> Option<&str> {
    const GONE: [&str; 2] = ["Connection closed by foreign host", "Connection reset by peer"];
    if GONE.iter().any(|g| text.starts_with(g)) {
        return Some(text);
    }
    if let Some(rest) = text.strip_prefix("*** ").filter(|r| !r.starts_with('\t')) {
        return Some(rest);
    }
    if let Some(rest) = text.strip_prefix("curl: (") {
        return rest.split_once(") ").map(|(_, words)| words);
    }
    if let Some(rest) = text.strip_prefix("telnet: ") {
        return Some(rest);
    }
    if let Some((_, rest)) = text.split_once("SMTP NOTICE: ") {
        return Some(rest);
    }
    let eof = "unexpected EOF on command channel";
    (text.starts_with("Net::SMTP") && text.contains(eof)).then_some(eof)
}

/// The other side's name and address.
fn connection(session: &mut Session, text: &str) -> bool {
    let behind = |mark: &str| text.split_once(mark).map(|(_, rest)| rest);
    let host = |rest: &str| rest.split([':', ' ', '"', '\'', ',', '/', '(']).next().unwrap_or("").trim_end_matches('.').to_string();
    if let Some(rest) = behind("Connected to ").or_else(|| behind("Connection to ")) {
        let rest = rest.trim_start_matches("smtp://").trim_start_matches("smtps://");
        let ip = rest.split_once('(').and_then(|(_, r)| r.split_once(')')).map(|(ip, _)| ip);
        named(session, &host(rest));
        named(session, ip.unwrap_or(""));
        return true;
    }
    const MARKS: [&str; 5] = ["connected to host \"", "Connection: opening to ", "connect: to ('", "connect: ('", "Connection opened: "];
    if let Some(rest) = MARKS.iter().find_map(|m| behind(m)) {
        named(session, &host(rest));
        return true;
    }
    if let Some(rest) = behind("Trying ") {
        let rest = rest.trim_end_matches('.');
        named(session, rest.rsplit_once(':').filter(|(h, _)| !h.contains(':') || h.starts_with('[')).map_or(rest, |(h, _)| h));
        return true;
    }
    text.starts_with("Escape character is ") || text.starts_with("=== ") || text.starts_with("DEBUG")
}

/// Keeps a host name or an address.
fn named(session: &mut Session, name: &str) {
    let name = name.trim_matches(['[', ']']);
    if name.parse::<std::net::IpAddr>().is_ok() {
        session.relay_ip = Some(name.to_string());
    } else if name.contains('.') {
        session.relay = Some(name.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::status::Stage;
    use crate::input::Kind;

    fn read(block: &str, line: u64) -> Vec<Record<'static>> {
        Reading::of(block).map(|mut reading| reading.read(block, line)).unwrap_or_default()
    }

    const SWAKS: &str = "=== Trying mx.s061.test:25...\n=== Connected to mx.s061.test.\n<-  220 mx.s061.test ESMTP ready\n -> EHLO app.example.org\n\
        <-  250-mx.s061.test\n<-  250 ENHANCEDSTATUSCODES\n -> MAIL FROM:<bounce+s061@example.org>\n<-  250 2.1.0 Ok\n -> RCPT TO:<ok@s061.test>\n\
        <-  250 2.1.5 Ok\n -> RCPT TO:<nobody@s061.test>\n<** 550 5.1.1 <nobody@s061.test>: User unknown\n -> DATA\n\
        <-  354 End data with <CR><LF>.<CR><LF>\n -> To: ok@s061.test\n -> \n -> QUIT\n -> .\n<-  250 2.0.0 Ok: queued as FAKEs061\n -> QUIT\n<-  221 2.0.0 Bye\n";

    #[test]
    fn a_transcript_gives_each_recipient_its_outcome() {
        let records = read(SWAKS, 10);
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].text, "550 5.1.1 <nobody@s061.test>: User unknown");
        assert_eq!((records[0].stage, records[0].line), (Some(Stage::Rcpt), 21));
        assert_eq!(records[0].recipient.as_deref(), Some("nobody@s061.test"));
        assert_eq!(records[0].sender.as_deref(), Some("bounce+s061@example.org"));
        assert_eq!(records[0].relay.as_deref(), Some("mx.s061.test"));
        assert!(records[1].is_delivered());
        assert_eq!(records[1].recipient.as_deref(), Some("ok@s061.test"));
    }

    #[test]
    fn a_transcript_in_parts_is_read_as_a_whole_one() {
        let whole = read(SWAKS, 10);
        for (at, _) in SWAKS.match_indices('\n') {
            let (first, second) = SWAKS.split_at(at + 1);
            let mut reading = Reading::of(first).unwrap();
            let mut records = reading.read(first, 10);
            records.extend(reading.read(second, 10 + first.lines().count() as u64));
            assert_eq!(records, whole, "{first}");
        }
    }

    #[test]
    fn a_session_that_ends_early_says_where() {
        let curl = "*   Trying 198.18.1.113:25...\n* Connected to mx.t006.test (198.18.1.113) port 25 (#0)\n< 220 mx.t006.test ESMTP ready\n\
            > EHLO app.example.org\n* response reading failed (errno: 115)\ncurl: (56) response reading failed (errno: 115)\n";
        let records = read(curl, 1);
        assert_eq!(records.len(), 1);
        assert_eq!((records[0].kind, records[0].stage), (Kind::Session, Some(Stage::Ehlo)));
        assert_eq!(records[0].text, "response reading failed (errno: 115)");
        assert_eq!(records[0].relay_ip.as_deref(), Some("198.18.1.113"));
        let refused = "=== Trying mx.t014.test:25...\n*** Error connecting to mx.t014.test:25:\n*** \tIO::Socket::INET6: connect: Connection refused\n";
        assert_eq!(read(refused, 1)[0].text, "Error connecting to mx.t014.test:25: IO::Socket::INET6: connect: Connection refused");
    }

    #[test]
    fn javamail_debug_is_read_with_its_commands() {
        let debug = "DEBUG SMTP: connected to host \"mx.s027.test\", port: 25\n220 mx ESMTP\nEHLO app\n250 mx\nMAIL FROM:<a@example.org>\n250 2.1.0 Ok\n\
            RCPT TO:<user@s027.test>\n550 5.1.1 unknown\nDEBUG SMTP: Invalid Addresses\nRSET\n250 ok\n";
        let records = read(debug, 1);
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].recipient.as_deref(), Some("user@s027.test"));
        assert_eq!((records[0].format, records[0].relay.as_deref()), ("javamail", Some("mx.s027.test")));
    }

    #[test]
    fn replies_alone_are_no_session() {
        for block in ["550 5.1.1 no", "550-a\n550 b", "421 later\n550 no", "Connected to mx.example.com.", ""] {
            assert!(!recognise(block), "{block}");
        }
    }
}
