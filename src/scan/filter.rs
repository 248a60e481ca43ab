//! Which records a scan keeps. It must not know formats or output.

use super::ruling::Ruling;
use crate::input::Record;
use crate::input::time::Time;

/// Conditions that a record must meet; an empty list asks nothing. A value that
/// begins with `!` must not be met.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub verdict: Vec<String>,
    pub cause: Vec<String>,
    pub provider: Vec<String>,
    pub domain: Vec<String>,
    pub who: Vec<String>,
    pub since: Option<Time>,
    pub until: Option<Time>,
}

impl Filter {
    /// The record meets all conditions.
    pub fn keeps(&self, record: &Record<'_>, ruling: &Ruling, time: Option<Time>) -> bool {
        self.keeps_ruling(ruling) && self.keeps_recipient(record.recipient.as_deref()) && self.keeps_time(time)
    }

    /// There are no conditions.
    pub fn is_empty(&self) -> bool {
        !self.hides_outcomes() && self.domain.is_empty() && self.since.is_none() && self.until.is_none()
    }

    /// The conditions on what a record means.
    pub fn keeps_ruling(&self, ruling: &Ruling) -> bool {
        let provider = ruling.speaker.map_or("", |s| s.id());
        meets(&self.verdict, ruling.verdict.name())
            && meets(&self.cause, ruling.cause.id())
            && meets(&self.provider, provider)
            && meets(&self.who, ruling.who.name())
    }

    /// The condition on whom a record is about.
    pub fn keeps_recipient(&self, recipient: Option<&str>) -> bool {
        let domain = recipient.and_then(|r| r.rsplit('@').next()).unwrap_or("");
        meets(&self.domain, domain)
    }

    /// The conditions on when it happened.
    pub fn keeps_time(&self, time: Option<Time>) -> bool {
        self.since.is_none_or(|s| time.is_some_and(|t| t.at >= s.at)) && self.until.is_none_or(|u| time.is_some_and(|t| t.at < u.at))
    }
}

impl Filter {
    /// Some outcomes are left out, so that shares of them tell nothing.
    pub fn hides_outcomes(&self) -> bool {
        !(self.verdict.is_empty() && self.cause.is_empty() && self.who.is_empty() && self.provider.is_empty())
    }
}

/// Whether a value is one of those wanted, if any are, and none of those that
/// are not, which have an exclamation mark.
fn meets(wanted: &[String], value: &str) -> bool {
    let same = |w: &str| w.eq_ignore_ascii_case(value);
    let mut yes = wanted.iter().filter(|w| !w.starts_with('!')).peekable();
    let allowed = yes.peek().is_none() || yes.any(|w| same(w));
    allowed && !wanted.iter().filter_map(|w| w.strip_prefix('!')).any(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_be_asked_for_or_ruled_out() {
        let list = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(meets(&[], "fix"));
        assert!(meets(&list(&["fix", "remove"]), "fix"));
        assert!(!meets(&list(&["remove"]), "fix"));
        assert!(meets(&list(&["!retry"]), "fix"));
        assert!(!meets(&list(&["!fix"]), "FIX"));
    }
}
