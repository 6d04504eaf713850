//! `POST /providers/me/offerings`

use actix_web::{HttpResponse, post, web::Data};
use chassis::{
    Ambient, Caller,
    database::Database,
    http::Body,
    problem::{Answer, Problem},
};
use identity::scope;

use super::{OfferingBody, TermsBody};
use crate::{
    domain::{Offering, OfferingId},
    problems::NO_PROVIDER,
    store::{offerings, providers},
};

/// Offers something new.
#[utoipa::path(
    tag = "providers",
    request_body = TermsBody,
    responses(
        (status = 201, description = "The offering", body = OfferingBody),
        (status = 409, description = "`no_provider`: put /providers/me first"),
        (status = 422, description = "`validation_failed`: a value is not acceptable"),
    ),
    security(("bearer" = ["schedule"])),
)]
#[post("/me/offerings")]
pub(crate) async fn create_offering(
    caller: Caller<scope::Schedule>,
    database: Data<Database>,
    ambient: Data<Ambient>,
    Body(body): Body<TermsBody>,
) -> Answer<HttpResponse> {
    let terms = body.parse()?;
    let provider = providers::find(&mut database.read().await?, caller.user_id()).await?;
    let provider = provider.ok_or_else(|| Problem::new(&NO_PROVIDER))?;
    let now = ambient.clock.now();
    let offering = Offering {
        id: OfferingId::generate(ambient.clock.as_ref(), ambient.entropy.as_ref()),
        provider_id: provider.id,
        terms,
        active: body.active,
        created_at: now,
        updated_at: now,
    };
    let offering = offerings::insert(&database, &offering).await?;
    Ok(HttpResponse::Created().json(OfferingBody::from(offering)))
}
