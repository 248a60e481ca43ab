//! Adds up what went out in a piece of a log before it is counted: most of a
//! log is deliveries to few providers in one second. It must not know lines.

use jiff::civil::{Date, DateTime};

use super::tally::widen;
use crate::catalogue::Speaker;
use crate::input::time::Time;

/// The deliveries of a piece.
#[derive(Default)]
pub struct Deliveries<'p> {
    pub count: usize,
    pub first: Option<Time>,
    pub last: Option<Time>,
    /// By where they went to and when.
    pub to: Vec<Delivered<'p>>,
    /// The latest place in [`Deliveries::to`] of a provider's number.
    places: Vec<Option<u32>>,
    /// The half hour that these places are of.
    half: Option<(Date, i8, bool)>,
    time: Option<Time>,
}

/// Deliveries to one provider in the same half hour.
pub struct Delivered<'p> {
    /// Who is behind the host, if that is known.
    pub provider: Option<Speaker>,
    pub host: &'p str,
    /// When the last was delivered.
    pub last: Time,
    pub count: u32,
}

impl<'p> Deliveries<'p> {
    /// Counts a delivery to a host.
    pub fn add(&mut self, time: Option<Time>, host: &'p str, provider: Option<Speaker>) {
        self.count += 1;
        let Some(time) = time else { return };
        if self.time != Some(time) {
            self.take_time(time);
        }
        let place = provider.map_or(self.to.len(), |provider| self.place(provider));
        match self.to.get_mut(place) {
            Some(known) => {
                known.count += 1;
                known.last = if known.last.at < time.at { time } else { known.last };
            }
            None => self.to.push(Delivered { provider, host, last: time, count: 1 }),
        }
    }

    fn take_time(&mut self, time: Time) {
        widen(&mut self.first, &mut self.last, Some(time));
        self.time = Some(time);
        let half = Some(half_hour(time.at));
        if self.half != half {
            self.half = half;
            self.places.clear();
        }
    }

    /// The place of a provider; behind all where it is new.
    fn place(&mut self, provider: Speaker) -> usize {
        let number = usize::from(provider.number);
        if number >= self.places.len() {
            self.places.resize(number + 1, None);
        }
        *self.places[number].get_or_insert(self.to.len() as u32) as usize
    }
}

fn half_hour(at: DateTime) -> (Date, i8, bool) {
    (at.date(), at.hour(), at.minute() >= 30)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn deliveries_to_a_provider_are_added_up_within_a_half_hour() {
        let provider = Catalogue::built_in().speakers().next();
        let time = |clock: &str| Time::parse(&format!("2026-11-21T{clock}Z"), 2026);
        let mut deliveries = Deliveries::default();
        for (clock, provider) in
            [("10:00:00", provider), ("10:29:59", provider), ("10:01:00", None), ("10:01:00", None), ("10:30:00", provider)]
        {
            deliveries.add(time(clock), "mx.example.com", provider);
        }
        deliveries.add(None, "mx.example.com", provider);
        let counts: Vec<_> = deliveries.to.iter().map(|to| (to.count, Some(to.last), to.provider.is_some())).collect();
        let expected =
            [(2, time("10:29:59"), true), (1, time("10:01:00"), false), (1, time("10:01:00"), false), (1, time("10:30:00"), true)];
        assert_eq!(counts, expected);
        assert_eq!((deliveries.count, deliveries.first, deliveries.last), (6, time("10:00:00"), time("10:30:00")));
    }
}
