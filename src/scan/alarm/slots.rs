//! What is counted of the attempts to one provider: half an hour is a slot. It
//! must not know when counts are an alarm.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use crate::catalogue::Cause;
use crate::input::time::Time;
use crate::scan::hashes::Hashes;

/// Seconds of a slot. A burst is looked for in two slots side by side, an hour
/// at the most, wherever the hours begin.
const SLOT: u16 = 1800;
/// Slots of a day.
pub const DAY: i32 = 48;
/// Times are told in slots from here on.
const BEGIN: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// Half an hour of one provider.
#[derive(Default)]
pub struct Slot {
    pub number: i32,
    pub attempts: u32,
    pub last_delivery: Option<Tick>,
    pub failures: Vec<Failures>,
}

/// A time within a slot, and its zone.
#[derive(Clone, Copy)]
pub struct Tick {
    pub second: u16,
    pub nanosecond: u32,
    /// Seconds of the offset, or [`NO_ZONE`].
    pub zone: i32,
}

/// The failing attempts of one cause in a slot.
pub struct Failures {
    pub cause: Cause,
    pub count: u32,
    pub first: Tick,
    pub last: Tick,
    pub recipients: Hashes,
}

/// What is left of slots that made room.
#[derive(Default)]
pub struct Old {
    pub attempts: u32,
    pub failures: Vec<(Cause, u32)>,
    pub last_delivery: Option<DateTime>,
}

/// The zone is not known.
pub const NO_ZONE: i32 = i32::MAX;

/// Attempts, and those of them that failed of the cause in question.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub failed: u32,
    pub attempts: u32,
}

impl Slot {
    pub fn of(&self, cause: Cause) -> Option<&Failures> {
        self.failures.iter().find(|f| f.cause == cause)
    }

    pub fn counts(&self, cause: Cause) -> Counts {
        Counts { failed: self.of(cause).map_or(0, |f| f.count), attempts: self.attempts }
    }

    /// As [`Slot::counts`]; where the cause began after the last delivery, only
    /// what came from then on.
    pub fn counts_at_start(&self, cause: Cause) -> Counts {
        let counts = self.counts(cause);
        let began_late = self.of(cause).is_some_and(|f| self.last_delivery.is_some_and(|d| d.at() <= f.first.at()));
        if began_late { Counts { failed: counts.failed, attempts: counts.failed } } else { counts }
    }

    /// Counts a failure; gives how many hashes are kept more.
    pub fn fail(&mut self, cause: Cause, tick: Tick, recipient: Option<u64>) -> usize {
        let at = self.failures.iter().position(|f| f.cause == cause).unwrap_or_else(|| {
            if self.failures.len() == self.failures.capacity() {
                // Most slots have few causes.
                self.failures.reserve_exact(1 + self.failures.len() / 2);
            }
            self.failures.push(Failures { cause, count: 0, first: tick, last: tick, recipients: Hashes::default() });
            self.failures.len() - 1
        });
        let failures = &mut self.failures[at];
        failures.count += 1;
        if tick.at() < failures.first.at() {
            failures.first = tick;
        }
        if tick.at() >= failures.last.at() {
            failures.last = tick;
        }
        usize::from(recipient.is_some_and(|r| failures.recipients.insert(r)))
    }

    pub fn last_delivery(&self) -> Option<DateTime> {
        self.last_delivery.map(|tick| tick.time(self.number).at)
    }

    /// The causes with so many failures.
    pub fn loud(&self, least: u32) -> impl Iterator<Item = Cause> {
        self.failures.iter().filter(move |f| f.count >= least).map(|f| f.cause)
    }
}

impl Tick {
    /// The slot of its day that a time is in, and where in it.
    pub fn of(time: Time) -> (i32, Tick) {
        let clock = time.at.time();
        let second = clock.hour() as u32 * 3600 + clock.minute() as u32 * 60 + clock.second() as u32;
        let (slot, second) = (second / u32::from(SLOT), second % u32::from(SLOT));
        let zone = time.offset.map_or(NO_ZONE, Offset::seconds);
        (slot as i32, Tick { second: second as u16, nanosecond: clock.subsec_nanosecond() as u32, zone })
    }

    /// What is told apart by order.
    pub fn at(self) -> (u16, u32) {
        (self.second, self.nanosecond)
    }

    /// The time that it is in a slot.
    pub fn time(self, slot: i32) -> Time {
        let second = i64::from(slot) * i64::from(SLOT) + i64::from(self.second);
        let at = BEGIN.checked_add(SignedDuration::new(second, self.nanosecond as i32));
        Time { at: at.unwrap_or(BEGIN), offset: Offset::from_seconds(self.zone).ok() }
    }
}

impl Old {
    pub fn counts(&self, cause: Cause) -> Counts {
        let failed = self.failures.iter().find(|(known, _)| *known == cause).map_or(0, |(_, count)| *count);
        Counts { failed, attempts: self.attempts }
    }

    /// Adds the counts of a slot.
    pub fn absorb(&mut self, slot: &Slot) {
        self.attempts = self.attempts.saturating_add(slot.attempts);
        self.last_delivery = self.last_delivery.max(slot.last_delivery());
        for f in &slot.failures {
            match self.failures.iter_mut().find(|(cause, _)| *cause == f.cause) {
                Some((_, count)) => *count = count.saturating_add(f.count),
                None => self.failures.push((f.cause, f.count)),
            }
        }
    }
}

impl Failures {
    /// Drops hashes that are too common; gives how many stay.
    pub fn thin(&mut self, rarity: u32) -> usize {
        self.recipients.retain(|hash| hash.trailing_zeros() >= rarity);
        self.recipients.len()
    }
}

impl Counts {
    pub fn add(&mut self, other: Counts) {
        self.failed = self.failed.saturating_add(other.failed);
        self.attempts = self.attempts.saturating_add(other.attempts);
    }

    pub fn share(self) -> f64 {
        f64::from(self.failed) / f64::from(self.attempts.max(1))
    }
}

pub fn first_slot(date: Date) -> i32 {
    let days = date.duration_since(BEGIN.date()).as_hours() / 24;
    days as i32 * DAY
}
