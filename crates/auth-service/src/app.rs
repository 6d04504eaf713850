//! What every handler works with. Built once by `service`, shared by all workers.

use std::{sync::Arc, time::Duration};

use chassis::{
    Ambient,
    database::{self, Database, Transaction},
    problem::{Answer, Problem, codes},
};
use identity::UserId;
use jiff::Timestamp;

use crate::{
    client::Client,
    domain::{admin_link::AdminLinks, origin::TrustedOrigins, refresh_token::RefreshTokens, session::Limits},
    limits::{Key, Limiter, Rule, TooMany},
    metrics::Counters,
    passwords::{Overloaded, PasswordHasher},
    revocation::Tail,
    settings::Issuer,
    signing::keyring::Keyring,
    store::audit::{self, Deed},
    wake::Wake,
};

/// The parts of the service that handlers use.
pub(crate) struct App {
    pub(crate) database: Database,
    pub(crate) ambient: Ambient,
    pub(crate) passwords: PasswordHasher,
    pub(crate) limiter: Arc<dyn Limiter>,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) admin_links: AdminLinks,
    pub(crate) keyring: Keyring,
    pub(crate) origins: TrustedOrigins,
    pub(crate) policy: Policy,
    pub(crate) counters: Counters,
    pub(crate) tail: Tail,
    pub(crate) wake: Arc<dyn Wake>,
}

/// Who does something: an administrator, from somewhere; nobody in particular at the machine itself.
pub(crate) type By<'b> = Option<(UserId, &'b Client)>;

/// The settings that handlers act by.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) issuer: Issuer,
    /// Of access tokens, before jitter.
    pub(crate) access_token_lifetime: Duration,
    pub(crate) limits: Limits,
    pub(crate) session_absolute: Duration,
}

impl App {
    pub(crate) fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }

    /// Counts an attempt, or answers 429.
    pub(crate) async fn limit(&self, rule: Rule, key: Key) -> Answer<()> {
        self.limiter
            .take(rule, &key)
            .await
            .map_err(|TooMany(wait)| Problem::new(&codes::RATE_LIMITED).retry_after(wait))
    }

    /// Remembers a deed in the transaction that does it.
    pub(crate) async fn record(&self, on: &mut Transaction, deed: Deed, client: &Client) -> Answer<()> {
        Ok(audit::record(on, deed, Some(client), &self.ambient).await?)
    }

    /// Remembers a deed that is not done by the one it is done to, in the transaction that does it.
    pub(crate) async fn record_by(
        &self,
        on: &mut Transaction,
        deed: Deed,
        by: By<'_>,
    ) -> database::Result<()> {
        let (deed, client) = match by {
            Some((actor, client)) => (deed.by(actor), Some(client)),
            None => (deed, None),
        };
        audit::record(on, deed, client, &self.ambient).await
    }

    /// Remembers something that changed nothing else.
    pub(crate) async fn record_alone(&self, deed: Deed, client: &Client) -> Answer<()> {
        let mut transaction = self.database.begin().await?;
        self.record(&mut transaction, deed, client).await?;
        Ok(transaction.commit().await?)
    }
}

impl From<Overloaded> for Problem {
    fn from(overloaded: Overloaded) -> Self {
        match overloaded {
            Overloaded::Full => {
                Self::new(&codes::OVERLOADED).retry_after(Duration::from_secs(1)).cause(overloaded)
            }
            Overloaded::Failed => Self::new(&codes::INTERNAL).cause(overloaded),
        }
    }
}
