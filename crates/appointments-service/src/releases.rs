//! Telling payments-service that a booking has ended: through the outbox, so that it learns of every end that was
//! committed and of no other, and in this service's own name, because no user stands behind it.

use std::error::Error;

use chassis::{
    Ambient,
    client::{IssuerClient, OwnToken},
    database::{self, Transaction},
    outbox::{self, Deliver, Event},
    rpc, trace,
};
use identity::{RequiredScope, scope, uuid_v7};
use jiff::Timestamp;
use prost::Message;
use tonic::{
    Code,
    transport::{self, Channel},
};
use url::Url;
use wire::payments::v1::{ReleaseRequest, releases_client::ReleasesClient};

use crate::{domain::Release, payments::AUDIENCE};

/// The kind of message in the outbox.
const TOPIC: &str = "release";
/// What the method is called in traces.
const METHOD: &str = "signet.payments.v1.Releases/Release";

/// Puts `release` into the outbox as part of `transaction`.
pub(crate) async fn enqueue(
    transaction: &mut Transaction,
    ambient: &Ambient,
    release: &Release,
    now: Timestamp,
) -> database::Result<()> {
    let request = ReleaseRequest {
        appointment_id: release.appointment_id.to_string(),
        refund_minor: release.refund_minor,
        reason: release.reason.to_owned(),
    };
    let id = uuid_v7(ambient.clock.as_ref(), ambient.entropy.as_ref());
    outbox::enqueue(transaction, id, TOPIC, request.encode_to_vec(), now).await
}

/// Brings releases to payments-service.
pub(crate) struct Releases {
    client: ReleasesClient<Channel>,
    token: OwnToken,
}

impl Releases {
    /// Connects when first used.
    pub(crate) fn connect(
        url: &Url,
        issuer: IssuerClient,
        ambient: &Ambient,
    ) -> Result<Self, transport::Error> {
        let token = OwnToken::new(issuer, AUDIENCE, scope::PaymentsRelease::NAME, ambient.clock.clone());
        Ok(Self { client: ReleasesClient::new(rpc::connect(url)?), token })
    }
}

impl Deliver for Releases {
    async fn deliver(&self, event: &Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        let request = match ReleaseRequest::decode(event.payload.as_slice()) {
            Ok(request) if event.topic == TOPIC => request,
            _ => {
                tracing::error!(id = %event.id, topic = event.topic, "the outbox holds what nobody can deliver");
                return Ok(());
            }
        };
        let appointment_id = request.appointment_id.clone();
        let release = |request| {
            let mut client = self.client.clone();
            trace::call(METHOD, request, |request| async move { client.release(request).await })
        };
        match self.token.call(request, release).await {
            Ok(_) => Ok(()),
            // It will not think otherwise later.
            Err(status) if matches!(status.code(), Code::InvalidArgument | Code::NotFound) => {
                tracing::error!(appointment_id, %status, "payments-service cannot take a release");
                Ok(())
            }
            Err(status) => Err(status.into()),
        }
    }
}
