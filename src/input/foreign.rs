//! Lines of programs that have nothing to do with mail, or with its delivery:
//! other programs share a syslog file. Those whose host and program were met
//! before are told by few bytes. It must not know what lines say.

use std::borrow::Cow;

use super::envelope::{self, Head, Message};
use super::find::find;
use super::{Lines, plain};

/// Programs remembered.
const PROGRAMS: usize = 16;

/// Tells lines that no format claims.
pub struct Cutter {
    /// As they are before they have met anything.
    formats: Vec<Box<dyn Lines + Send>>,
    /// The host met last.
    host: String,
    programs: Vec<Program>,
}

/// A program of which only these formats may claim lines, by their text.
struct Program {
    name: String,
    formats: Vec<usize>,
}

impl Cutter {
    /// One that asks these formats.
    pub fn new(formats: impl Iterator<Item = Box<dyn Lines + Send>>) -> Cutter {
        Cutter { formats: formats.collect(), host: String::new(), programs: Vec::new() }
    }

    /// Whether a line of no format looks like a failure; `None` where a format
    /// claims it, or where it is a reply or of no program.
    pub fn read(&mut self, line: &str) -> Option<bool> {
        let head = self.head(line);
        if let Some(head) = head
            && let Some(program) = self.programs.iter().find(|program| program.name == head.program)
        {
            let message = Message { time: None, ident: Some(Cow::Borrowed(head.program)), text: Cow::Borrowed(head.text) };
            let claimed = program.formats.iter().any(|at| self.formats[*at].claims(&message));
            return (!claimed && is_no_reply(head.text, line)).then(|| plain::looks_like_failure(head.text));
        }
        head.into_iter().for_each(|head| self.meet(head.program));
        let message = envelope::open(line);
        let claimed = || self.formats.iter().any(|format| format.claims(&message));
        let is_foreign = message.ident.is_some() && !claimed() && plain::read(line, 0).is_none();
        is_foreign.then(|| plain::looks_like_failure(&message.text))
    }

    /// The head of a line, if nothing in it can be a reply.
    fn head<'l>(&mut self, line: &'l str) -> Option<Head<'l>> {
        Head::on(&self.host, line).or_else(|| {
            let head = Head::of(line).filter(|head| !leads_to_reply(head.host))?;
            self.host.clear();
            self.host.push_str(head.host);
            Some(head)
        })
    }

    fn meet(&mut self, program: &str) {
        if self.programs.len() == PROGRAMS {
            self.programs.clear();
        }
        if !leads_to_reply(program) {
            let formats = (0..self.formats.len()).filter(|at| self.formats[*at].knows(program)).collect();
            self.programs.push(Program { name: program.to_string(), formats });
        }
    }
}

/// Whether a number that stands behind this name, or in it, may be a reply.
fn leads_to_reply(name: &str) -> bool {
    find(name, "said").is_some()
}

/// Whether a line is no reply by itself, of which nothing in front of `text`
/// may be one.
fn is_no_reply(text: &str, line: &str) -> bool {
    !plain::may_hold_reply(text.as_bytes()) || plain::read(line, 0).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::bulk::zonemta::ZoneMta;
    use crate::input::exchange::{Protocol, Tracking};
    use crate::input::{courier::Courier, hmailserver::HMailServer, postfix::Postfix, small::dma::Dma};

    fn cutter() -> Cutter {
        let formats: [Box<dyn Lines + Send>; 7] = [
            Box::new(Postfix::default()),
            Box::new(Courier::default()),
            Box::new(Dma::default()),
            Box::new(ZoneMta::default()),
            Box::new(Tracking::default()),
            Box::new(Protocol::default()),
            Box::new(HMailServer::default()),
        ];
        Cutter::new(formats.into_iter())
    }

    const TEXTS: [&str; 16] = [
        "started",
        "",
        "mail REJECTED for good",
        "550 5.1.1 no",
        "took 550 ms",
        "it said 550 no",
        "time: 250.5 ms",
        "id: 4550, size: 421",
        "x;(550) no",
        "id=default 15f0c1.001 DEFERRED[greylist] from=s@example.org to=r@b.test (451 no)",
        "\"SMTPC\"\t1\t2",
        "#Fields: date-time,event-id",
        "2026-08-11T09:47:13.123Z,c,08DD000000000001,1,l,r,<,550 no,",
        "4B1: from=<a@example.com>",
        " 550 behind a blank",
        "é: 550",
    ];

    #[test]
    fn lines_of_programs_met_before_are_told_as_at_first() {
        let mut met = cutter();
        for stamp in
            ["Nov 21 17:40:48", "2026-11-21T17:40:48.123+01:00", "2026-11-21T17:40:481", "Nov 21 17:40:48.550", "<22>Nov 21 17:40:48"]
        {
            for host in ["mx", "550", "said", "stdout", "2001:db8::550", "mx;", "Nov"] {
                for program in
                    ["sshd[7]", "dovecot", "said[550]", "550[1]", "x-550[1]", "dma[a.550]", "courierd", "a/smtp[1]", "(x)[1]", "F"]
                {
                    for text in TEXTS {
                        let line = format!("{stamp} {host} {program}: {text}");
                        let expected = cutter().read(&line);
                        assert_eq!((met.read(&line), met.read(&line)), (expected, expected), "{line}");
                    }
                }
            }
        }
    }

    #[test]
    fn only_so_many_programs_are_remembered() {
        let mut cutter = cutter();
        for number in 0..100 {
            assert_eq!(cutter.read(&format!("Nov 21 17:40:48 mx p{number}: rejected")), Some(true));
        }
        assert!(cutter.programs.len() <= PROGRAMS);
    }
}
