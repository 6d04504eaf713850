//! `GET /payments/{id}`

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use chassis::{
    Caller,
    problem::{Answer, Problem, codes},
};
use identity::scope;

use super::PaymentBody;
use crate::{cashier::Cashier, domain::PaymentId};

/// A payment, for the customer who pays it and for the provider who is paid.
#[utoipa::path(
    tag = "payments",
    params(("id" = PaymentId, Path, description = "The payment")),
    responses(
        (status = 200, description = "The payment", body = PaymentBody),
        (status = 404, description = "`not_found`: there is no such payment, or it is none of the caller's business"),
    ),
    security(("bearer" = ["payments"])),
)]
#[get("/{id}")]
pub(crate) async fn read_payment(
    caller: Caller<scope::Payments>,
    cashier: Data<Cashier>,
    id: Path<PaymentId>,
) -> Answer<Json<PaymentBody>> {
    let user = caller.user_id();
    let concerned = cashier.find(*id).await?.filter(|payment| payment.concerns(user));
    let payment = concerned.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?;
    Ok(Json(PaymentBody::from(&payment)))
}
