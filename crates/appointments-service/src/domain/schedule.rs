//! What is offered: opening hours cut into slots, on the wall first and then in time.
//!
//! A slot lies within one interval of opening hours, a whole number of lengths after its beginning, and its first
//! and last second must be shown by the clock with just its length between them. So where clocks are set forward
//! nothing that would touch the skipped time is offered, and where they are set back the repeated time is offered
//! once, the first time. Slots of one offering never overlap, because on the wall they do not.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::DateTime};

use super::{Interval, OpeningHours, Refusal, Span, Zone};

/// Opening hours where they hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule<'p> {
    /// When it is open.
    pub(crate) hours: &'p OpeningHours,
    /// By whose clocks.
    pub(crate) zone: &'p Zone,
}

impl Schedule<'_> {
    /// The slots of `minutes` that begin within `range`, in order.
    pub(crate) fn slots(&self, range: Span, minutes: u32) -> impl Iterator<Item = Span> + '_ {
        let (first, last) = (self.zone.wall(range.starts_at).date(), self.zone.wall(range.ends_at).date());
        first
            .series(1.day())
            .take_while(move |date| *date <= last)
            .flat_map(move |date| {
                let midnight = date.to_datetime(jiff::civil::Time::midnight());
                let begins = self.hours.on(date.weekday()).flat_map(move |hours| begins(hours, minutes));
                begins.filter_map(move |minute| self.resolve(later(midnight, minute)?, minutes))
            })
            .filter(move |slot| range.starts_at <= slot.starts_at && slot.starts_at < range.ends_at)
    }

    /// The slot of `minutes` that begins at `starts_at`.
    pub(crate) fn slot_at(&self, starts_at: Timestamp, minutes: u32) -> Result<Span, Refusal> {
        let wall = self.zone.wall(starts_at);
        let minute = u32::from(wall.hour().unsigned_abs()) * 60 + u32::from(wall.minute().unsigned_abs());
        let around = |hours: &Interval| hours.from <= minute && minute + minutes <= hours.until;
        let hours = self.hours.on(wall.weekday()).find(around).ok_or(Refusal::OutsideOpeningHours)?;
        let whole = wall.second() == 0 && wall.subsec_nanosecond() == 0;
        if !whole || !(minute - hours.from).is_multiple_of(minutes) {
            return Err(Refusal::NotASlot);
        }
        let slot = self.resolve(wall, minutes).filter(|slot| slot.starts_at == starts_at);
        slot.ok_or(Refusal::OutsideOpeningHours)
    }

    /// The slot that the wall clock shows from `wall` on, if it shows all of it without a jump.
    fn resolve(&self, wall: DateTime, minutes: u32) -> Option<Span> {
        let second = SignedDuration::from_secs(1);
        let length = SignedDuration::from_mins(i64::from(minutes));
        let starts_at = self.zone.first_showing(wall)?;
        let last_second = self.zone.first_showing(wall.checked_add(length - second).ok()?)?;
        let ends_at = last_second.checked_add(second).ok()?;
        (ends_at.duration_since(starts_at) == length).then_some(Span { starts_at, ends_at })
    }
}

/// The slots of which nothing is taken by `busy`, which are in order and do not overlap, and which begin after `now`.
pub(crate) fn free(
    slots: impl Iterator<Item = Span>,
    busy: &[Span],
    now: Timestamp,
) -> impl Iterator<Item = Span> {
    slots.filter(move |slot| {
        let next = busy.partition_point(|taken| taken.ends_at <= slot.starts_at);
        slot.starts_at > now && !busy.get(next).is_some_and(|taken| taken.overlaps(slot))
    })
}

/// The minutes of the day at which slots begin.
fn begins(hours: Interval, minutes: u32) -> impl Iterator<Item = u32> {
    let fits = (hours.until - hours.from) / minutes;
    (0..fits).map(move |count| hours.from + count * minutes)
}

fn later(midnight: DateTime, minutes: u32) -> Option<DateTime> {
    midnight.checked_add(SignedDuration::from_mins(i64::from(minutes))).ok()
}
