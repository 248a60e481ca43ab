//! Any text is explained without a panic, to its end, and with offsets that hold.

use smtpwhy::{By, Verdict};

/// A small generator with a fixed seed (xorshift), so that failures repeat.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap_or(0)
    }
}

/// Pieces that replies, wrappers and mischief are made of.
const PIECES: [&str; 44] = [
    "550",
    "550-",
    "5.7.1",
    "#5.1.1",
    "(#5.1.1)",
    " ",
    "\n",
    "\r\n",
    "\\n",
    "\\303\\244",
    "\\xc3",
    "&lt;",
    "&#39;",
    "<user@example.com>",
    "user@",
    "@",
    "[192.0.2.1]",
    "2001:db8::1",
    "::",
    "mx.example.com",
    "https://example.com/?p=NoSuchUser",
    "User unknown",
    "not",
    "no such",
    "mailbox full",
    "said: ",
    "(in reply to RCPT TO command)",
    "host ",
    "用户不存在",
    "пользователь",
    "ü",
    "e-mail",
    "'",
    "\"",
    "b'",
    "0x800CCC0E",
    "%",
    "/",
    "/var/mail/full",
    "...",
    ";",
    "\u{202e}",
    "\u{0}",
    "Remote_host_said:_550_no",
];

fn sample(seeded: &mut Seeded) -> String {
    let pieces = seeded.below(14);
    (0..pieces).map(|_| PIECES[seeded.below(PIECES.len())]).collect()
}

#[test]
fn no_text_makes_it_panic_and_offsets_hold() {
    let mut seeded = Seeded(0x5eed);
    for _ in 0..4_000 {
        let text = sample(&mut seeded);
        let finding = smtpwhy::explain(&text);
        assert_eq!(finding.input, text);
        let range = finding.matched.range.clone();
        assert_eq!(text.get(range).unwrap_or(""), finding.matched.text, "{text:?}");
        let temporary = finding.code.is_some_and(|c| c / 100 == 4);
        let http = finding.entry.is_some_and(|e| e.is_http());
        assert!(!(temporary && finding.verdict == Verdict::Remove && !http), "{text:?}");
        assert!(!(finding.matched.by == By::Class && finding.verdict == Verdict::Remove), "{text:?}");
    }
}

#[test]
fn a_cut_at_any_byte_is_harmless() {
    let text = "host mx.example.com[192.0.2.1] said: 550-5.7.26 Boîte &lt;a@example.com&gt; 用户不存在\\303\\244 https://example.com/x (in reply to end of DATA command)";
    for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
        smtpwhy::explain(&text[..at]);
        smtpwhy::explain(&text[at..]);
    }
}

/// Time in the square of the length would not end.
#[test]
fn texts_of_any_length_are_explained_to_the_end() {
    for piece in [
        "a",
        "550 ",
        "not ",
        "user unknown ",
        "<a@example.com>",
        "[",
        "&lt;",
        "mailbox full blocked listed spam ",
        "用户",
        "a.",
        "1.",
        "http://",
        ":",
        "a:b/",
        ")]",
        "550:",
        "\\303é",
    ] {
        for lead in ["", "550 5.1.1 "] {
            let text = format!("{lead}{}", piece.repeat(1_000_000 / piece.len()));
            let finding = smtpwhy::explain(&text);
            assert_eq!(finding.input.len(), text.len());
            assert_eq!(text.get(finding.matched.range.clone()).unwrap_or(""), finding.matched.text, "{piece:?}");
        }
    }
}
