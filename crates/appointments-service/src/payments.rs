//! Asking payments-service for the payment of a booking: for whoever books, by a token that says that we do.

use std::{sync::Arc, time::Duration};

use chassis::{client::IssuerClient, rpc, trace};
use identity::{Entropy, RequiredScope, scope};
use secrecy::ExposeSecret;
use tonic::{
    Code, Request, Status,
    transport::{self, Channel},
};
use url::Url;
use uuid::Uuid;
use wire::payments::v1::{CreateIntentRequest, intents_client::IntentsClient};

use crate::domain::Appointment;

/// What the method is called in traces.
const METHOD: &str = "signet.payments.v1.Intents/Create";

/// What tokens call payments-service (`aud`).
pub(crate) const AUDIENCE: &str = "payments";

/// The payments-service, for bookings. Clones share a connection.
#[derive(Clone)]
pub(crate) struct Payments {
    intents: IntentsClient<Channel>,
    issuer: IssuerClient,
    timeout: Duration,
    entropy: Arc<dyn Entropy>,
}

/// Why there is no payment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPayment {
    #[error("the token has ended on the way")]
    NotInForce,
    #[error("the issuer and payments-service did not answer in time")]
    TimedOut,
    #[error("the issuer or payments-service refuses")]
    Refused(#[source] Box<Status>),
    #[error("payments-service answers with an id that is none")]
    Unreadable(#[from] uuid::Error),
}

impl Payments {
    /// Connects when first used.
    pub(crate) fn connect(
        url: &Url,
        issuer: IssuerClient,
        timeout: Duration,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, transport::Error> {
        Ok(Self { intents: IntentsClient::new(rpc::connect(url)?), issuer, timeout, entropy })
    }

    /// The payment for `appointment`, made on the first call and found again on every other. The issuer gives
    /// us a token for the caller's: it says who is to pay and that we ask, and is good there and for that alone.
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
        trace::set("signet.appointment.id", appointment.id.0);
        let create = async || {
            let granted = self.issuer.exchange(token, AUDIENCE, scope::Payments::NAME).await?;
            let mut request = Request::new(order.clone());
            request
                .metadata_mut()
                .insert("authorization", rpc::bearer(granted.access_token.expose_secret())?);
            trace::call(METHOD, request, async |request| self.intents.clone().create(request).await).await
        };
        // Nothing is kept of a token, and payments are found by their appointment: asking twice makes one.
        let answer = rpc::again(self.timeout, self.entropy.as_ref(), create).await;
        let intent = answer.map_err(|status| match status.code() {
            Code::DeadlineExceeded => NoPayment::TimedOut,
            // Of the token that was to be exchanged: the issuer gives it no leeway.
            Code::FailedPrecondition => NoPayment::NotInForce,
            _ => NoPayment::Refused(Box::new(status)),
        })?;
        Ok(intent.into_inner().payment_id.parse()?)
    }
}
