//! A service's own token for one purpose, kept while it is good.

use std::{sync::Arc, time::Duration};

use identity::Clock;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use tokio::{sync::Mutex, time::timeout};
use tonic::{
    Code, Request, Response, Status,
    metadata::{Ascii, MetadataValue},
};

use super::IssuerClient;
use crate::rpc::bearer;

/// How long getting a token may take, with all that wait for the same one.
const PATIENCE: Duration = Duration::from_secs(4);
/// No token is kept as if it lived longer: none does.
const LONGEST_LIFE: Duration = Duration::from_hours(1);

/// A token of the service's own for calls of one kind. It is asked for when first needed, by one caller while the others
/// wait, and again after four fifths of its life.
pub struct OwnToken {
    issuer: IssuerClient,
    audience: &'static str,
    scope: &'static str,
    clock: Arc<dyn Clock>,
    held: Mutex<Option<Held>>,
}

struct Held {
    bearer: MetadataValue<Ascii>,
    renew_at: Timestamp,
}

impl OwnToken {
    /// For calls of the service that tokens call `audience`.
    pub fn new(
        issuer: IssuerClient,
        audience: &'static str,
        scope: &'static str,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { issuer, audience, scope, clock, held: Mutex::new(None) }
    }

    /// Sends `message` with the token. One that is not taken, since it was revoked perhaps, is replaced and the call made
    /// once more.
    ///
    /// # Errors
    /// As `send`; `UNAVAILABLE` or `INTERNAL` when there is no token.
    pub async fn call<M, R, F>(
        &self,
        message: M,
        send: impl Fn(Request<M>) -> F,
    ) -> Result<Response<R>, Status>
    where
        M: Clone,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let first = self.bearer(None).await?;
        match send(carrying(&first, message.clone())).await {
            Err(status) if status.code() == Code::Unauthenticated => {
                let other = self.bearer(Some(&first)).await?;
                send(carrying(&other, message)).await
            }
            answer => answer,
        }
    }

    /// A token that is good, and not the one that was `refused`.
    async fn bearer(&self, refused: Option<&MetadataValue<Ascii>>) -> Result<MetadataValue<Ascii>, Status> {
        let renewed = timeout(PATIENCE, async {
            let mut held = self.held.lock().await;
            let now = self.clock.now();
            let good = held.as_ref().filter(|held| now < held.renew_at && Some(&held.bearer) != refused);
            if let Some(held) = good {
                return Ok(held.bearer.clone());
            }
            let granted = self.issuer.grant(self.audience, self.scope).await?;
            let bearer = bearer(granted.access_token.expose_secret())?;
            let life = Duration::from_secs(granted.expires_in).min(LONGEST_LIFE) * 4 / 5;
            let renew_at = now.saturating_add(life).unwrap_or(now);
            *held = Some(Held { bearer: bearer.clone(), renew_at });
            Ok(bearer)
        });
        renewed.await.unwrap_or_else(|_| Err(Status::unavailable("the issuer grants no token in time")))
    }
}

fn carrying<M>(bearer: &MetadataValue<Ascii>, message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", bearer.clone());
    request
}
