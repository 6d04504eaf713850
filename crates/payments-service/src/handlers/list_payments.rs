//! `GET /payments`

use actix_web::{
    get,
    web::{Data, Json, Query},
};
use chassis::{
    Caller,
    page::{Page, PageQuery},
    problem::Answer,
};
use identity::scope;

use super::PaymentBody;
use crate::cashier::Cashier;

/// What one pays and has paid oneself, newest first.
#[utoipa::path(
    tag = "payments",
    params(PageQuery),
    responses((status = 200, description = "A page of payments", body = Page<PaymentBody>)),
    security(("bearer" = ["payments"])),
)]
#[get("")]
pub(crate) async fn list_payments(
    caller: Caller<scope::Payments>,
    cashier: Data<Cashier>,
    query: Query<PageQuery>,
) -> Answer<Json<Page<PaymentBody>>> {
    let page = cashier.page(caller.user_id(), query.after_id()?, query.limit()?).await?;
    Ok(Json(page.map(|payment| PaymentBody::from(&payment))))
}
