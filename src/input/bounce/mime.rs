//! Takes a mail apart into the parts that can tell of a delivery, decoded.
//! It must not know bounces.
//!
//! Headers, encodings and character sets are read by `mail-parser`. The walk
//! through the parts is our own: that crate goes as deep as a mail is nested,
//! and a mail may be nested to do harm. An attached mail stays one part.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{ContentType, HeaderName, Message, MessageParser};

use super::html;

/// What is looked at of one mail; reports stand in front of what they return.
pub(super) const MAX_MAIL: usize = 5 << 19;
const MAX_HEAD: usize = 64 << 10;
const MAX_TEXT: usize = 512 << 10;
const MAX_DEPTH: usize = 8;
const MAX_PARTS: usize = 64;

/// The header of a mail or part.
pub(super) struct Head<'m> {
    message: Option<Message<'m>>,
}

impl<'m> Head<'m> {
    /// Reads `block`, which ends with its last line.
    pub(super) fn read(block: &'m [u8]) -> Head<'m> {
        let parser = MessageParser::new()
            .default_header_text()
            .header_content_type(HeaderName::ContentType)
            .header_content_type(HeaderName::ContentDisposition);
        Head { message: parser.parse_headers(&block[..block.len().min(MAX_HEAD)]) }
    }

    /// The first header of this name, unfolded and decoded.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Every header of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.message.as_ref().map(Message::headers).unwrap_or_default();
        headers.iter().filter_map(|h| Some((h.name.as_str(), h.value.as_text()?.trim())))
    }

    pub(super) fn content_type(&self) -> Option<&ContentType<'m>> {
        self.message.as_ref()?.header(HeaderName::ContentType)?.as_content_type()
    }

    /// `type/subtype` in small letters.
    fn mime_type(&self) -> String {
        let Some(c) = self.content_type() else { return "text/plain".to_string() };
        format!("{}/{}", c.ctype(), c.subtype().unwrap_or_default()).to_ascii_lowercase()
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.content_type()?.attribute(name)
    }
}

/// What a part is to a reader of bounces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Html,
    /// `message/delivery-status` and its global form.
    Status,
    /// `message/feedback-report`: a complaint (ARF).
    Feedback,
    /// An attached mail.
    Mail,
    Other,
}

/// A part that is no multipart.
pub(super) struct Part<'m> {
    pub(super) kind: Kind,
    pub(super) body: Cow<'m, [u8]>,
    charset: Option<String>,
}

impl Part<'_> {
    /// The body as text with plain line ends.
    pub(super) fn text(&self) -> String {
        let body = &self.body[..self.body.len().min(MAX_TEXT)];
        let text = match self.charset.as_deref().and_then(foreign_decoder) {
            Some(decode) => decode(body),
            None => String::from_utf8_lossy(body).into_owned(),
        };
        let text = if self.kind == Kind::Html { html::text(&text) } else { text };
        text.replace("\r\n", "\n")
    }
}

/// The decoder of a character set that is not read as UTF-8 anyway.
fn foreign_decoder(charset: &str) -> Option<fn(&[u8]) -> String> {
    const OURS: [&str; 4] = ["utf-8", "utf8", "us-ascii", "ascii"];
    if charset.is_empty() || OURS.iter().any(|c| c.eq_ignore_ascii_case(charset)) {
        return None;
    }
    charset_decoder(charset.as_bytes())
}

/// A mail: its header and the parts in their order.
pub(super) struct Mail<'m> {
    pub(super) head: Head<'m>,
    pub(super) parts: Vec<Part<'m>>,
    /// Parts, headers or texts were left out.
    pub(super) cut: bool,
}

impl<'m> Mail<'m> {
    pub(super) fn read(mail: &'m [u8]) -> Mail<'m> {
        let kept = &mail[..mail.len().min(MAX_MAIL)];
        let (block, body) = split(kept);
        let head = Head::read(block);
        let mut found = Found { parts: Vec::new(), cut: block.len() > MAX_HEAD };
        found.collect(&head, body, 0);
        let Found { parts, cut } = found;
        // The end of a long mail is most often the mail that it returns.
        let end_matters = parts.last().is_some_and(|p| !matches!(p.kind, Kind::Mail | Kind::Other));
        let long = parts.iter().any(|p| p.body.len() > MAX_TEXT && !matches!(p.kind, Kind::Mail | Kind::Other));
        Mail { head, parts, cut: cut || long || end_matters && kept.len() < mail.len() }
    }

    /// The texts that people read: the plain ones, else what HTML says.
    pub(super) fn text(&self) -> String {
        let of = |kind| self.parts.iter().filter(move |p| p.kind == kind).map(Part::text).collect::<Vec<_>>();
        let plain = of(Kind::Plain).join("\n\n");
        if plain.trim().is_empty() { of(Kind::Html).join("\n\n") } else { plain }
    }

    pub(super) fn find(&self, kind: Kind) -> impl Iterator<Item = &Part<'m>> {
        self.parts.iter().filter(move |p| p.kind == kind)
    }
}

/// Header block and body, cut at the first empty line.
pub(super) fn split(mail: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in mail.split_inclusive(|b| *b == b'\n') {
        let end = at + line.len();
        if matches!(line, b"\n" | b"\r\n") {
            return (&mail[..at], &mail[end..]);
        }
        at = end;
    }
    (mail, &[])
}

/// The parts found so far.
struct Found<'m> {
    parts: Vec<Part<'m>>,
    cut: bool,
}

impl<'m> Found<'m> {
    fn collect(&mut self, head: &Head<'_>, body: &'m [u8], depth: usize) {
        if self.parts.len() >= MAX_PARTS {
            self.cut = true;
            return;
        }
        let mime = head.mime_type();
        let boundary = head.attribute("boundary").filter(|b| mime.starts_with("multipart/") && !b.is_empty());
        self.cut |= boundary.is_some() && depth == MAX_DEPTH;
        let pieces = boundary.filter(|_| depth < MAX_DEPTH).map(|b| pieces(body, b.as_bytes())).unwrap_or_default();
        if pieces.is_empty() {
            return self.parts.push(leaf(head, &mime, body));
        }
        for piece in pieces {
            let (block, body) = split(piece);
            self.cut |= block.len() > MAX_HEAD;
            self.collect(&Head::read(block), body, depth + 1);
        }
    }
}

fn leaf<'m>(head: &Head<'_>, mime: &str, body: &'m [u8]) -> Part<'m> {
    let kind = match mime {
        "text/html" => Kind::Html,
        "text/rfc822-headers" => Kind::Other,
        "message/delivery-status" | "message/global-delivery-status" => Kind::Status,
        "message/feedback-report" => Kind::Feedback,
        "message/rfc822" | "message/global" => Kind::Mail,
        m if m.starts_with("text/") || m.starts_with("multipart/") => Kind::Plain,
        _ => Kind::Other,
    };
    Part { kind, body: decoded(head, body), charset: head.attribute("charset").map(str::to_string) }
}

fn decoded<'m>(head: &Head<'_>, body: &'m [u8]) -> Cow<'m, [u8]> {
    let encoding = head.get("Content-Transfer-Encoding").unwrap_or_default();
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "base64" => base64_decode(body).or_else(|| base64_decode(&base64_signs(body))),
        "quoted-printable" => quoted_printable_decode(body),
        _ => None,
    };
    bytes.map_or(Cow::Borrowed(body), Cow::Owned)
}

/// Of a body that is not all base64 the signs that are, up to where it says that
/// it ends: mailing lists and broken programs put others in between.
fn base64_signs(body: &[u8]) -> Vec<u8> {
    let end = body.iter().position(|b| *b == b'=').unwrap_or(body.len());
    let sign = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let mut signs: Vec<u8> = body[..end].iter().copied().filter(sign).collect();
    // What is left of the last four tells no whole byte, or lacks its padding.
    signs.truncate(signs.len() - usize::from(signs.len() % 4 == 1));
    signs.resize(signs.len().next_multiple_of(4), b'=');
    signs
}

/// What stands between the boundary lines; a cut mail ends its last piece.
fn pieces<'m>(body: &'m [u8], boundary: &[u8]) -> Vec<&'m [u8]> {
    let mut found = Vec::new();
    let (mut at, mut from) = (0, None);
    for line in body.split_inclusive(|b| *b == b'\n') {
        if let Some(last) = boundary_line(line, boundary) {
            found.extend(from.map(|from| &body[from..at]));
            from = (!last).then_some(at + line.len());
            if last || found.len() > MAX_PARTS {
                return found;
            }
        }
        at += line.len();
    }
    found.extend(from.map(|from| &body[from..]));
    found
}

/// Whether this is a boundary line, and the last one.
fn boundary_line(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?.trim_ascii_end();
    match rest {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"Content-Type: multipart/mixed; boundary=\"a b\"\nSubject: =?utf-8?q?caf=C3=A9?=\n\nnot this\n--a b\n\
        Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n\n08q8/rG7vty++A==\n--a b\n\
        Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n550 no such=\n user\n--a b\n\
        Content-Type: message/rfc822\n\nSubject: inner\n\nbody\n--a b--\nnot this either\n";

    #[test]
    fn parts_are_decoded_and_attached_mails_stay_whole() {
        let mail = Mail::read(MAIL);
        assert_eq!(mail.head.get("subject"), Some("café"));
        assert_eq!(mail.parts.iter().map(|p| p.kind).collect::<Vec<_>>(), [Kind::Plain, Kind::Plain, Kind::Mail]);
        assert_eq!(mail.parts[0].text().trim(), "邮件被拒绝");
        assert_eq!(mail.parts[1].text().trim(), "550 no such user");
        assert!(mail.parts[2].body.starts_with(b"Subject: inner"));
    }

    #[test]
    fn a_cut_mail_gives_what_is_there() {
        let mail = Mail::read(&MAIL[..MAIL.len() - 60]);
        assert_eq!(mail.parts.len(), 3);
    }

    #[test]
    fn signs_that_are_no_base64_are_passed_over() {
        for (body, text) in [
            ("NTUwIDUu\nMS4xIG5v\n", "550 5.1.1 no"),
            ("NTUwIDUu!\n MS4*xIG5v\n", "550 5.1.1 no"),
            ("NTUwIDUuMS4x\nIG5vCg==\n_____\nThe list's own words\n", "550 5.1.1 no\n"),
            ("NTUw!IDUuMS4xIG5", "550 5.1.1 n"),
        ] {
            let mail = format!("Content-Transfer-Encoding: base64\n\n{body}");
            assert_eq!(Mail::read(mail.as_bytes()).parts[0].text(), text, "{body}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        let mut mail = Vec::new();
        for n in 0..5000 {
            mail.extend_from_slice(format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n").as_bytes());
        }
        let mail = Mail::read(&mail);
        assert!(mail.parts.len() <= MAX_PARTS && mail.cut);
    }

    #[test]
    fn what_is_left_out_is_told() {
        let with = |parts: usize| format!("Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n", "--b\n\ntext\n".repeat(parts));
        let cut = |mail: &str| Mail::read(mail.as_bytes()).cut;
        assert!(!cut(&with(MAX_PARTS)) && cut(&with(MAX_PARTS + 1)));
        let returned = |kind: &str| {
            let body = "x".repeat(MAX_MAIL);
            format!("Content-Type: multipart/report; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: {kind}\n\n{body}\n--b--\n")
        };
        assert!(!cut(&returned("message/rfc822")) && cut(&returned("text/plain")));
        assert!(cut(&format!("X: {}\n\ntext\n", "y\n ".repeat(MAX_HEAD))));
    }
}
