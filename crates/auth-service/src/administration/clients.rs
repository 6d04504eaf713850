//! What the operator may do with registered clients.

use chassis::database::Error;
use jiff::Timestamp;
use secrecy::SecretString;

use super::Administration;
use crate::{
    clients::NewClient,
    domain::{
        client_assertion::ClientKey,
        client_rights::ClientRights,
        registered_client::{ClientId, RegisteredClient},
    },
    store::{audit::Action, clients},
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
    pub rights: ClientRights,
    /// Since when it is given no tokens, if that is so.
    pub disabled_at: Option<Timestamp>,
}

impl From<RegisteredClient> for ClientSummary {
    fn from(client: RegisteredClient) -> Self {
        let RegisteredClient { id, name, rights, disabled_at, .. } = client;
        Self { id, name, rights, disabled_at }
    }
}

impl Administration {
    /// Registers software that acts for itself; its secret, which is shown this once, unless it shows who it is by a key of
    /// its own (`private_key_jwt`).
    ///
    /// # Errors
    /// When there is, or was, a client of this name, or the database does not answer.
    pub async fn register_client(
        &self,
        id: ClientId,
        name: String,
        rights: ClientRights,
        key: Option<ClientKey>,
    ) -> Result<Option<SecretString>, Error> {
        let new = NewClient { id, name, rights, key };
        Ok(self.0.register_client(new, None).await?.1)
    }

    /// Gives a client another secret, which is shown this once; the old one is void. `None` if there is no such client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_client_secret(&self, id: &ClientId) -> Result<Option<SecretString>, Error> {
        self.0.change_client_secret(id, None).await
    }

    /// Has a client of this name with this secret and these rights, whether or not there was one: for programs that start
    /// together with this one. A client that is so already costs one look.
    ///
    /// # Errors
    /// When there was a client of this name, or the database does not answer.
    pub async fn ensure_client(
        &self,
        id: ClientId,
        secret: &SecretString,
        rights: ClientRights,
    ) -> Result<(), Error> {
        let app = &self.0;
        let new = NewClient { name: id.to_string(), id, rights, key: None };
        let wanted = app.new_client(new, secret);
        let known = clients::find(&mut app.database.read().await?, &wanted.id).await?;
        if known.is_some_and(|client| changes(&client, &wanted, secret).is_empty()) {
            return Ok(());
        }
        match self.declare(&wanted, secret).await {
            // Somebody else has registered it in the meantime, so there is one to be changed now.
            Err(Error::Taken(_)) => self.declare(&wanted, secret).await,
            outcome => outcome,
        }
    }

    async fn declare(&self, wanted: &RegisteredClient, secret: &SecretString) -> Result<(), Error> {
        let app = &self.0;
        let mut transaction = app.database.begin().await?;
        let known = clients::lock(&mut transaction, &wanted.id).await?;
        let (client, actions) = if let Some(client) = &known {
            clients::replace(&mut transaction, wanted).await?;
            (client, changes(client, wanted, secret))
        } else {
            clients::insert(&mut transaction, wanted).await?;
            (wanted, vec![Action::ClientRegistered])
        };
        for action in actions {
            app.record_of(client, action, None, &mut transaction).await?;
        }
        transaction.commit().await
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

/// What it takes to make `client` as `wanted`, whose secret is `secret`.
fn changes(client: &RegisteredClient, wanted: &RegisteredClient, secret: &SecretString) -> Vec<Action> {
    let has_other_secret = client.key.is_some() || !client.secret.fits(secret);
    let changes = [
        (has_other_secret, Action::ClientSecretChanged),
        (client.rights != wanted.rights, Action::ClientRightsChanged),
    ];
    changes.into_iter().filter_map(|(is_one, action)| is_one.then_some(action)).collect()
}
