//! The session that Sendmail and Courier print into their bounces: `>>>` what
//! was sent, `<<<` what came back. It must not know mails.

use super::reason::{self, Told};
use crate::codes::status::Stage;

/// One reply and what stands around it.
#[derive(Default)]
struct Exchange<'t> {
    /// Counts the relays that were tried.
    session: usize,
    relay: &'t str,
    command: Option<&'t str>,
    /// Counts the commands, so that two replies to one are seen.
    turn: usize,
    lines: Vec<&'t str>,
    open: bool,
    /// What the mail server itself says after the reply, with the address.
    recipient: Option<&'t str>,
    verdict: &'t str,
}

/// Reads the lines of one transcript: what each relay said, in order, and the
/// server's own words where no relay spoke.
pub(super) fn read(lines: &[&str], relay: &str) -> Vec<Told> {
    let mut reading = Reading { session: 0, relay, command: None, turn: 0, found: Vec::new(), own: Vec::new() };
    for line in lines {
        reading.line(line.trim());
    }
    reading.told()
}

struct Reading<'t> {
    session: usize,
    relay: &'t str,
    command: Option<&'t str>,
    turn: usize,
    found: Vec<Exchange<'t>>,
    own: Vec<(Option<&'t str>, &'t str)>,
}

impl<'t> Reading<'t> {
    fn line(&mut self, line: &'t str) {
        if let Some(said) = line.strip_prefix("<<<") {
            return self.reply(said.trim());
        }
        if let Some(last) = self.found.last_mut() {
            last.open = false;
        }
        if let Some(command) = line.strip_prefix(">>>") {
            (self.command, self.turn) = (Some(command.trim()), self.turn + 1);
        } else if let Some(host) = line.strip_prefix("... while talking to ") {
            (self.session, self.turn) = (self.session + 1, self.turn + 1);
            (self.relay, self.command) = (host, None);
        } else if !line.is_empty() {
            self.own_words(line);
        }
    }

    fn reply(&mut self, said: &'t str) {
        let open = said.as_bytes().get(3) == Some(&b'-') && reason::code(said).is_some();
        if let Some(last) = self.found.last_mut().filter(|e| e.open) {
            last.lines.push(said);
            last.open = open;
            return;
        }
        let (session, relay, command, turn) = (self.session, self.relay, self.command, self.turn);
        self.found.push(Exchange { session, relay, command, turn, lines: vec![said], open, ..Exchange::default() });
    }

    /// `550 5.1.1 <a@b>... User unknown`, `<a@b>... Deferred: Connection refused`.
    fn own_words(&mut self, line: &'t str) {
        let (recipient, words) = addressed(line).map_or((None, line), |(r, w)| (Some(r), w));
        match self.found.last_mut().filter(|e| e.verdict.is_empty() && (e.session == self.session)) {
            Some(last) => (last.recipient, last.verdict) = (recipient, words),
            None => self.own.push((recipient, words)),
        }
    }

    fn told(self) -> Vec<Told> {
        if self.found.is_empty() {
            let words = |(recipient, words): &(Option<&str>, &str)| Told {
                recipient: recipient.map(str::to_string),
                text: words.strip_prefix("Deferred: ").unwrap_or(words).to_string(),
                ..Told::default()
            };
            return self.own.iter().map(words).collect();
        }
        let last = self.found.last().map_or(0, |e| e.session);
        let shown = (0..self.found.len()).filter(|n| !self.is_echo(*n));
        shown.map(|n| Told { passed_over: self.found[n].session < last, ..self.one(n) }).collect()
    }

    /// The refusal of DATA that follows when each recipient was refused before.
    fn is_echo(&self, n: usize) -> bool {
        self.found[n].lines[0].starts_with("503") && n > 0 && self.found[n - 1].turn == self.found[n].turn
    }

    fn one(&self, n: usize) -> Told {
        let e = &self.found[n];
        let (relay, relay_ip) = reason::relay(e.relay);
        let stage = match e.command {
            None => relay.is_some().then_some(Stage::Connect),
            Some(command) => reason::stage(command),
        };
        let early = stage == Some(Stage::Data) && self.is_before_data(n);
        let data_or_end = stage == Some(Stage::Data) && !early && !e.lines[0].starts_with("503");
        Told {
            recipient: e.recipient.map(str::to_string),
            relay,
            relay_ip,
            stage: if early { Some(Stage::Rcpt) } else { stage },
            data_or_end,
            text: reason::join(&e.lines),
            ..Told::default()
        }
    }

    /// Commands are sent ahead, so a reply that is shown below DATA may be the
    /// one to RCPT.
    fn is_before_data(&self, n: usize) -> bool {
        let e = &self.found[n];
        let more = self.found.get(n + 1).is_some_and(|next| next.turn == e.turn);
        let hung_up = e.lines[0].starts_with("421") && e.verdict.starts_with("Deferred: Connection reset");
        more || hung_up || e.verdict.ends_with("User unknown")
    }
}

/// Splits `<a@b>... words`, which a reply of the server's own may precede.
fn addressed(line: &str) -> Option<(&str, &str)> {
    let (head, words) = line.split_once(">... ").or_else(|| Some((line.strip_suffix(">...")?, "")))?;
    let (before, address) = head.rsplit_once('<')?;
    let free = before.trim().is_empty() || reason::code(before).is_some();
    (free && !address.is_empty()).then_some((address, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_lines(text: &str) -> Vec<Told> {
        read(&text.lines().collect::<Vec<_>>(), "")
    }

    #[test]
    fn a_reply_below_data_is_the_one_to_rcpt_where_more_follows() {
        let told = read_lines(
            "... while talking to mx.example.com.:\n>>> DATA\n<<< 550-5.1.1 no\n<<< 550 5.1.1 user\n550 5.1.1 <a@example.com>... User unknown\n<<< 503 5.5.1 no valid recipients",
        );
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].text, "550-5.1.1 no\n550 5.1.1 user");
        assert_eq!(told[0].recipient.as_deref(), Some("a@example.com"));
        assert_eq!((told[0].stage, told[0].data_or_end), (Some(Stage::Rcpt), false));
    }

    #[test]
    fn an_earlier_relay_is_passed_over() {
        let told = read_lines(
            "... while talking to a.example.:\n<<< 554 no\n... while talking to b.example.:\n>>> DATA\n<<< 450 later\n<a@example.com>... Deferred: 450 later",
        );
        assert_eq!(told.iter().map(|t| t.passed_over).collect::<Vec<_>>(), [true, false]);
        assert_eq!((told[0].stage, told[0].relay.as_deref()), (Some(Stage::Connect), Some("a.example")));
    }

    #[test]
    fn own_words_count_where_no_relay_spoke() {
        let told =
            read_lines("<a@example.com>... Deferred: Connection refused by mx.example.com.\nMessage could not be delivered for 5 days");
        assert_eq!(told[0].text, "Connection refused by mx.example.com.");
        assert_eq!(told[0].recipient.as_deref(), Some("a@example.com"));
    }
}
