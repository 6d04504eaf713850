//! A payment as callers see it.

use identity::UserId;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{AppointmentId, Failure, LastFour, Payment, PaymentId, Status};

/// Money that a customer owes a provider for a booking.
#[derive(Serialize, ToSchema)]
#[schema(as = Payment)]
pub(crate) struct PaymentBody {
    id: PaymentId,
    appointment_id: AppointmentId,
    /// Who pays.
    customer_id: UserId,
    /// Who is paid.
    provider_id: UserId,
    /// In minor units of the currency: 1999 of EUR are € 19.99.
    #[schema(minimum = 1, example = 1999)]
    amount_minor: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    description: String,
    status: Status,
    /// Why the last attempt took no money.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_code: Option<Failure>,
    /// Of the card that was used last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "4242")]
    card_last_four: Option<String>,
    /// How much of the amount has been given back.
    refunded_minor: i64,
    /// Cannot be paid from then on.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<&Payment> for PaymentBody {
    fn from(payment: &Payment) -> Self {
        Self {
            id: payment.id,
            appointment_id: payment.appointment_id,
            customer_id: payment.customer_id,
            provider_id: payment.provider_id,
            amount_minor: payment.amount.minor(),
            currency: payment.amount.currency().to_string(),
            description: payment.description.clone(),
            status: payment.state.status(),
            failure_code: payment.failure(),
            card_last_four: payment.card.as_ref().map(LastFour::to_string),
            refunded_minor: payment.refunded_minor,
            expires_at: payment.expires_at,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}
