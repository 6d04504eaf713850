//! `POST /payments/{id}/confirm`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use chassis::{
    Caller, Within,
    http::Body,
    problem::{Answer, Problem, codes},
    trace,
};
use identity::scope;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{PaymentBody, card_text::CardText};
use crate::{
    cashier::Cashier,
    domain::{CardNumber, Failure, Payment, PaymentId, State},
    idempotency::{Asked, Idempotency, IdempotencyKey, Recorded},
    problems,
};

/// The card to charge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmPayment {
    /// Its number, with or without gaps. Never stored. The sandbox's cards: 4242424242424242 pays,
    /// 4000000000000002 is declined, 4000000000009995 lacks the money, 4000000000000077 pays and 4000000000000341
    /// fails after some time.
    #[schema(value_type = String, example = "4242424242424242")]
    card_number: CardText,
}

/// Pays, once per `Idempotency-Key`. A card that needs time leaves the payment `processing`; a declined one leaves
/// it as it was, so that another can be tried.
#[utoipa::path(
    tag = "payments",
    params(
        ("id" = PaymentId, Path, description = "The payment"),
        ("Idempotency-Key" = String, Header, description = "A name for this request, at most 255 characters"),
    ),
    request_body = ConfirmPayment,
    responses(
        (status = 200, description = "The payment, succeeded or processing", body = PaymentBody),
        (status = 400, description = "`idempotency_key_missing`, `idempotency_key_invalid`"),
        (status = 402, description = "`card_declined`, `insufficient_funds`, `processing_error`: nothing was taken"),
        (status = 404, description = "`not_found`: there is no such payment of the caller's"),
        (status = 409, description = "`payment_not_confirmable`, `idempotency_in_flight`"),
        (status = 422, description = "`validation_failed`, `card_unknown`, `idempotency_key_reused`"),
    ),
    security(("bearer" = ["payments"])),
)]
#[post("/{id}/confirm")]
pub(crate) async fn confirm_payment(
    caller: Caller<Within<15, scope::Payments>>,
    cashier: Data<Cashier>,
    idempotency: Data<Idempotency>,
    id: Path<PaymentId>,
    Body(body): Body<ConfirmPayment>,
    request: HttpRequest,
) -> Answer<HttpResponse> {
    let key = IdempotencyKey::of(&request)?;
    let card = body.card()?;
    if !cashier.accepts(&card) {
        return Err(Problem::new(&problems::CARD_UNKNOWN).detail("use one of the test cards"));
    }
    let own = cashier.find(*id).await?.filter(|payment| payment.customer_id == caller.user_id());
    let payment = own.ok_or_else(|| Problem::new(&codes::NOT_FOUND))?;

    trace::set("signet.payment.id", payment.id.0);
    let fingerprint = idempotency.fingerprint(&[payment.id.0.as_bytes(), card.expose().as_bytes()]);
    let asked = Asked { caller: caller.user_id(), operation: "confirm", key, fingerprint };
    idempotency
        .once(&asked, async |reservation| cashier.confirm(reservation, payment.id, &card, confirmed).await)
        .await
}

impl ConfirmPayment {
    fn card(&self) -> Answer<CardNumber> {
        CardNumber::parse(&self.card_number.0).map_err(|error| {
            Problem::new(&codes::VALIDATION_FAILED).detail(format!("`card_number` is {error}"))
        })
    }
}

/// What the customer is told of a payment after their attempt to pay it.
fn confirmed(payment: &Payment) -> Answer<Recorded> {
    let code = match payment.state {
        State::Succeeded | State::Processing { .. } => return Recorded::json(&PaymentBody::from(payment)),
        State::RequiresConfirmation { declined: Some(failure) } | State::Failed(failure) => match failure {
            Failure::CardDeclined => &problems::CARD_DECLINED,
            Failure::InsufficientFunds => &problems::INSUFFICIENT_FUNDS,
            Failure::ProcessingError => &problems::PROCESSING_ERROR,
        },
        // The booking has ended, and the card was declined besides.
        State::RequiresConfirmation { declined: None } | State::Cancelled => {
            &problems::PAYMENT_NOT_CONFIRMABLE
        }
    };
    Ok(Recorded::problem(&Problem::new(code).detail("nothing was taken")))
}
