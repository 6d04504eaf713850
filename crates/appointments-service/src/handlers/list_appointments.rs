//! `GET /appointments`

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use chassis::{
    Caller,
    database::Database,
    page::{Page, PageQuery},
    problem::Answer,
};
use identity::{Clock, scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::AppointmentBody;
use crate::{domain::Party, store::appointments};

/// Which appointments are wanted.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AppointmentsQuery {
    /// Those one has booked, or those that others have booked with one.
    #[serde(default, rename = "as")]
    #[param(inline, default = "customer")]
    role: As,
    /// The `next` of the page before; left out for the first page.
    after: Option<String>,
    /// How many items at most, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// As what one takes part.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum As {
    #[default]
    Customer,
    Provider,
}

/// One's own appointments, latest booked first.
#[utoipa::path(
    tag = "appointments",
    params(AppointmentsQuery),
    responses((status = 200, description = "A page of appointments", body = Page<AppointmentBody>)),
    security(("bearer" = ["appointments"])),
)]
#[get("")]
pub(crate) async fn list_appointments(
    caller: Caller<scope::Appointments>,
    database: Data<Database>,
    clock: Data<dyn Clock>,
    query: Query<AppointmentsQuery>,
) -> Answer<Json<Page<AppointmentBody>>> {
    let AppointmentsQuery { role, after, limit } = query.into_inner();
    let wanted = PageQuery::new(after, limit);
    let party = match role {
        As::Customer => Party::Customer,
        As::Provider => Party::Provider,
    };
    let (after, limit) = (wanted.after_id()?, wanted.limit()?);
    let page = appointments::page(&database, caller.user_id(), party, after, limit).await?;
    let now = clock.now();
    Ok(Json(page.map(|appointment| AppointmentBody::at(now, appointment))))
}
