//! How programs mark the lines of a session: who spoke, and what. It must not
//! know what a command or reply means.

use std::borrow::Cow;

use super::literal::{self, Escape};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

/// A way of printing sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Swaks,
    PhpMailer,
    Perl,
    Python,
    Ruby,
    Letters,
    Swift,
    Curl,
    /// No marks at all: telnet, nc, `openssl s_client`, `JavaMail` debug.
    Bare,
}

impl Dialect {
    const MARKED: [Dialect; 8] = [
        Dialect::Swaks,
        Dialect::PhpMailer,
        Dialect::Perl,
        Dialect::Python,
        Dialect::Ruby,
        Dialect::Letters,
        Dialect::Swift,
        Dialect::Curl,
    ];

    /// The dialect of marked lines, told by the first line that fits one.
    pub(super) fn of(block: &str) -> Option<Dialect> {
        block.lines().find_map(|line| Dialect::MARKED.into_iter().find(|d| d.opens(line)))
    }

    /// The line is a reply, or a command that no prose would hold.
    fn opens(self, line: &str) -> bool {
        match self.spoken(line) {
            Some((Side::Server, text)) => literal::reply(&text).is_some(),
            Some((Side::Client, text)) => self != Dialect::Curl && is_envelope_command(&text),
            None => self == Dialect::Swaks && (line.starts_with("=== Trying ") || line.starts_with("=== Connected to ")),
        }
    }

    /// Who spoke, and the words; `None` for lines outside the dialogue.
    pub(super) fn spoken(self, line: &str) -> Option<(Side, Cow<'_, str>)> {
        match self {
            Dialect::Swaks => prefixed(line, &["<** ", "<~* ", "<-  ", "<~  "], &[" -> ", " ~> ", "**> ", "*~> "]),
            Dialect::PhpMailer => within(line, "SERVER -> CLIENT:", "CLIENT -> SERVER:"),
            Dialect::Perl => perl(line),
            Dialect::Python => python(line),
            Dialect::Ruby => ruby(line),
            Dialect::Letters => prefixed(line, &["S: "], &["C: "]).or_else(|| within(line, "] S: ", "] C: ")),
            Dialect::Swift => prefixed(line, &["<< "], &[">> "]),
            Dialect::Curl => stamped(line),
            Dialect::Bare => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Dialect::Swaks => "swaks",
            Dialect::PhpMailer => "phpmailer",
            Dialect::Perl => "net-smtp",
            Dialect::Python => "smtplib",
            Dialect::Ruby => "ruby",
            Dialect::Swift => "swift",
            Dialect::Curl => "curl",
            Dialect::Letters | Dialect::Bare => "session",
        }
    }
}

type Spoken<'l> = Option<(Side, Cow<'l, str>)>;

fn prefixed<'l>(line: &'l str, server: &[&str], client: &[&str]) -> Spoken<'l> {
    let behind = |marks: &[&str]| marks.iter().find_map(|mark| line.strip_prefix(mark));
    let reply = behind(server).map(|text| (Side::Server, Cow::Borrowed(text)));
    reply.or_else(|| behind(client).map(|text| (Side::Client, Cow::Borrowed(text))))
}

/// Marks that may stand behind a time stamp.
fn within<'l>(line: &'l str, server: &str, client: &str) -> Spoken<'l> {
    const STAMP: usize = 64;
    let behind = |mark: &str| line.find(mark).filter(|at| *at <= STAMP).map(|at| line[at + mark.len()..].trim_start());
    let text = |t: &'l str| Cow::Borrowed(t.trim_end_matches("<br>").trim_end_matches("<br />"));
    let reply = behind(server).map(|t| (Side::Server, text(t)));
    reply.or_else(|| behind(client).map(|t| (Side::Client, text(t))))
}

/// `Net::SMTP=GLOB(0x5606a9d7ad08)<<< 550 …`; `>>>` sent.
fn perl(line: &str) -> Spoken<'_> {
    let (_, rest) = line.strip_prefix("Net::")?.split_once("=GLOB(0x")?;
    let rest = rest.split_once(')')?.1;
    let reply = rest.strip_prefix("<<< ").map(|t| (Side::Server, Cow::Borrowed(t)));
    reply.or_else(|| rest.strip_prefix(">>> ").map(|t| (Side::Client, Cow::Borrowed(t))))
}

/// `reply: b'550 …\r\n'`, `send: 'rcpt TO:<x>\r\n'`.
fn python(line: &str) -> Spoken<'_> {
    let (side, rest) = match line.strip_prefix("reply: ") {
        Some(rest) => (Side::Server, rest),
        None => (Side::Client, line.strip_prefix("send: ")?),
    };
    let (text, _) = literal::read(rest, Escape::Char)?;
    Some((side, Cow::Owned(text.trim_end_matches(['\r', '\n']).to_string())))
}

/// Ruby's arrows point from the server: `-> "250 ok\r\n"`, `<- "QUIT\r\n"`.
fn ruby(line: &str) -> Spoken<'_> {
    let (side, rest) = match line.strip_prefix("-> ") {
        Some(rest) => (Side::Server, rest),
        None => (Side::Client, line.strip_prefix("<- ")?),
    };
    let (text, _) = literal::read(rest, Escape::Byte)?;
    Some((side, Cow::Owned(text.trim_end_matches(['\r', '\n']).to_string())))
}

/// `< 550 …`, `> RCPT TO:<x>`, in Symfony's debug behind `[time] `.
fn stamped(line: &str) -> Spoken<'_> {
    let stamped = line.starts_with("[2").then(|| line.split_once("] ")).flatten();
    let rest = stamped.map_or(line, |(_, rest)| rest);
    let bare_sign = |sign: char| rest.strip_prefix(sign).filter(|t| t.is_empty()).or_else(|| rest.strip_prefix(sign)?.strip_prefix(' '));
    let reply = bare_sign('<').map(|t| (Side::Server, Cow::Borrowed(t)));
    reply.or_else(|| bare_sign('>').map(|t| (Side::Client, Cow::Borrowed(t))))
}

/// `MAIL FROM:<x>`, `RCPT TO:<x>`, `EHLO name`.
pub(super) fn is_envelope_command(text: &str) -> bool {
    let starts = |verb: &str| text.get(..verb.len()).is_some_and(|t| t.eq_ignore_ascii_case(verb));
    let one_name = |verb: &str| starts(verb) && text[verb.len()..].trim().split(' ').count() == 1 && text.trim().len() > verb.len();
    starts("MAIL FROM:") || starts("RCPT TO:") || one_name("EHLO ") || one_name("HELO ") || one_name("LHLO ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(line: &str) -> (Dialect, Side, String) {
        let dialect = Dialect::of(line).unwrap();
        let (side, text) = dialect.spoken(line).unwrap();
        (dialect, side, text.into_owned())
    }

    #[test]
    fn each_program_marks_its_lines() {
        use {Dialect::*, Side::*};
        for (line, dialect, side, text) in [
            ("<** 550 5.1.1 no", Swaks, Server, "550 5.1.1 no"),
            (" ~> RCPT TO:<a@example.com>", Swaks, Client, "RCPT TO:<a@example.com>"),
            ("2024-05-04 10:00:00\tSERVER -> CLIENT: 550 no<br>", PhpMailer, Server, "550 no"),
            ("Net::SMTP=GLOB(0x55)<<< 550 no", Perl, Server, "550 no"),
            (r"reply: b'550 5.1.1 no\r\n'", Python, Server, "550 5.1.1 no"),
            (r#"-> "550 no\r\n""#, Ruby, Server, "550 no"),
            (r#"<- "EHLO localhost\r\n""#, Ruby, Client, "EHLO localhost"),
            ("[2024-05-04 10:00:00] DEBUG [x1] S: 550 no", Letters, Server, "550 no"),
            ("S: 550 no", Letters, Server, "550 no"),
            ("<< 550 no", Swift, Server, "550 no"),
            ("< 550 no", Curl, Server, "550 no"),
            ("[2024-05-04T10:00:00.0+00:00] < 550 no", Curl, Server, "550 no"),
        ] {
            assert_eq!(spoken(line), (dialect, side, text.to_string()), "{line}");
        }
    }

    #[test]
    fn other_lines_are_no_session() {
        for line in [
            "> 550 quoted mail",
            "<<< 550 of a bounce",
            "> RCPT TO:<a@example.com>",
            "Net::SMTP>>> Net::SMTP(3.14)",
            "",
            "<",
            "EHLO is a command",
            "550 no",
        ] {
            assert_eq!(Dialect::of(line), None, "{line}");
        }
    }
}
