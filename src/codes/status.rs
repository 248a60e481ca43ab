//! Enhanced status codes (RFC 3463) and the stages of a mail session.

use std::fmt;

/// An enhanced status code `class.subject.detail`; class 0 stands for `X`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    pub class: u8,
    pub subject: u16,
    pub detail: u16,
}

impl Status {
    /// Reads `5.7.26` or `X.7.26`; class 2, 4, 5 or X, at most three digits
    /// each for subject and detail (RFC 3463 section 2).
    pub fn parse(text: &str) -> Option<Status> {
        let mut parts = text.split('.');
        let class = match parts.next()? {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            "X" | "x" => 0,
            _ => return None,
        };
        let subject = short_number(parts.next()?)?;
        let detail = short_number(parts.next()?)?;
        parts.next().is_none().then_some(Status { class, subject, detail })
    }

    /// One number for tables.
    pub fn pack(self) -> u32 {
        u32::from(self.class) << 26 | u32::from(self.subject) << 16 | u32::from(self.detail)
    }

    pub fn unpack(packed: u32) -> Status {
        let class = u8::try_from(packed >> 26).unwrap_or(0);
        Status { class, subject: (packed >> 16 & 0x3ff) as u16, detail: (packed & 0xffff) as u16 }
    }

    /// Same subject and detail, and no contradicting class.
    pub fn agrees(self, other: Status) -> bool {
        let class = self.class == other.class || self.class == 0 || other.class == 0;
        class && self.subject == other.subject && self.detail == other.detail
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class {
            0 => write!(f, "X.{}.{}", self.subject, self.detail),
            class => write!(f, "{class}.{}.{}", self.subject, self.detail),
        }
    }
}

fn short_number(digits: &str) -> Option<u16> {
    let fits = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| digits.parse().ok()).flatten()
}

/// Where in the session a reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Connect,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    EndOfData,
}

impl Stage {
    /// Every stage with the name used in data, options and JSON.
    pub const ALL: [(&'static str, Stage); 8] = [
        ("connect", Stage::Connect),
        ("ehlo", Stage::Ehlo),
        ("starttls", Stage::StartTls),
        ("auth", Stage::Auth),
        ("mail", Stage::Mail),
        ("rcpt", Stage::Rcpt),
        ("data", Stage::Data),
        ("end-of-data", Stage::EndOfData),
    ];

    pub fn parse(name: &str) -> Option<Stage> {
        Stage::ALL.iter().find(|(n, _)| *n == name).map(|(_, s)| *s)
    }

    pub fn name(self) -> &'static str {
        Stage::ALL[self as usize].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes_of_three_short_numbers_only() {
        for good in ["5.7.26", "4.7.650", "2.0.0", "X.1.10"] {
            assert_eq!(Status::parse(good).map(|s| s.to_string()).as_deref(), Some(good));
        }
        for bad in ["10.5.1", "5.7.1234", "5.7", "5.7.1.1", "3.1.1", "5..1", "5.a.1"] {
            assert_eq!(Status::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn packing_loses_nothing() {
        let status = Status { class: 5, subject: 7, detail: 708 };
        assert_eq!(Status::unpack(status.pack()), status);
    }
}
