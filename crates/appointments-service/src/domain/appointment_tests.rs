//! Every way an appointment can go.

use identity::{SystemClock, SystemEntropy, UserId};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Appointment, AppointmentId, CancellationPolicy, Name, Offering, OfferingId, OpeningHours, Outcome, Party,
    Price, Provider, Refusal, Span,
    Status::{Cancelled, Confirmed, Lapsed, PendingPayment},
    Terms, Zone,
};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const PAYMENT: Uuid = Uuid::from_u128(7);

fn booked_at() -> Timestamp {
    "2030-06-03T08:00:00Z".parse().unwrap()
}

fn hour_at(starts_at: Timestamp) -> Span {
    Span { starts_at, ends_at: starts_at + 60 * MINUTE }
}

/// Booked two days ahead: free to cancel until a day before, half of it back after that.
fn booked(price_minor: i64, starts_at: Timestamp) -> Appointment {
    let (clock, entropy) = (SystemClock, SystemEntropy);
    let policy = CancellationPolicy { free_until_hours: 24, late_refund_percent: 50 };
    let provider = Provider {
        id: UserId::generate(&clock, &entropy),
        name: Name::parse("Ada").unwrap(),
        zone: Zone::parse("Europe/Berlin").unwrap(),
        hours: OpeningHours::default(),
        cancellation: policy,
        created_at: booked_at(),
        updated_at: booked_at(),
    };
    let offering = Offering {
        id: OfferingId::generate(&clock, &entropy),
        provider_id: provider.id,
        terms: Terms::parse("Haircut", 60, Price::parse(price_minor, "EUR").unwrap()).unwrap(),
        active: true,
        created_at: booked_at(),
        updated_at: booked_at(),
    };
    let (id, customer) = (AppointmentId::generate(&clock, &entropy), UserId::generate(&clock, &entropy));
    Appointment::book(id, customer, (&provider, &offering), hour_at(starts_at), 10 * MINUTE, booked_at())
}

fn priced() -> Appointment {
    booked(3000, booked_at() + 48 * 60 * MINUTE)
}

fn free() -> Appointment {
    booked(0, booked_at() + 48 * 60 * MINUTE)
}

fn confirmed() -> Appointment {
    let mut appointment = priced();
    assert_eq!(appointment.settle(PAYMENT, Outcome::Succeeded, true, booked_at() + MINUTE), None);
    appointment
}

#[test]
fn what_costs_is_held_and_what_is_free_is_confirmed() {
    let appointment = priced();
    assert_eq!(appointment.status, PendingPayment);
    assert_eq!(appointment.hold_expires_at, Some(booked_at() + 10 * MINUTE));
    let soon = booked_at() + 3 * MINUTE;
    assert_eq!(booked(3000, soon).hold_expires_at, Some(soon), "nothing is held beyond its beginning");
    assert_eq!((free().status, free().hold_expires_at), (Confirmed, None));
}

#[test]
fn a_payment_confirms_once() {
    let mut appointment = confirmed();
    assert_eq!((appointment.status, appointment.payment_id), (Confirmed, Some(PAYMENT)));
    assert_eq!(appointment.hold_expires_at, None);
    let before = appointment.clone();
    for outcome in [Outcome::Succeeded, Outcome::Cancelled] {
        assert_eq!(appointment.settle(PAYMENT, outcome, false, booked_at() + 5 * MINUTE), None);
    }
    assert_eq!(appointment, before);
}

#[test]
fn an_expired_hold_has_lapsed_before_anybody_notes_it() {
    let mut appointment = priced();
    let expiry = booked_at() + 10 * MINUTE;
    assert_eq!(appointment.status_at(expiry - MINUTE), PendingPayment);
    assert_eq!(appointment.status_at(expiry), Lapsed);
    assert_eq!(appointment.cancel(Party::Customer, expiry), Err(Refusal::Ended));
    assert_eq!(appointment.reschedule(Party::Customer, appointment.time, expiry), Err(Refusal::Ended));
    assert_eq!(confirmed().status_at(expiry), Confirmed);
}

#[test]
fn a_late_payment_revives_or_comes_back_whole() {
    let late = booked_at() + 11 * MINUTE;
    let lapsed = || Appointment { status: Lapsed, ..priced() };
    let mut revived = lapsed();
    assert_eq!(revived.settle(PAYMENT, Outcome::Succeeded, true, late), None);
    assert_eq!(revived.status, Confirmed);

    let mut beaten = lapsed();
    assert_eq!(beaten.settle(PAYMENT, Outcome::Succeeded, false, late).unwrap().refund_minor, 3000);
    assert_eq!((beaten.status, beaten.refund_minor), (Lapsed, Some(3000)));
    assert_eq!(beaten.settle(PAYMENT, Outcome::Succeeded, true, late), None, "given back once only");

    let mut over = lapsed();
    let begun = over.time.starts_at;
    assert_eq!(over.settle(PAYMENT, Outcome::Succeeded, true, begun).unwrap().refund_minor, 3000);
}

#[test]
fn what_was_paid_in_vain_cannot_be_given_back_again() {
    let mut appointment = priced();
    let release = appointment.settle(PAYMENT, Outcome::Succeeded, false, booked_at()).unwrap();
    assert_eq!((release.refund_minor, appointment.status), (3000, Lapsed));
    assert_eq!(appointment.cancel(Party::Customer, booked_at()), Err(Refusal::Ended));
}

#[test]
fn a_payment_that_will_not_come_ends_the_hold() {
    let mut appointment = priced();
    assert_eq!(appointment.settle(PAYMENT, Outcome::Cancelled, true, booked_at() + MINUTE), None);
    assert_eq!(appointment.status, Lapsed);
}

#[test]
fn cancelling_gives_back_what_was_agreed() {
    let day_before = priced().time.starts_at - 24 * 60 * MINUTE;
    for (by, now, refund) in [
        (Party::Customer, day_before, 3000),
        (Party::Customer, day_before + MINUTE, 1500),
        (Party::Provider, day_before + MINUTE, 3000),
    ] {
        let mut appointment = confirmed();
        assert_eq!(appointment.cancel(by, now).unwrap().unwrap().refund_minor, refund);
        assert_eq!((appointment.status, appointment.refund_minor), (Cancelled, Some(refund)));
        assert_eq!(appointment.cancel(by, now), Ok(None), "a second time changes nothing");
    }
}

#[test]
fn cancelling_what_is_free_tells_nobody() {
    let mut appointment = free();
    assert_eq!(appointment.cancel(Party::Customer, booked_at()), Ok(None));
    assert_eq!((appointment.status, appointment.refund_minor), (Cancelled, None));
}

#[test]
fn a_payment_on_its_way_to_what_was_cancelled_comes_back_whole() {
    let mut appointment = priced();
    let release = appointment.cancel(Party::Customer, booked_at() + MINUTE).unwrap().unwrap();
    assert_eq!((release.refund_minor, appointment.refund_minor), (3000, None));
    let release = appointment.settle(PAYMENT, Outcome::Succeeded, true, booked_at() + 2 * MINUTE);
    assert_eq!(release, None, "all of it was released already");
    assert_eq!((appointment.status, appointment.refund_minor), (Cancelled, Some(3000)));
}

#[test]
fn nothing_comes_of_a_booking_that_failed() {
    let mut appointment = priced();
    assert_eq!(appointment.abandon(booked_at()).unwrap().refund_minor, 3000);
    assert_eq!(appointment.status, Cancelled);
    assert_eq!(appointment.settle(PAYMENT, Outcome::Succeeded, true, booked_at() + MINUTE), None);
    assert_eq!(appointment.status, Cancelled);
    assert_eq!(confirmed().abandon(booked_at()), None);
}

#[test]
fn what_has_begun_stays_as_it_is() {
    let mut appointment = confirmed();
    let begun = appointment.time.starts_at;
    assert_eq!(appointment.cancel(Party::Provider, begun), Err(Refusal::Begun));
    let later = hour_at(begun + 60 * MINUTE);
    assert_eq!(appointment.reschedule(Party::Provider, later, begun), Err(Refusal::Begun));
}

#[test]
fn moving_keeps_the_status_and_refuses_the_past() {
    let mut appointment = priced();
    let time = hour_at(appointment.time.starts_at + 60 * MINUTE);
    appointment.reschedule(Party::Customer, time, booked_at() + MINUTE).unwrap();
    assert_eq!((appointment.time, appointment.status), (time, PendingPayment));
    assert_eq!(appointment.terms.free_until, time.starts_at - 24 * 60 * MINUTE);
    let past = hour_at(booked_at());
    assert_eq!(appointment.reschedule(Party::Customer, past, booked_at()), Err(Refusal::InThePast));
}

#[test]
fn only_two_people_take_part() {
    let appointment = priced();
    assert_eq!(appointment.party(appointment.customer_id), Some(Party::Customer));
    assert_eq!(appointment.party(appointment.provider_id), Some(Party::Provider));
    assert_eq!(appointment.party(UserId(Uuid::nil())), None);
}

#[derive(Debug, Clone)]
enum Event {
    Cancel(bool),
    Abandon,
    Lapse,
    Settle(bool, bool),
    Move,
}

fn events() -> impl Strategy<Value = Vec<(Event, i64)>> {
    let event = prop_oneof![
        any::<bool>().prop_map(Event::Cancel),
        Just(Event::Abandon),
        Just(Event::Lapse),
        any::<(bool, bool)>().prop_map(|(paid, free)| Event::Settle(paid, free)),
        Just(Event::Move),
    ];
    prop::collection::vec((event, 0..30_i64), 0..12)
}

proptest! {
    #[test]
    fn whatever_happens_only_the_allowed_steps_are_taken(events in events(), costs: bool) {
        let mut appointment = if costs { priced() } else { free() };
        let (mut now, mut released) = (booked_at(), Vec::new());
        for (event, minutes) in events {
            now += SignedDuration::from_mins(minutes);
            let before = appointment.clone();
            let release = match event {
                Event::Cancel(by_provider) => {
                    let by = if by_provider { Party::Provider } else { Party::Customer };
                    appointment.cancel(by, now).unwrap_or(None)
                }
                Event::Abandon => appointment.abandon(now),
                Event::Lapse => {
                    appointment.status = appointment.status_at(now);
                    None
                }
                Event::Settle(paid, free) => {
                    let outcome = if paid { Outcome::Succeeded } else { Outcome::Cancelled };
                    appointment.settle(PAYMENT, outcome, free, now)
                }
                Event::Move => {
                    let time = hour_at(now + 48 * 60 * MINUTE);
                    let _ = appointment.reschedule(Party::Customer, time, now);
                    None
                }
            };
            prop_assert!(
                before.status == appointment.status
                    || matches!(
                        (before.status, appointment.status),
                        (PendingPayment, Confirmed | Lapsed | Cancelled) | (Confirmed, Cancelled) | (Lapsed, Confirmed)
                    ),
                "{} to {}", before.status, appointment.status
            );
            let paid = appointment.paid_at.is_some();
            prop_assert!(costs || (release.is_none() && !paid));
            prop_assert!(!costs || appointment.status != Confirmed || paid, "nothing is confirmed unpaid");
            prop_assert!(appointment.status == PendingPayment || appointment.status == Lapsed
                || appointment.hold_expires_at.is_none());
            released.extend(release.map(|release| release.refund_minor));
            prop_assert!(released.len() <= 1, "{released:?}: the first release is final");
            prop_assert!(released.iter().all(|refund| (0..=appointment.price.minor).contains(refund)));
            prop_assert!(!paid || appointment.status == Confirmed || released.len() == 1, "money without an end");
            prop_assert!(!paid || appointment.status != Lapsed || released == [appointment.price.minor]);
            prop_assert!(appointment.status != Cancelled || !costs || released.len() == 1);
        }
    }
}
