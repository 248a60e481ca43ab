//! Calls out a provider that turned against us: a burst of one cause where mail
//! went through before. Attempts are counted in slots of half an hour by
//! provider, so that memory is bounded and the order of files does not matter;
//! bursts are looked for at the end. It must not know formats or output.

mod slots;

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, DateTime};

use super::deliveries::Delivered;
use super::ruling::Ruling;
use super::tally::{Sighting, domain_of_host};
use crate::catalogue::{Cause, Speaker};
use crate::hash::{Itself, Seeded};
use crate::input::time::Time;
use crate::input::{Direction, Kind};
use slots::{Counts, DAY, Failures, Old, Slot, Tick, first_slot};

/// Failing attempts that make a burst; fewer happen to any sender by chance.
const LEAST: u32 = 20;
/// Their share of the attempts to the provider: most of the mail is hit.
const SHARE: f64 = 0.5;
/// Times the share before: a provider that always refuses much did not turn.
const TIMES: f64 = 5.0;
/// A burst goes on while the cause keeps this share, so that a quarter of an
/// hour with some luck does not cut it in two.
const HOT: f64 = 0.25;
/// Failures of a cause in a slot that may be half of a burst: of two slots one
/// has half.
const LOUD: u32 = LEAST / 2;
/// Slots without attempts that a burst survives: queues wait that long (four
/// hours) before they try again.
const MOST_GAP: i32 = 8;
/// Providers kept, slots and causes in them, 1.5 MB at the most: a day of a
/// hundred providers that refuse mail for two causes all the time.
const MOST_ROWS: usize = 15_000;
/// Slots that stay when old ones make room: two days.
const FRESH: i32 = 2 * DAY;
/// Recipients kept by hash, half a megabyte; beyond, one in two, four, … is kept.
const MOST_HASHES: usize = 15_000;
/// Alarms given; who has more has one trouble at home, not many abroad.
const MOST_ALARMS: usize = 10;

/// A burst of one cause at one provider.
pub struct Alarm {
    pub provider: String,
    pub cause: Cause,
    pub since: Time,
    /// The last failing attempt.
    pub last: Time,
    pub attempts: u32,
    pub recipients: usize,
    /// The recipients are an estimate.
    pub estimated: bool,
    /// Share of the attempts to the provider meanwhile.
    pub share: f64,
    /// The share before; `None` where nothing went there before.
    pub share_before: Option<f64>,
    /// Nothing was delivered to the provider after it.
    pub going_on: bool,
}

/// Counts attempts by provider, cause and time.
#[derive(Default)]
pub struct Watch {
    providers: Vec<Provider>,
    /// Places in [`Watch::providers`] by the hash of the name.
    names: HashMap<u64, u32, Itself>,
    seed: Seeded,
    /// The same by the number of the provider that a host is known to be of.
    known: Vec<Option<u32>>,
    /// Providers, slots and causes in them.
    rows: usize,
    hashes: usize,
    /// Only hashes with so many zeros at the end are kept.
    rarity: u32,
    /// Something was delivered somewhere: the input is no extract of failures,
    /// of which shares would tell nothing.
    delivered: bool,
    /// The day last seen with its first slot: lines side by side share it.
    today: Option<(Date, i32)>,
}

#[derive(Default)]
struct Provider {
    name: Box<str>,
    /// In order.
    slots: Vec<Slot>,
    /// Sums of the slots that made room.
    old: Option<Box<Old>>,
}

impl Watch {
    /// Counts a record, if it is the outcome of an attempt at a known time.
    pub fn add(&mut self, seen: &Sighting<'_>, ruling: &Ruling) {
        let outcome = seen.kind == Kind::Attempt && seen.direction == Direction::Out;
        let Some(time) = seen.time.filter(|_| outcome) else { return };
        let Some(host) = seen.host() else { return };
        if seen.delivered {
            return self.deliver(&Delivered { provider: seen.provider, host, last: time, count: 1 });
        }
        let Some(place) = self.place(seen.provider, host) else { return };
        let (number, tick) = self.slot_of(time);
        let hash = seen.person.filter(|h| h.trailing_zeros() >= self.rarity);
        let slot = self.slot(place, number);
        slot.attempts += 1;
        if turns(ruling.cause) {
            let causes = slot.failures.len();
            let hashes = slot.fail(ruling.cause, tick, hash);
            let causes = slot.failures.len() - causes;
            (self.hashes, self.rows) = (self.hashes + hashes, self.rows + causes);
        }
        self.make_room(number);
    }

    /// Counts what went out to one provider.
    pub fn deliver(&mut self, to: &Delivered<'_>) {
        let Some(place) = self.place(to.provider, to.host) else { return };
        let (number, tick) = self.slot_of(to.last);
        let slot = self.slot(place, number);
        slot.attempts += to.count;
        if slot.last_delivery.is_none_or(|last| last.at() < tick.at()) {
            slot.last_delivery = Some(tick);
        }
        self.delivered = true;
        self.make_room(number);
    }

    /// The slot of this number of the provider at a place.
    fn slot(&mut self, place: usize, number: i32) -> &mut Slot {
        let provider = &mut self.providers[place];
        let at = provider.place_of(number).unwrap_or_else(|at| {
            if provider.slots.len() == provider.slots.capacity() {
                // Most providers get little mail.
                provider.slots.reserve_exact(1 + provider.slots.len() / 2);
            }
            provider.slots.insert(at, Slot { number, ..Slot::default() });
            self.rows += 1;
            at
        });
        &mut provider.slots[at]
    }

    /// The place of the provider that got the attempt: by the relay, else by
    /// the recipient's domain, whoever's words the reply holds, so that
    /// deliveries and failures come together.
    fn place(&mut self, provider: Option<Speaker>, host: &str) -> Option<usize> {
        let Some(provider) = provider else {
            let name = domain_of_host(host);
            return (!name.is_empty()).then(|| self.named(name, str::to_ascii_lowercase));
        };
        let number = usize::from(provider.number);
        if let Some(Some(place)) = self.known.get(number) {
            return Some(*place as usize);
        }
        let place = self.named(provider.name(), str::to_string);
        self.known.resize(self.known.len().max(number + 1), None);
        self.known[number] = Some(place as u32);
        Some(place)
    }

    /// The place of the provider of this name; `write` gives the name of a new one.
    fn named(&mut self, name: &str, write: impl Fn(&str) -> String) -> usize {
        let next = self.providers.len() as u32;
        let place = *self.names.entry(self.seed.ignoring_case(name.as_bytes())).or_insert(next);
        if place == next {
            self.providers.push(Provider { name: write(name).into(), ..Provider::default() });
            self.rows += 1;
        }
        place as usize
    }

    fn slot_of(&mut self, time: Time) -> (i32, Tick) {
        let date = time.at.date();
        let first = match self.today {
            Some((today, first)) if today == date => first,
            _ => first_slot(date),
        };
        self.today = Some((date, first));
        let (slot, tick) = Tick::of(time);
        (first + slot, tick)
    }

    /// Keeps within the bounds: recipients by sampling, slots by adding up the
    /// old ones, quiet ones first.
    fn make_room(&mut self, now: i32) {
        while self.hashes > MOST_HASHES {
            self.rarity += 1;
            let rarity = self.rarity;
            self.hashes = self.failures().map(|f| f.thin(rarity)).sum();
        }
        if self.rows <= MOST_ROWS {
            return;
        }
        self.fold(|slot| slot.number < now - FRESH && is_quiet(slot));
        if self.rows > MOST_ROWS / 4 * 3 {
            let mut numbers: Vec<i32> = self.slots().map(|slot| slot.number).collect();
            let middle = numbers.len() / 2;
            let median = *numbers.select_nth_unstable(middle).1;
            self.fold(|slot| slot.number < median);
        }
        if self.rows > MOST_ROWS / 4 * 3 {
            self.fold(is_quiet);
        }
        if self.rows > MOST_ROWS / 4 * 3 {
            let mut attempts: Vec<u32> = self.slots().map(|slot| slot.attempts).collect();
            let middle = attempts.len() / 2;
            let median = *attempts.select_nth_unstable(middle).1;
            self.fold(|slot| slot.attempts <= median);
        }
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.providers.iter().flat_map(|p| &p.slots)
    }

    fn failures(&mut self) -> impl Iterator<Item = &mut Failures> {
        self.providers.iter_mut().flat_map(|p| &mut p.slots).flat_map(|slot| &mut slot.failures)
    }

    fn fold(&mut self, is_old: impl Fn(&Slot) -> bool) {
        for Provider { slots, old, .. } in &mut self.providers {
            slots.iter().filter(|slot| is_old(slot)).for_each(|slot| old.get_or_insert_default().absorb(slot));
            slots.retain(|slot| !is_old(slot));
            slots.shrink_to_fit();
        }
        self.providers.retain(|p| !p.slots.is_empty());
        self.names = (0..).zip(&self.providers).map(|(place, p)| (self.seed.ignoring_case(p.name.as_bytes()), place)).collect();
        self.known.clear();
        self.rows = self.providers.len() + self.slots().map(|slot| 1 + slot.failures.len()).sum::<usize>();
        self.hashes = self.failures().map(|f| f.recipients.len()).sum();
    }

    /// The bursts, those that go on first, then the largest.
    pub fn alarms(&self) -> Vec<Alarm> {
        if !self.delivered {
            return Vec::new();
        }
        let mut all: Vec<Alarm> = self.providers.iter().flat_map(|p| p.alarms(self.rarity)).collect();
        all.sort_by(|a, b| (b.going_on, b.attempts, &a.provider).cmp(&(a.going_on, a.attempts, &b.provider)));
        all.truncate(MOST_ALARMS);
        all
    }
}

impl Provider {
    /// The place of the slot of this number, or where it belongs.
    fn place_of(&self, number: i32) -> Result<usize, usize> {
        // Logs are in order.
        match self.slots.last() {
            Some(last) if last.number == number => Ok(self.slots.len() - 1),
            _ => self.slots.binary_search_by_key(&number, |slot| slot.number),
        }
    }

    fn alarms(&self, rarity: u32) -> Vec<Alarm> {
        let mut causes: Vec<Cause> = self.slots.iter().flat_map(|slot| slot.loud(LOUD)).collect();
        causes.sort_by_key(Cause::id);
        causes.dedup_by_key(|c| c.id());
        let mut found = Vec::new();
        for cause in causes {
            let mut before = self.old.as_ref().map_or(Counts::default(), |old| old.counts(cause));
            let mut at = 0;
            while at < self.slots.len() {
                if let Some(length) = burst(&self.slots[at..], cause, before) {
                    found.extend(self.alarm(cause, &self.slots[at..at + length], before, rarity));
                    at += length;
                } else {
                    before.add(self.slots[at].counts(cause));
                    at += 1;
                }
            }
        }
        found
    }

    fn alarm(&self, cause: Cause, slots: &[Slot], before: Counts, rarity: u32) -> Option<Alarm> {
        let failures = || slots.iter().filter_map(|slot| Some((slot.number, slot.of(cause)?)));
        let since = failures().map(|(slot, f)| f.first.time(slot)).min_by_key(|t| t.at)?;
        let last = failures().map(|(slot, f)| f.last.time(slot)).max_by_key(|t| t.at)?;
        let recipients: HashSet<u64> = failures().flat_map(|(_, f)| f.recipients.iter()).collect();
        Some(Alarm {
            provider: self.name.to_string(),
            cause,
            since,
            last,
            attempts: failures().map(|(_, f)| f.count).sum(),
            recipients: recipients.len() << rarity,
            estimated: rarity > 0,
            share: sum(slots, cause).share(),
            share_before: (before.attempts > 0).then(|| before.share()),
            going_on: self.last_delivery().is_none_or(|d| d <= last.at),
        })
    }

    fn last_delivery(&self) -> Option<DateTime> {
        self.slots.iter().filter_map(Slot::last_delivery).chain(self.old.as_ref().and_then(|old| old.last_delivery)).max()
    }
}

/// How many slots the burst takes that begins with the first, if one does.
fn burst(slots: &[Slot], cause: Cause, before: Counts) -> Option<usize> {
    let first = slots.first()?;
    let beside = slots.get(1).filter(|next| next.number == first.number + 1);
    let own = first.counts_at_start(cause);
    let mut window = own;
    beside.iter().for_each(|slot| window.add(slot.counts(cause)));
    let begins = own.failed > 0 && own.share() >= HOT;
    if !begins || window.failed < LEAST || window.share() < SHARE || window.share() < TIMES * before.share() {
        return None;
    }
    let mut last = first.number;
    let goes_on = |slot: &&Slot| {
        let near = slot.number - last <= MOST_GAP;
        last = slot.number;
        near && slot.counts(cause).share() >= HOT
    };
    let more = slots[1..].iter().take_while(goes_on).count();
    Some(1 + more.max(usize::from(beside.is_some())))
}

fn sum(slots: &[Slot], cause: Cause) -> Counts {
    let mut sum = Counts::default();
    slots.iter().enumerate().for_each(|(at, slot)| sum.add(if at == 0 { slot.counts_at_start(cause) } else { slot.counts(cause) }));
    sum
}

fn is_quiet(slot: &Slot) -> bool {
    slot.loud(LOUD).next().is_none()
}

/// Causes by which a provider can turn against a sender: not those of single
/// addresses and dead domains (a bad list does that), and not greylisting,
/// which meets all strangers and ends by itself.
fn turns(cause: Cause) -> bool {
    !matches!(cause.family(), "ok" | "recipient" | "domain") && cause.id() != "greylisted"
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::ruling::Judge;
    use super::slots::NO_ZONE;
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::input::Record;
    use crate::scan::hashes::Hashes;

    const LIMITED: &str = "421 4.7.28 rate limit exceeded, try again later";
    const NO_USER: &str = "550 5.1.1 User unknown";

    struct Log {
        judge: Judge,
        watch: Watch,
        people: u32,
    }

    impl Log {
        fn new() -> Log {
            Log { judge: Judge::new(Catalogue::built_in(), None), watch: Watch::default(), people: 0 }
        }

        /// So many attempts, one each second from `start` on.
        fn add(&mut self, start: &str, count: u32, host: &str, text: &str) {
            let start: DateTime = start.parse().unwrap();
            for second in 0..count {
                self.people += 1;
                let at = start.checked_add(jiff::Span::new().seconds(second)).unwrap();
                let record = Record {
                    relay: Some(Cow::Borrowed(host)),
                    recipient: Some(Cow::Owned(format!("user{}@example.com", self.people))),
                    status: Some(Cow::Borrowed(if text.starts_with('2') { "sent" } else { "deferred" })),
                    text: Cow::Borrowed(text),
                    ..Record::default()
                };
                let ruling = self.judge.rule(&record);
                let seen = Sighting::of(&record, &ruling, Some(Time { at, offset: None }));
                self.watch.add(&seen, &ruling);
            }
        }

        fn told(&self) -> Vec<(String, &'static str, String, u32, usize, bool)> {
            let one = |a: Alarm| (a.provider, a.cause.id(), a.since.to_string(), a.attempts, a.recipients, a.going_on);
            self.watch.alarms().into_iter().map(one).collect()
        }
    }

    const MX: &str = "mx1.example.com";

    #[test]
    fn a_provider_that_turned_is_called_out_until_it_takes_mail_again() {
        let mut log = Log::new();
        log.add("2026-11-21T10:00", 500, MX, "250 ok");
        log.add("2026-11-21T14:25", 20, MX, "250 ok");
        log.add("2026-11-21T14:27", 40, MX, LIMITED);
        log.add("2026-11-21T15:05", 30, "mx2.example.com", LIMITED);
        let burst = ("example.com".to_string(), "rate-limited", "2026-11-21T14:27:00".to_string(), 70, 70);
        let with = |going_on| (burst.0.clone(), burst.1, burst.2.clone(), burst.3, burst.4, going_on);
        assert_eq!(log.told(), [with(true)]);
        log.add("2026-11-21T18:00", 1, MX, "250 ok");
        assert_eq!(log.told(), [with(false)]);
    }

    #[test]
    fn deliveries_and_failures_of_a_provider_come_together() {
        let mut log = Log::new();
        log.add("2026-11-21T10:00", 100, "gmail-smtp-in.l.google.com", "250 ok");
        log.add("2026-11-21T12:00", 30, "alt1.gmail-smtp-in.l.google.com", LIMITED);
        let alarms = log.watch.alarms();
        assert_eq!(alarms.len(), 1);
        assert!(alarms[0].provider.contains("Gmail") && alarms[0].share_before == Some(0.0));
    }

    #[test]
    fn what_is_usual_few_or_about_addresses_is_no_alarm() {
        let mut log = Log::new();
        log.add("2026-11-21T10:00", 10, MX, "250 ok");
        log.add("2026-11-21T10:01", 10, MX, LIMITED);
        log.add("2026-11-21T12:00", 40, MX, LIMITED);
        assert_eq!(log.told(), [], "half of it failed before");
        let mut log = Log::new();
        log.add("2026-11-21T10:00", 100, MX, "250 ok");
        log.add("2026-11-21T12:00", LEAST - 1, MX, LIMITED);
        log.add("2026-11-21T16:00", 100, MX, NO_USER);
        assert_eq!(log.told(), []);
    }

    #[test]
    fn an_extract_of_failures_tells_no_shares() {
        let mut log = Log::new();
        log.add("2026-11-21T12:00", 100, MX, LIMITED);
        assert_eq!(log.told(), []);
        log.add("2026-11-21T12:00", 1, "mx.example.net", "250 ok");
        assert_eq!(log.told().len(), 1, "nothing before at a provider counts as nothing failed");
    }

    #[test]
    fn a_burst_survives_that_old_slots_make_room() {
        let mut log = Log::new();
        log.add("2026-11-01T10:00", 100, MX, "250 ok");
        log.add("2026-11-01T12:00", 50, MX, LIMITED);
        log.add("2026-11-21T12:00", 1, MX, "250 ok");
        let rows = log.watch.rows;
        log.watch.fold(is_quiet);
        assert!(log.watch.rows < rows);
        assert_eq!(log.told().len(), 1);
        log.watch.fold(|_| true);
        assert_eq!((log.watch.rows, log.watch.hashes, log.told().len()), (0, 0, 0));
    }

    #[test]
    fn many_busy_providers_at_one_time_make_room() {
        let cause = Catalogue::built_in().cause("rate-limited").unwrap();
        let tick = Tick { second: 0, nanosecond: 0, zone: NO_ZONE };
        let mut watch = Watch::default();
        while watch.rows <= MOST_ROWS {
            let failures = vec![Failures { cause, count: LEAST, first: tick, last: tick, recipients: Hashes::default() }];
            let slot = Slot { attempts: LEAST, failures, ..Slot::default() };
            watch.providers.push(Provider { name: watch.rows.to_string().into(), slots: vec![slot], ..Provider::default() });
            watch.rows += 3;
        }
        watch.make_room(0);
        assert!(watch.rows < MOST_ROWS / 4 * 3);
    }

    #[test]
    fn many_recipients_are_estimated() {
        let mut log = Log::new();
        log.add("2026-11-21T10:00", 10, MX, "250 ok");
        log.add("2026-11-21T12:00", 1500, MX, LIMITED);
        log.watch.rarity = 2;
        log.watch.failures().for_each(|f| assert!(f.thin(2) > 0));
        let alarm = &log.watch.alarms()[0];
        assert!(alarm.estimated && (1200..1800).contains(&alarm.recipients), "{}", alarm.recipients);
    }
}
