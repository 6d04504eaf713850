//! `GET /providers/{id}/slots`

use actix_web::{
    get,
    web::{Data, Json, Path, Query},
};
use chassis::{
    database::Database,
    problem::{Answer, Problem, codes},
};
use identity::{Clock, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    domain::{OfferingId, Span, free, window},
    store::{appointments, offerings, providers},
};

/// Which slots are wanted.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SlotsQuery {
    /// What is to be booked.
    offering: OfferingId,
    /// The first instant at which a slot may begin (RFC 3339), or the first day on the provider's calendar
    /// (`YYYY-MM-DD`). Now, when left out.
    #[param(example = "2030-06-03")]
    from: Option<String>,
    /// The instant before which slots begin, or the last day on the provider's calendar. A week after `from` when left
    /// out, 31 days after it at most.
    #[param(example = "2030-06-07")]
    to: Option<String>,
}

/// When an offering can be booked.
#[derive(Serialize, ToSchema)]
pub(crate) struct FreeSlots {
    offering_id: OfferingId,
    /// The provider's time zone, to show the slots by its clocks.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// In order, and without overlap. Wall times that the provider's clocks skip or show twice are not offered, or
    /// offered once.
    slots: Vec<Slot>,
}

/// A time that can be booked.
#[derive(Serialize, ToSchema)]
pub(crate) struct Slot {
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// The slots of an offering that are free.
#[utoipa::path(
    tag = "providers",
    params(("id" = UserId, Path, description = "The provider"), SlotsQuery),
    responses(
        (status = 200, description = "The slots", body = FreeSlots),
        (status = 404, description = "`not_found`: the provider has no such offering at present"),
        (status = 422, description = "`validation_failed`: `from` and `to` make no window of at most 31 days"),
    ),
)]
#[get("/{id}/slots")]
pub(crate) async fn list_slots(
    database: Data<Database>,
    clock: Data<dyn Clock>,
    id: Path<UserId>,
    query: Query<SlotsQuery>,
) -> Answer<Json<FreeSlots>> {
    let unknown = || Problem::new(&codes::NOT_FOUND);
    let mut connection = database.read().await?;
    let provider = providers::find(&mut connection, *id).await?.ok_or_else(unknown)?;
    let offering = offerings::find(&mut connection, query.offering).await?;
    let offering = offering.filter(|offering| offering.active && offering.provider_id == provider.id);
    let offering = offering.ok_or_else(unknown)?;

    let now = clock.now();
    let asked = window(query.from.as_deref(), query.to.as_deref(), &provider.zone, now)?;
    let ahead = Span { starts_at: asked.starts_at.max(now), ends_at: asked.ends_at.max(now) };
    let busy = appointments::busy(&mut connection, provider.id, ahead, now).await?;
    let schedule = provider.schedule();
    let slots = free(schedule.slots(ahead, offering.terms.minutes), &busy, now);
    let slots = slots.map(|Span { starts_at, ends_at }| Slot { starts_at, ends_at }).collect();
    Ok(Json(FreeSlots { offering_id: offering.id, time_zone: provider.zone.name().to_owned(), slots }))
}
