//! What an HTML text says, as plain text. It must not know mail.

/// The words of `html`: no tags, comments, styles or scripts; one blank where
/// there are many, and lines only where the page breaks them.
pub(super) fn text(html: &str) -> String {
    let mut page = Page { text: String::with_capacity(html.len() / 2), gap: false };
    let mut rest = html;
    while !rest.is_empty() {
        let (words, markup) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        page.words(words);
        rest = if is_markup(markup) { page.tag(markup) } else { page.sign_in_front(markup) };
    }
    page.text
}

/// A tag or a comment begins here, not a mere "less than".
fn is_markup(rest: &str) -> bool {
    matches!(rest.as_bytes(), [b'<', b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!' | b'?', ..])
}

/// A tag's name; empty for a comment.
struct Tag<'t> {
    name: &'t str,
    closes: bool,
}

impl Tag<'_> {
    fn breaks_line(&self) -> bool {
        self.name.eq_ignore_ascii_case("br") || (self.closes && self.name.eq_ignore_ascii_case("p"))
    }

    /// The element whose content is not for reading.
    fn hides(&self) -> Option<&'static str> {
        let hidden = ["head", "style", "script", "template"];
        hidden.into_iter().find(|name| !self.closes && self.name.eq_ignore_ascii_case(name))
    }
}

/// The tag or comment that `markup` begins with, and what stands behind it.
fn first_tag(markup: &str) -> (Tag<'_>, &str) {
    let end = if markup.starts_with("<!--") { "-->" } else { ">" };
    let (tag, behind) = markup.split_once(end).unwrap_or((markup, ""));
    let tag = tag.trim_start_matches('<');
    let name = tag.trim_start_matches('/');
    let closes = name.len() < tag.len();
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    (Tag { name, closes }, behind)
}

/// What stands behind the end of an element that is not for reading.
fn behind_element<'h>(name: &str, html: &'h str) -> &'h str {
    let ends = html.match_indices("</").map(|(at, _)| &html[at + 2..]);
    let mut ends = ends.filter(|end| end.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)));
    ends.next().and_then(|end| end.split_once('>')).map_or("", |(_, behind)| behind)
}

struct Page {
    text: String,
    /// Blanks stood in front of what comes next.
    gap: bool,
}

impl Page {
    /// Does what a tag says; returns what stands behind it.
    fn tag<'h>(&mut self, markup: &'h str) -> &'h str {
        let (tag, behind) = first_tag(markup);
        if tag.breaks_line() {
            self.line_end();
        }
        tag.hides().map_or(behind, |name| behind_element(name, behind))
    }

    fn sign_in_front<'h>(&mut self, rest: &'h str) -> &'h str {
        let mut chars = rest.chars();
        chars.next().into_iter().for_each(|c| self.sign(c));
        chars.as_str()
    }

    fn words(&mut self, words: &str) {
        let mut rest = words;
        while let Some(c) = rest.chars().next() {
            let (c, len) = if c == '&' { entity(rest) } else { (c, c.len_utf8()) };
            if c.is_ascii_whitespace() {
                self.gap = true
            } else {
                self.sign(c)
            }
            rest = &rest[len..];
        }
    }

    fn sign(&mut self, c: char) {
        if self.gap && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push(' ');
        }
        self.gap = false;
        self.text.push(c);
    }

    fn line_end(&mut self) {
        self.gap = false;
        self.text.push('\n');
    }
}

/// No name of an entity is longer.
const LONGEST: usize = 10;
/// Names of the characters U+00A0 to U+00FF, in their order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
    micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave \
    Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml \
    Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth \
    ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";
/// Other names that mail uses, each with its character.
const OTHERS: &str = "quot \" amp & lt < gt > apos ' QUOT \" AMP & LT < GT > ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” \
    bdquo „ lsaquo ‹ rsaquo › hellip … bull • euro € trade ™ OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ Zcaron Ž zcaron ž Ccaron Č \
    ccaron č larr ← rarr → uarr ↑ darr ↓ harr ↔ dagger † Dagger ‡ permil ‰ circ ˆ tilde ˜ minus − zwnj \u{200c} zwj \u{200d} \
    lrm \u{200e} rlm \u{200f} shy \u{ad}";

/// The character that the entity in front stands for and its length; `&`
/// itself where there is none.
fn entity(rest: &str) -> (char, usize) {
    let name = rest[1..].bytes().take(LONGEST + 1).position(|b| b == b';').map(|end| &rest[1..=end]);
    let found = name.and_then(|name| if let Some(number) = name.strip_prefix('#') { numbered(number) } else { named(name) });
    match (name, found) {
        (Some(name), Some(c)) => (c, name.len() + 2),
        _ => ('&', 1),
    }
}

fn numbered(number: &str) -> Option<char> {
    let hex = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
    let code = hex.unwrap_or_else(|| number.parse()).ok()?;
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn named(name: &str) -> Option<char> {
    if let Some(at) = LATIN.split_ascii_whitespace().position(|n| n == name) {
        return char::from_u32(0xa0 + u32::try_from(at).ok()?);
    }
    let mut others = OTHERS.split_ascii_whitespace();
    others.find(|n| *n == name)?;
    others.next()?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_and_markup_goes() {
        for (html, told) in [
            ("<html><body><p>No <b>such</b>\n  user</p><p>here</body>", "No such user\nhere"),
            ("<head><title>x</title></head>a<br>b<BR/>c<br />d", "a\nb\nc\nd"),
            ("<style type=\"text/css\">p {}</style>a<script>if (1<2) {}</script> b<!-- c > d -->", "a b"),
            ("  a  <i> </i>  b ", "a b"),
            ("a < b <3", "a < b <3"),
            ("<SCRIPT>a</Scripting></SCRIPT >b", "b"),
            ("", ""),
        ] {
            assert_eq!(text(html), told, "{html}");
        }
    }

    #[test]
    fn entities_become_characters() {
        assert_eq!(text("&lt;user@example.com&gt; &quot;a&#32;b&#x22; &amp;lt;"), "<user@example.com> \"a b\" &lt;");
        assert_eq!(
            text("Empf&auml;nger, bo&icirc;te &agrave; lettres, &szlig;&yuml;&nbsp;&euro;&ndash;"),
            "Empfänger, boîte à lettres, ßÿ\u{a0}€–"
        );
        assert_eq!(text("R&D; a&b &nosuch; &; &#x110000; & é;&é"), "R&D; a&b &nosuch; &; \u{fffd} & é;&é");
        assert_eq!(named("Agrave"), Some('À'));
        assert_eq!(LATIN.split_ascii_whitespace().count(), 96);
    }

    #[test]
    fn markup_without_an_end_is_read_once() {
        for html in ["<a &lt; <!-- ", "<!-- ", "&", "<", "<style>", "<style></", "&#"] {
            assert!(text(&html.repeat(100_000)).len() <= 200_000);
        }
    }
}
