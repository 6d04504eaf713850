//! An appointment as its two parties see it.

use identity::UserId;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Appointment, AppointmentId, OfferingId, Status};

/// A booked slot, on the terms under which it was booked.
#[derive(Serialize, ToSchema)]
#[schema(as = Appointment)]
pub(crate) struct AppointmentBody {
    id: AppointmentId,
    provider_id: UserId,
    customer_id: UserId,
    offering_id: OfferingId,
    /// What the offering was called.
    offering_name: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    status: Status,
    /// In minor units of the currency, such as cents; 0 is free.
    price_minor: i64,
    /// ISO 4217.
    currency: &'static str,
    /// What to pay with payments-service; null when it is free.
    payment_id: Option<Uuid>,
    /// Until when it must be paid; null when nothing is to be paid any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    hold_expires_at: Option<Timestamp>,
    /// Until when cancelling gives back the whole price.
    #[schema(value_type = String, format = DateTime)]
    free_cancellation_until: Timestamp,
    /// How much of the price cancelling gives back after that, in percent.
    late_refund_percent: u8,
    /// What is given back of the price, in minor units; null when nothing was paid or nothing happened to it.
    refund_minor: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl AppointmentBody {
    /// The appointment as it stands at `now`.
    pub(crate) fn at(now: Timestamp, appointment: Appointment) -> Self {
        Self {
            status: appointment.status_at(now),
            id: appointment.id,
            provider_id: appointment.provider_id,
            customer_id: appointment.customer_id,
            offering_id: appointment.offering_id,
            offering_name: appointment.offering_name.as_str().to_owned(),
            starts_at: appointment.time.starts_at,
            ends_at: appointment.time.ends_at,
            price_minor: appointment.price.minor,
            currency: appointment.price.currency.as_str(),
            payment_id: appointment.payment_id,
            hold_expires_at: appointment.hold_expires_at,
            free_cancellation_until: appointment.terms.free_until,
            late_refund_percent: appointment.terms.policy.late_refund_percent,
            refund_minor: appointment.refund_minor,
            created_at: appointment.created_at,
            updated_at: appointment.updated_at,
        }
    }
}
