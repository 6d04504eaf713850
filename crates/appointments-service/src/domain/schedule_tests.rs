//! Slots on ordinary days and on those on which clocks are set.

use jiff::{SignedDuration, Timestamp, civil::DateTime};
use proptest::prelude::*;

use super::opening_hours::Hours;
use super::{Interval, OpeningHours, Refusal, Schedule, Span, Week, Zone, free};

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn minutes_of(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn every_day(hours: &[(&str, &str)]) -> OpeningHours {
    let hours: Vec<_> =
        hours.iter().map(|(from, until)| Hours { from: (*from).into(), until: (*until).into() }).collect();
    let week = Week {
        monday: hours.clone(),
        tuesday: hours.clone(),
        wednesday: hours.clone(),
        thursday: hours.clone(),
        friday: hours.clone(),
        saturday: hours.clone(),
        sunday: hours,
    };
    OpeningHours::parse(&week).unwrap()
}

/// The slots of a day as its clocks show them, with their offsets.
fn shown(zone: &Zone, hours: &OpeningHours, date: &str, minutes: u32) -> Vec<String> {
    let date: jiff::civil::Date = date.parse().unwrap();
    let named = jiff::tz::TimeZone::get(zone.name()).unwrap();
    let day = |date: jiff::civil::Date| date.to_zoned(named.clone()).unwrap().timestamp();
    let range = Span { starts_at: day(date), ends_at: day(date.tomorrow().unwrap()) };
    let schedule = Schedule { hours, zone };
    let local = |instant: Timestamp| instant.to_zoned(named.clone()).strftime("%H:%M%:z").to_string();
    schedule.slots(range, minutes).map(|slot| local(slot.starts_at)).collect()
}

#[test]
fn slots_follow_one_another_within_each_interval() {
    let hours = every_day(&[("09:00", "10:45"), ("13:10", "14:10")]);
    assert_eq!(
        shown(&zone("Europe/Berlin"), &hours, "2030-06-03", 30),
        ["09:00+02:00", "09:30+02:00", "10:00+02:00", "13:10+02:00", "13:40+02:00"]
    );
}

#[test]
fn nothing_is_offered_in_the_hour_that_is_skipped() {
    let hours = every_day(&[("01:00", "05:00")]);
    let slots = |minutes| shown(&zone("Europe/Berlin"), &hours, "2030-03-31", minutes);
    assert_eq!(slots(60), ["01:00+01:00", "03:00+02:00", "04:00+02:00"]);
    // 01:45 to 02:30 would end at a time that no clock shows.
    assert_eq!(slots(45), ["01:00+01:00", "03:15+02:00", "04:00+02:00"]);
}

#[test]
fn the_hour_that_is_repeated_is_offered_once() {
    let hours = every_day(&[("01:00", "04:00")]);
    let slots = |minutes| shown(&zone("Europe/Berlin"), &hours, "2030-10-27", minutes);
    assert_eq!(slots(60), ["01:00+02:00", "02:00+02:00", "03:00+01:00"]);
    // 02:30 to 04:00 on the wall takes two and a half hours.
    assert_eq!(slots(90), ["01:00+02:00"]);
    let new_york = shown(&zone("America/New_York"), &hours, "2030-11-03", 60);
    assert_eq!(new_york, ["01:00-04:00", "02:00-05:00", "03:00-05:00"]);
}

#[test]
fn half_an_hour_is_skipped_and_repeated_on_lord_howe() {
    let (lord_howe, hours) = (zone("Australia/Lord_Howe"), every_day(&[("01:00", "03:00")]));
    assert_eq!(shown(&lord_howe, &hours, "2030-10-06", 30), ["01:00+10:30", "01:30+10:30", "02:30+11:00"]);
    assert_eq!(
        shown(&lord_howe, &hours, "2030-04-07", 30),
        ["01:00+11:00", "01:30+11:00", "02:00+10:30", "02:30+10:30"]
    );
}

#[test]
fn a_day_that_never_was_offers_nothing() {
    let (apia, hours) = (zone("Pacific/Apia"), every_day(&[("00:00", "24:00")]));
    let noon = |text: &str| apia.first_showing(text.parse().unwrap()).unwrap();
    let range = Span { starts_at: noon("2011-12-29T12:00"), ends_at: noon("2011-12-31T12:00") };
    let slots: Vec<_> = Schedule { hours: &hours, zone: &apia }.slots(range, 60).collect();
    assert_eq!(slots.len(), 24);
    assert!(slots.windows(2).all(|pair| pair[0].ends_at == pair[1].starts_at));
}

#[test]
fn a_day_ends_at_midnight_even_when_that_is_skipped() {
    let hours = every_day(&[("22:00", "24:00")]);
    let slots = shown(&zone("America/Sao_Paulo"), &hours, "2018-11-03", 60);
    assert_eq!(slots, ["22:00-03:00", "23:00-03:00"]);
}

#[test]
fn a_time_that_is_no_slot_is_refused_with_the_reason() {
    let (berlin, hours) = (zone("Europe/Berlin"), every_day(&[("09:00", "10:00"), ("10:00", "12:00")]));
    let schedule = Schedule { hours: &hours, zone: &berlin };
    let at = |text: &str| schedule.slot_at(text.parse().unwrap(), 45).map(|slot| slot.ends_at.to_string());
    assert_eq!(at("2030-06-03T11:00+02:00"), Err(Refusal::NotASlot));
    assert_eq!(at("2030-06-03T10:45+02:00").as_deref(), Ok("2030-06-03T09:30:00Z"));
    assert_eq!(at("2030-06-03T10:45:01+02:00"), Err(Refusal::NotASlot));
    for outside in ["2030-06-03T08:59+02:00", "2030-06-03T09:30+02:00", "2030-06-03T11:30+02:00"] {
        assert_eq!(at(outside), Err(Refusal::OutsideOpeningHours), "{outside}");
    }
}

#[test]
fn the_second_showing_of_a_time_is_not_open() {
    let (berlin, hours) = (zone("Europe/Berlin"), every_day(&[("00:00", "24:00")]));
    let schedule = Schedule { hours: &hours, zone: &berlin };
    let at = |text: &str| schedule.slot_at(text.parse().unwrap(), 30).is_ok();
    assert!(at("2030-10-27T02:30+02:00"));
    assert!(!at("2030-10-27T02:30+01:00"));
}

const ZONES: [&str; 5] =
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata"];

fn hours() -> impl Strategy<Value = OpeningHours> {
    // Pairs of distinct minutes in order are intervals that do not overlap; most hours around the jumps at night.
    prop::collection::btree_set(0..=1440_u32, 2..10).prop_map(|minutes| {
        let minutes: Vec<_> = minutes.into_iter().collect();
        let written: Vec<_> = minutes
            .chunks_exact(2)
            .map(|pair| Hours::from(Interval { from: pair[0], until: pair[1] }))
            .map(|hours| (hours.from, hours.until))
            .collect();
        let borrowed: Vec<_> = written.iter().map(|(from, until)| (from.as_str(), until.as_str())).collect();
        every_day(&borrowed)
    })
}

/// Days around those on which one of the zones sets its clocks, and some others.
fn beginnings() -> impl Strategy<Value = Timestamp> {
    const DAYS: [&str; 7] =
        ["2030-03-31", "2030-10-27", "2030-03-10", "2030-11-03", "2030-10-06", "2030-04-07", "2030-06-03"];
    (prop::sample::select(&DAYS[..]), -2880..1440_i64).prop_map(|(day, minutes)| {
        format!("{day}T00:00:00Z").parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
    })
}

/// Whether the clock shows a minute of `hours` throughout the span, without a jump.
fn is_open(hours: &OpeningHours, zone: &Zone, span: Span) -> bool {
    let wall = |instant| -> DateTime { zone.wall(instant) };
    let (first, last) = (wall(span.starts_at), wall(span.ends_at - SignedDuration::from_secs(1)));
    let minute =
        |wall: DateTime| u32::try_from(i32::from(wall.hour()) * 60 + i32::from(wall.minute())).unwrap();
    let inside = |hours: Interval| hours.from <= minute(first) && minute(last) < hours.until;
    let took = span.ends_at.duration_since(span.starts_at);
    first.date() == last.date()
        && last.duration_since(first) + SignedDuration::from_secs(1) == took
        && hours.on(first.weekday()).any(inside)
}

proptest! {
    #[test]
    fn slots_are_open_in_order_aligned_and_free(
        name in prop::sample::select(&ZONES[..]),
        hours in hours(),
        begins in beginnings(),
        days in 0..4_i64,
        minutes in prop_oneof![Just(5_u32), Just(30), Just(45), Just(60), 5..=720_u32],
        taken in prop::collection::vec((0..5760_i64, 1..300_i64), 0..6),
        waited in 0..2880_i64,
    ) {
        let zone = zone(name);
        let schedule = Schedule { hours: &hours, zone: &zone };
        let range = Span { starts_at: begins, ends_at: begins + minutes_of(days * 1440) };
        let all: Vec<_> = schedule.slots(range, minutes).collect();

        for slot in &all {
            prop_assert_eq!(slot.ends_at.duration_since(slot.starts_at), minutes_of(i64::from(minutes)));
            prop_assert!(range.starts_at <= slot.starts_at && slot.starts_at < range.ends_at);
            prop_assert!(is_open(&hours, &zone, *slot), "{:?}", slot);
            prop_assert_eq!(schedule.slot_at(slot.starts_at, minutes), Ok(*slot));
        }
        prop_assert!(all.windows(2).all(|pair| pair[0].ends_at <= pair[1].starts_at), "in order and apart");

        let mut busy = Vec::<Span>::new();
        for (after, lasting) in taken {
            let starts_at = begins + minutes_of(after);
            let span = Span { starts_at, ends_at: starts_at + minutes_of(lasting) };
            if !busy.iter().any(|other| other.overlaps(&span)) {
                busy.push(span);
            }
        }
        busy.sort_by_key(|span| span.starts_at);
        let now = begins + minutes_of(waited);
        let offered: Vec<_> = free(all.iter().copied(), &busy, now).collect();
        let expected: Vec<_> = all.iter().copied()
            .filter(|slot| slot.starts_at > now && !busy.iter().any(|taken| taken.overlaps(slot)))
            .collect();
        prop_assert_eq!(offered, expected);
    }

    #[test]
    fn what_may_be_booked_is_what_is_offered(
        name in prop::sample::select(&ZONES[..]),
        hours in hours(),
        begins in beginnings(),
        minutes in prop_oneof![Just(5_u32), Just(30), Just(60)],
    ) {
        let zone = zone(name);
        let schedule = Schedule { hours: &hours, zone: &zone };
        let range = Span { starts_at: begins, ends_at: begins + minutes_of(1440) };
        let offered: Vec<_> = schedule.slots(range, minutes).collect();
        let every_minute = (0..1440).map(|minute| begins + minutes_of(minute));
        let bookable: Vec<_> = every_minute.filter_map(|at| schedule.slot_at(at, minutes).ok()).collect();
        prop_assert_eq!(offered, bookable);
    }
}
