//! `POST /appointments`

use std::time::Duration;

use actix_web::{HttpResponse, http::header::LOCATION, post, web::Data};
use chassis::{
    Caller,
    http::Body,
    problem::{Answer, Problem, codes},
};
use identity::{Clock, scope};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::AppointmentBody;
use crate::{
    calendar::Calendar,
    domain::{Appointment, OfferingId, Status},
    metrics::Bookings,
    payments::{NoPayment, Payments},
};

/// When to try again after payments-service could not be had.
const PAUSE: Duration = Duration::from_secs(5);

/// What to book.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Book {
    offering_id: OfferingId,
    /// The beginning of a slot of the offering (RFC 3339).
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
}

/// Books a slot. What costs something is held until `hold_expires_at` and confirmed when `payment_id` is paid.
#[utoipa::path(
    tag = "appointments",
    request_body = Book,
    responses(
        (status = 201, description = "The appointment", body = AppointmentBody),
        (status = 404, description = "`not_found`: there is no such offering at present"),
        (status = 409, description = "`slot_taken`"),
        (status = 422, description = "`outside_opening_hours`, `not_a_slot` or `in_the_past`"),
        (status = 503, description = "`unavailable`: no payment could be prepared, and nothing was booked"),
    ),
    security(("bearer" = ["appointments"])),
)]
#[post("")]
pub(crate) async fn book(
    caller: Caller<scope::Appointments>,
    calendar: Data<Calendar>,
    payments: Data<Payments>,
    bookings: Data<Bookings>,
    clock: Data<dyn Clock>,
    Body(body): Body<Book>,
) -> Answer<HttpResponse> {
    let booked = hold_and_charge(&caller, &calendar, &payments, &body).await;
    bookings.count(&booked);
    let appointment = booked?;
    let location = (LOCATION, format!("/appointments/{}", appointment.id));
    Ok(HttpResponse::Created().insert_header(location).json(AppointmentBody::at(clock.now(), appointment)))
}

/// The time is taken first and the payment asked for afterwards, outside of any transaction: whoever loses the race
/// for the time never sees a payment, and nobody waits for payments-service with a calendar in hand. Should this
/// end between the two, the hold ends by itself.
async fn hold_and_charge(
    caller: &Caller<scope::Appointments>,
    calendar: &Calendar,
    payments: &Payments,
    body: &Book,
) -> Answer<Appointment> {
    let appointment = calendar.book(caller.user_id(), body.offering_id, body.starts_at).await?;
    if appointment.status == Status::Confirmed {
        return Ok(appointment);
    }
    match payments.intent(caller.token(), &appointment).await {
        Ok(payment) => calendar.attach_payment(appointment.id, payment).await,
        Err(error) => {
            match calendar.abandon(appointment.id).await {
                // Only the answer was lost, and it has been paid for already.
                Ok(appointment) if appointment.status == Status::Confirmed => return Ok(appointment),
                Ok(_) => {}
                Err(problem) => {
                    tracing::warn!(appointment_id = %appointment.id, %problem, "a hold is left to expire");
                }
            }
            if matches!(error, NoPayment::NotInForce) {
                let challenge = r#"Bearer error="invalid_token""#;
                return Err(Problem::new(&codes::UNAUTHENTICATED).challenge(challenge).cause(error));
            }
            let detail = "payments cannot be taken at this moment; nothing was booked";
            Err(Problem::new(&codes::UNAVAILABLE).detail(detail).retry_after(PAUSE).cause(error))
        }
    }
}
