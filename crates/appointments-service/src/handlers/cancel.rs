//! `POST /appointments/{id}/cancel`

use actix_web::{
    post,
    web::{Data, Json, Path},
};
use chassis::{Caller, problem::Answer};
use identity::{Clock, scope};

use super::AppointmentBody;
use crate::{calendar::Calendar, domain::AppointmentId};

/// Calls off an appointment that one has booked, or that was booked with one. Customers get back what was agreed when
/// they booked, and everything when it is the provider who cancels. Doing it again changes nothing.
#[utoipa::path(
    tag = "appointments",
    params(("id" = AppointmentId, Path, description = "The appointment")),
    responses(
        (status = 200, description = "The appointment as it is now", body = AppointmentBody),
        (status = 404, description = "`not_found`, which somebody else's is too"),
        (status = 409, description = "`appointment_ended` or `appointment_begun`"),
    ),
    security(("bearer" = ["appointments"])),
)]
#[post("/{id}/cancel")]
pub(crate) async fn cancel(
    caller: Caller<scope::Appointments>,
    calendar: Data<Calendar>,
    clock: Data<dyn Clock>,
    id: Path<AppointmentId>,
) -> Answer<Json<AppointmentBody>> {
    let appointment = calendar.cancel(caller.user_id(), *id).await?;
    Ok(Json(AppointmentBody::at(clock.now(), appointment)))
}
