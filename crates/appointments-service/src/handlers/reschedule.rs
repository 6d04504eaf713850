//! `POST /appointments/{id}/reschedule`

use actix_web::{
    post,
    web::{Data, Json, Path},
};
use chassis::{Caller, http::Body, problem::Answer};
use identity::{Clock, scope};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::AppointmentBody;
use crate::{calendar::Calendar, domain::AppointmentId};

/// When it is to take place instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reschedule {
    /// The beginning of another slot as long as the appointment (RFC 3339).
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
}

/// Moves an appointment that one has booked, or that was booked with one. Price, status and payment stay.
#[utoipa::path(
    tag = "appointments",
    params(("id" = AppointmentId, Path, description = "The appointment")),
    request_body = Reschedule,
    responses(
        (status = 200, description = "The appointment as it is now", body = AppointmentBody),
        (status = 404, description = "`not_found`, which somebody else's is too"),
        (status = 409, description = "`slot_taken`, `appointment_ended` or `appointment_begun`"),
        (status = 422, description = "`outside_opening_hours`, `not_a_slot` or `in_the_past`"),
    ),
    security(("bearer" = ["appointments"])),
)]
#[post("/{id}/reschedule")]
pub(crate) async fn reschedule(
    caller: Caller<scope::Appointments>,
    calendar: Data<Calendar>,
    clock: Data<dyn Clock>,
    id: Path<AppointmentId>,
    Body(body): Body<Reschedule>,
) -> Answer<Json<AppointmentBody>> {
    let appointment = calendar.reschedule(caller.user_id(), *id, body.starts_at).await?;
    Ok(Json(AppointmentBody::at(clock.now(), appointment)))
}
