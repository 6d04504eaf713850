//! What becomes of registered clients: what administrators and the command line have in common.

use chassis::database::{Result, Transaction};
use identity::{UserId, uuid_v7};
use secrecy::SecretString;
use verifier::Revoked;

use crate::{
    app::{App, By},
    domain::{
        client_assertion::ClientKey,
        client_rights::ClientRights,
        registered_client::{ClientId, RegisteredClient, SecretHash, new_secret},
    },
    store::{
        audit::{Action, Deed},
        clients,
    },
};

/// What a client is made of.
pub(crate) struct NewClient {
    pub(crate) id: ClientId,
    pub(crate) name: String,
    pub(crate) rights: ClientRights,
    /// By what it shows who it is; by a secret if it has none.
    pub(crate) key: Option<ClientKey>,
}

impl App {
    /// A client that only needs to be stored.
    pub(crate) fn new_client(&self, new: NewClient, secret: &SecretString) -> RegisteredClient {
        let NewClient { id, name, rights, key } = new;
        RegisteredClient {
            id,
            subject: uuid_v7(self.ambient.clock.as_ref(), self.ambient.entropy.as_ref()),
            name,
            secret: SecretHash::of(secret),
            key,
            rights,
            version: 0,
            created_at: self.now(),
            disabled_at: None,
        }
    }

    /// Registers a client; with its secret, unless it has a key. [Taken](chassis::database::Error::Taken) when its
    /// name is, or was.
    pub(crate) async fn register_client(
        &self,
        new: NewClient,
        by: By<'_>,
    ) -> Result<(RegisteredClient, Option<SecretString>)> {
        // Of a client with a key nobody ever knows it.
        let secret = new_secret(self.ambient.entropy.as_ref());
        let client = self.new_client(new, &secret);
        let mut transaction = self.database.begin().await?;
        clients::insert(&mut transaction, &client).await?;
        self.record_of(&client, Action::ClientRegistered, by, &mut transaction).await?;
        transaction.commit().await?;
        let secret = client.key.is_none().then_some(secret);
        Ok((client, secret))
    }

    /// Gives a client another secret; the old one, or its key, is void. What it was granted stays good.
    pub(crate) async fn change_client_secret(
        &self,
        id: &ClientId,
        by: By<'_>,
    ) -> Result<Option<SecretString>> {
        let secret = new_secret(self.ambient.entropy.as_ref());
        let mut transaction = self.database.begin().await?;
        let Some(client) = clients::lock(&mut transaction, id).await? else { return Ok(None) };
        clients::set_secret(&mut transaction, id, &SecretHash::of(&secret)).await?;
        self.record_of(&client, Action::ClientSecretChanged, by, &mut transaction).await?;
        transaction.commit().await?;
        Ok(Some(secret))
    }

    /// Gives a client no more tokens, and ends those it has.
    ///
    /// They end with its version, not with its name: the name would be refused for as long as such tokens can live,
    /// also when it is enabled again.
    pub(crate) async fn disable_client(&self, id: &ClientId, by: By<'_>) -> Result<Option<RegisteredClient>> {
        let mut transaction = self.database.begin().await?;
        let Some(mut client) = clients::lock(&mut transaction, id).await? else { return Ok(None) };
        let mut revoked = Vec::new();
        if client.disabled_at.is_none() {
            let now = self.now();
            let least_version = clients::disable(&mut transaction, id, now).await?;
            revoked.push(Revoked::Subject { subject: UserId(client.subject), least_version });
            self.record_of(&client, Action::ClientDisabled, by, &mut transaction).await?;
            client.disabled_at = Some(now);
        }
        self.commit_and_revoke(transaction, revoked).await?;
        Ok(Some(client))
    }

    /// Lets a client ask for tokens again.
    pub(crate) async fn enable_client(&self, id: &ClientId, by: By<'_>) -> Result<Option<RegisteredClient>> {
        let mut transaction = self.database.begin().await?;
        let Some(mut client) = clients::lock(&mut transaction, id).await? else { return Ok(None) };
        if client.disabled_at.is_some() {
            clients::enable(&mut transaction, id).await?;
            self.record_of(&client, Action::ClientEnabled, by, &mut transaction).await?;
            client.disabled_at = None;
        }
        transaction.commit().await?;
        Ok(Some(client))
    }

    /// Removes a client for good; false if there is none. Whatever was issued to it is refused by its name, which
    /// nobody is given again.
    pub(crate) async fn remove_client(&self, id: &ClientId, by: By<'_>) -> Result<bool> {
        let mut transaction = self.database.begin().await?;
        let Some(client) = clients::lock(&mut transaction, id).await? else { return Ok(false) };
        clients::remove(&mut transaction, id, self.now()).await?;
        self.record_of(&client, Action::ClientRemoved, by, &mut transaction).await?;
        self.commit_and_revoke(transaction, vec![Revoked::Client(id.to_string())]).await?;
        Ok(true)
    }

    pub(crate) async fn record_of(
        &self,
        client: &RegisteredClient,
        action: Action,
        by: By<'_>,
        on: &mut Transaction,
    ) -> Result<()> {
        let deed = Deed::new(action).to(Some(UserId(client.subject))).about(Some(client.id.as_str()));
        self.record_by(on, deed, by).await
    }
}
