//! What the operator may do with registered clients.

use chassis::database::Error;
use identity::Scopes;
use jiff::Timestamp;

use super::Administration;
use crate::{
    clients::NewClient,
    domain::{
        client_assertion::ClientKey,
        registered_client::{ClientId, RegisteredClient},
    },
    store::clients,
};

/// How many are read at once.
const BATCH: i64 = 100;

/// A registered client, without anything secret.
#[derive(Debug, Clone)]
pub struct ClientSummary {
    /// Its name in tokens (`client_id`).
    pub id: ClientId,
    /// What people call it.
    pub name: String,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Whom its tokens are meant for.
    pub audiences: Vec<String>,
    /// Since when it is given no tokens, if that is so.
    pub disabled_at: Option<Timestamp>,
}

impl From<RegisteredClient> for ClientSummary {
    fn from(client: RegisteredClient) -> Self {
        let RegisteredClient { id, name, scopes, audiences, disabled_at, .. } = client;
        Self { id, name, scopes, audiences, disabled_at }
    }
}

impl Administration {
    /// Registers software that acts for itself and shows who it is by a key of its own (`private_key_jwt`).
    ///
    /// # Errors
    /// When there is, or was, a client of this name, or the database does not answer.
    pub async fn register_client_with_key(
        &self,
        id: ClientId,
        name: String,
        scopes: Scopes,
        audiences: Vec<String>,
        key: ClientKey,
    ) -> Result<(), Error> {
        let new = NewClient { id, name, scopes, audiences, key: Some(key) };
        self.0.register_client(new, None).await.map(drop)
    }

    /// Every client, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clients(&self) -> Result<Vec<ClientSummary>, Error> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = clients::page(&mut self.0.database.read().await?, after, BATCH).await?;
            after = page.items.last().map(|client| client.subject);
            all.extend(page.items.into_iter().map(ClientSummary::from));
            if page.next.is_none() {
                return Ok(all);
            }
        }
    }

    /// Gives a client no more tokens, and ends those it has. False if there is no such client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn disable_client(&self, id: &ClientId) -> Result<bool, Error> {
        Ok(self.0.disable_client(id, None).await?.is_some())
    }

    /// Lets a client ask for tokens again. False if there is no such client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enable_client(&self, id: &ClientId) -> Result<bool, Error> {
        Ok(self.0.enable_client(id, None).await?.is_some())
    }

    /// Removes a client for good, with all tokens it has; nobody is given its name again. False if there is no such
    /// client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_client(&self, id: &ClientId) -> Result<bool, Error> {
        self.0.remove_client(id, None).await
    }
}
