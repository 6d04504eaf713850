//! The problems that only this service has, and which of them the rules' refusals are.

use chassis::problem::{Problem, codes};

use crate::domain::{Invalid, Refusal};

chassis::problem_codes! {
    SLOT_TAKEN = 409 "slot_taken" "Somebody else has that time";
    APPOINTMENT_ENDED = 409 "appointment_ended" "The appointment was cancelled or has lapsed";
    APPOINTMENT_BEGUN = 409 "appointment_begun" "The appointment has begun";
    NO_PROVIDER = 409 "no_provider" "Introduce yourself as a provider first";
    OUTSIDE_OPENING_HOURS = 422 "outside_opening_hours" "The provider is not open for all of that time";
    NOT_A_SLOT = 422 "not_a_slot" "No slot of this offering begins at that time";
    IN_THE_PAST = 422 "in_the_past" "That time is over";
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::new(match refusal {
            Refusal::InThePast => &IN_THE_PAST,
            Refusal::OutsideOpeningHours => &OUTSIDE_OPENING_HOURS,
            Refusal::NotASlot => &NOT_A_SLOT,
            Refusal::Taken => &SLOT_TAKEN,
            Refusal::Ended => &APPOINTMENT_ENDED,
            Refusal::Begun => &APPOINTMENT_BEGUN,
        })
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::new(&codes::VALIDATION_FAILED).detail(invalid.0)
    }
}
