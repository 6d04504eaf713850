//! `GET /appointments/{id}`

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use chassis::{Caller, problem::Answer};
use identity::{Clock, scope};

use super::AppointmentBody;
use crate::{calendar::Calendar, domain::AppointmentId};

/// An appointment that one has booked, or that was booked with one.
#[utoipa::path(
    tag = "appointments",
    params(("id" = AppointmentId, Path, description = "The appointment")),
    responses(
        (status = 200, description = "The appointment", body = AppointmentBody),
        (status = 404, description = "`not_found`, which somebody else's is too"),
    ),
    security(("bearer" = ["appointments"])),
)]
#[get("/{id}")]
pub(crate) async fn read_appointment(
    caller: Caller<scope::Appointments>,
    calendar: Data<Calendar>,
    clock: Data<dyn Clock>,
    id: Path<AppointmentId>,
) -> Answer<Json<AppointmentBody>> {
    let appointment = calendar.read(caller.user_id(), *id).await?;
    Ok(Json(AppointmentBody::at(clock.now(), appointment)))
}
