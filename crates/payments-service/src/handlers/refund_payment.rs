//! `POST /payments/{id}/refund`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use chassis::{
    Caller, Within,
    http::Body,
    problem::{Answer, Problem, codes},
};
use identity::{Role, scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::PaymentBody;
use crate::{
    cashier::{Cashier, Wanted},
    domain::{Payment, PaymentId},
    idempotency::{Asked, Idempotency, IdempotencyKey, Recorded},
};

/// How much to give back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundPayment {
    /// In minor units of the payment's currency; everything that is left when not given.
    #[schema(minimum = 1)]
    amount_minor: Option<i64>,
}

/// Gives money back, once per `Idempotency-Key`. For administrators and for the provider who was paid.
#[utoipa::path(
    tag = "payments",
    params(
        ("id" = PaymentId, Path, description = "The payment"),
        ("Idempotency-Key" = String, Header, description = "A name for this request, at most 255 characters"),
    ),
    request_body = RefundPayment,
    responses(
        (status = 200, description = "The payment, with what has been given back of it", body = PaymentBody),
        (status = 400, description = "`idempotency_key_missing`, `idempotency_key_invalid`"),
        (status = 404, description = "`not_found`: there is no such payment, or it was made to somebody else"),
        (status = 409, description = "`payment_not_refundable`, `idempotency_in_flight`"),
        (status = 422, description = "`validation_failed`, `refund_exceeds_payment`, `idempotency_key_reused`"),
    ),
    security(("bearer" = ["refunds"])),
)]
#[post("/{id}/refund")]
pub(crate) async fn refund_payment(
    caller: Caller<Within<15, scope::Refunds>>,
    cashier: Data<Cashier>,
    idempotency: Data<Idempotency>,
    id: Path<PaymentId>,
    Body(body): Body<RefundPayment>,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let key = IdempotencyKey::of(&request)?;
    let minor = body.amount_minor;
    if minor.is_some_and(|minor| minor < 1) {
        return Err(Problem::new(&codes::VALIDATION_FAILED).detail("`amount_minor` must be at least 1"));
    }
    let requested_by = caller.user_id();
    let may = |payment: &Payment| caller.has_role(Role::Admin) || payment.provider_id == requested_by;
    let payment = cashier.find(*id).await?.filter(may).ok_or_else(|| Problem::new(&codes::NOT_FOUND))?;

    // Zero stands for "everything", which no amount can be.
    let fingerprint =
        idempotency.fingerprint(&[payment.id.0.as_bytes(), &minor.unwrap_or_default().to_be_bytes()]);
    let asked = Asked { caller: requested_by, operation: "refund", key, fingerprint };
    let wanted = Wanted { payment_id: payment.id, minor, requested_by };
    idempotency.once(&asked, async |reservation| cashier.refund(reservation, wanted, refunded).await).await
}

fn refunded(payment: &Payment) -> Answer<Recorded> {
    Recorded::json(&PaymentBody::from(payment))
}
