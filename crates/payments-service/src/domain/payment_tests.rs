//! What can never happen to a payment, whatever happens to it.

use identity::UserId;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::{payment::NotConfirmable, *};

const AMOUNT: i64 = 1000;

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

fn payment() -> Payment {
    Payment {
        id: PaymentId(Uuid::from_u128(1)),
        appointment_id: AppointmentId(Uuid::from_u128(2)),
        customer_id: UserId(Uuid::from_u128(3)),
        provider_id: UserId(Uuid::from_u128(4)),
        amount: Money::parse(AMOUNT, "EUR".parse().unwrap()).unwrap(),
        description: "Haircut".into(),
        expires_at: at(600),
        created_at: at(0),
        updated_at: at(0),
        state: State::RequiresConfirmation { declined: None },
        charge: None,
        card: None,
        refunded_minor: 0,
    }
}

fn charge(number: u128) -> ChargeId {
    ChargeId(Uuid::from_u128(number))
}

fn begin(payment: &mut Payment, number: u128, now: Timestamp) -> Result<Begun, NotConfirmable> {
    payment.begin(charge(number), "4242".parse().unwrap(), now, now + SignedDuration::from_secs(60))
}

#[test]
fn a_declined_card_leaves_room_for_another() {
    let mut payment = payment();
    begin(&mut payment, 1, at(1)).unwrap();
    let declined = Verdict::Declined(Failure::InsufficientFunds);
    assert_eq!(payment.learn(charge(1), declined, at(2)), Some(Consequence::Nothing));
    assert_eq!(payment.state, State::RequiresConfirmation { declined: Some(Failure::InsufficientFunds) });
    assert_eq!(begin(&mut payment, 2, at(3)), Ok(Begun::Now));
    assert_eq!(payment.learn(charge(2), Verdict::Approved, at(4)), Some(Consequence::ReportSucceeded));
}

#[test]
fn one_charge_at_a_time_and_none_after_the_deadline() {
    let mut payment = payment();
    assert_eq!(begin(&mut payment, 1, at(600)), Err(NotConfirmable::Expired(at(600))));
    begin(&mut payment, 1, at(599)).unwrap();
    assert_eq!(begin(&mut payment, 2, at(599)), Err(NotConfirmable::Status(Status::Processing)));
    assert_eq!(begin(&mut payment, 1, at(599)), Ok(Begun::Before));
}

#[test]
fn what_fails_after_processing_has_failed_for_good() {
    let mut payment = payment();
    begin(&mut payment, 1, at(1)).unwrap();
    payment.learn(charge(1), Verdict::Pending { until: at(9) }, at(2)).unwrap();
    assert_eq!(payment.due_at(), Some(at(9)));
    let failed = Verdict::Failed(Failure::CardDeclined);
    assert_eq!(payment.learn(charge(1), failed, at(9)), Some(Consequence::ReportCancelled));
    assert_eq!(begin(&mut payment, 2, at(10)), Err(NotConfirmable::Status(Status::Failed)));
    assert_eq!(payment.due_at(), None);
}

#[test]
fn time_ends_what_nobody_pays_but_not_what_is_being_paid() {
    let mut unpaid = payment();
    assert!(!unpaid.expire(at(599)) && unpaid.expire(at(600)) && !unpaid.expire(at(601)));
    assert_eq!(unpaid.state, State::Cancelled);
    let mut paying = payment();
    begin(&mut paying, 1, at(599)).unwrap();
    assert!(!paying.expire(at(601)));
}

#[test]
fn a_release_gives_back_what_the_policy_says_and_never_more_than_is_left() {
    for (earlier, asked, given) in
        [(0, 400, 400), (0, 2000, 1000), (900, 400, 100), (1000, 400, 0), (0, 0, 0)]
    {
        let mut payment = Payment { state: State::Succeeded, refunded_minor: earlier, ..payment() };
        let expected = if given == 0 { Released::Nothing } else { Released::GiveBack(given) };
        assert_eq!(payment.release(asked, at(1)), expected);
        assert_eq!(payment.refunded_minor, earlier + given);
    }
    assert_eq!(payment().release(1000, at(1)), Released::Cancelled);
}

#[test]
fn money_that_comes_after_a_release_goes_back_whole() {
    let mut late = payment();
    begin(&mut late, 1, at(1)).unwrap();
    assert_eq!(late.release(0, at(2)), Released::Awaited);
    assert_eq!(late.learn(charge(1), Verdict::Approved, at(3)), Some(Consequence::GiveBack(AMOUNT)));
    assert_eq!((late.state, late.refundable()), (State::Succeeded, 0));

    let mut declined = payment();
    begin(&mut declined, 1, at(1)).unwrap();
    declined.release(0, at(2));
    declined.learn(charge(1), Verdict::Declined(Failure::CardDeclined), at(3)).unwrap();
    assert_eq!(declined.state, State::Cancelled);
}

#[test]
fn refunds_say_why_they_are_refused() {
    let mut payment = payment();
    let unpaid = NotRefundable::Status(Status::RequiresConfirmation);
    assert_eq!(payment.refund(None, at(1)), Err(unpaid));
    payment.state = State::Succeeded;
    assert_eq!(payment.refund(Some(1001), at(1)), Err(NotRefundable::Exceeds { left: 1000 }));
    assert_eq!(payment.refund(Some(0), at(1)), Err(NotRefundable::Exceeds { left: 1000 }));
    assert_eq!(payment.refund(Some(300), at(1)), Ok(300));
    assert_eq!(payment.refund(None, at(1)), Ok(700));
    assert_eq!(payment.refund(None, at(1)), Err(NotRefundable::Spent));
}

#[derive(Debug, Clone)]
enum Step {
    Begin(u128),
    Learn(u128, Verdict),
    Expire,
    Release(i64),
    Refund(Option<i64>),
}

fn step() -> impl Strategy<Value = Step> {
    let verdict = prop_oneof![
        Just(Verdict::Approved),
        Just(Verdict::Pending { until: at(700) }),
        Just(Verdict::Declined(Failure::CardDeclined)),
        Just(Verdict::Failed(Failure::CardDeclined)),
    ];
    prop_oneof![
        (0_u128..4).prop_map(Step::Begin),
        (0_u128..4, verdict).prop_map(|(number, verdict)| Step::Learn(number, verdict)),
        Just(Step::Expire),
        (0_i64..2 * AMOUNT).prop_map(Step::Release),
        proptest::option::of(1_i64..AMOUNT).prop_map(Step::Refund),
    ]
}

/// What the world has seen of one payment.
#[derive(Debug, Default)]
struct Witness {
    taken: i64,
    given_back: i64,
    reports: u32,
}

impl Witness {
    fn see(&mut self, payment: &mut Payment, step: &Step, now: Timestamp) {
        match *step {
            Step::Begin(number) => drop(begin(payment, number, now)),
            Step::Learn(number, verdict) => match payment.learn(charge(number), verdict, now) {
                Some(Consequence::ReportSucceeded) => {
                    self.taken += AMOUNT;
                    self.reports += 1;
                }
                Some(Consequence::ReportCancelled) => self.reports += 1,
                Some(Consequence::GiveBack(minor)) => {
                    (self.taken, self.given_back) = (self.taken + AMOUNT, self.given_back + minor);
                }
                Some(Consequence::Nothing) | None => {}
            },
            Step::Expire => self.reports += u32::from(payment.expire(now)),
            Step::Release(minor) => {
                if let Released::GiveBack(minor) = payment.release(minor, now) {
                    self.given_back += minor;
                }
            }
            Step::Refund(minor) => self.given_back += payment.refund(minor, now).unwrap_or(0),
        }
    }
}

proptest! {
    #[test]
    fn no_order_of_events_takes_twice_or_gives_back_more_than_was_taken(
        steps in proptest::collection::vec((step(), 0_i64..200), 0..60),
    ) {
        let (mut payment, mut witness, mut now) = (payment(), Witness::default(), at(0));
        for (step, seconds) in &steps {
            let before = payment.clone();
            now += SignedDuration::from_secs(*seconds);
            witness.see(&mut payment, step, now);

            prop_assert!(witness.taken <= AMOUNT);
            prop_assert_eq!(witness.taken, if payment.state == State::Succeeded { AMOUNT } else { 0 });
            prop_assert_eq!(witness.given_back, payment.refunded_minor);
            prop_assert!(witness.given_back <= witness.taken);
            prop_assert!(witness.reports <= 1);
            let over = before.due_at().is_none();
            prop_assert!(!over || before.state == payment.state, "{:?} is final", before.state);
        }
    }
}
