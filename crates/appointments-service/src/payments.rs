//! Asking payments-service for the payment of a booking, in the name of whoever books.

use std::{sync::Arc, time::Duration};

use chassis::{rpc, trace};
use identity::Entropy;
use tonic::{
    Code, Request, Status,
    metadata::{Ascii, MetadataValue, errors::InvalidMetadataValue},
    transport::{self, Channel},
};
use url::Url;
use uuid::Uuid;
use wire::payments::v1::{CreateIntentRequest, intents_client::IntentsClient};

use crate::domain::Appointment;

/// What the method is called in traces.
const METHOD: &str = "signet.payments.v1.Intents/Create";

/// The payments-service, for bookings. Clones share a connection.
#[derive(Clone)]
pub(crate) struct Payments {
    intents: IntentsClient<Channel>,
    timeout: Duration,
    entropy: Arc<dyn Entropy>,
}

/// Why there is no payment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPayment {
    #[error("payments-service did not answer in time")]
    TimedOut,
    #[error("payments-service refuses")]
    Refused(#[source] Box<Status>),
    #[error("payments-service answers with an id that is none")]
    Unreadable(#[from] uuid::Error),
    #[error("the token cannot be passed on")]
    Token(#[from] InvalidMetadataValue),
}

impl Payments {
    /// Connects when first used.
    pub(crate) fn connect(
        url: &Url,
        timeout: Duration,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, transport::Error> {
        Ok(Self { intents: IntentsClient::new(rpc::connect(url)?), timeout, entropy })
    }

    /// The payment for `appointment`, made on the first call and found again on every other. The caller's `token`
    /// goes along: payments-service sees for itself who is to pay.
    pub(crate) async fn intent(&self, token: &str, appointment: &Appointment) -> Result<Uuid, NoPayment> {
        let expires_at = appointment.hold_expires_at.unwrap_or(appointment.time.starts_at);
        let order = CreateIntentRequest {
            appointment_id: appointment.id.to_string(),
            provider_id: appointment.provider_id.to_string(),
            amount_minor: appointment.price.minor,
            currency: appointment.price.currency.as_str().to_owned(),
            description: appointment.offering_name.as_str().to_owned(),
            expires_at: expires_at.as_second(),
        };
        let mut bearer: MetadataValue<Ascii> = format!("Bearer {token}").parse()?;
        bearer.set_sensitive(true);

        trace::set("signet.appointment.id", appointment.id.0);
        let create = async || {
            let mut request = Request::new(order.clone());
            request.metadata_mut().insert("authorization", bearer.clone());
            trace::call(METHOD, request, async |request| self.intents.clone().create(request).await).await
        };
        // Payments are found by their appointment: asking twice makes one.
        let answer = rpc::again(self.timeout, self.entropy.as_ref(), create).await;
        let intent = answer.map_err(|status| match status.code() {
            Code::DeadlineExceeded => NoPayment::TimedOut,
            _ => NoPayment::Refused(Box::new(status)),
        })?;
        Ok(intent.into_inner().payment_id.parse()?)
    }
}
