//! The table `clients`.

use chassis::{
    database::{Error, Queryable, Result, Row, Statement, Transaction, sql},
    page::Page,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::locking;
use crate::domain::{
    client_assertion::ClientKey,
    client_rights::{Acting, ClientRights},
    registered_client::{ClientId, RegisteredClient, SecretHash},
};

/// Adds a client. [Taken](chassis::database::Error::Taken) when its name is, or was.
pub(crate) async fn insert(on: &mut Transaction, client: &RegisteredClient) -> Result<()> {
    let insert = sql(
        "INSERT INTO clients (client_id, subject, name, secret_hash, public_key, scopes, audiences, service, acts_at,
                              created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(client.id.as_str())
    .bind(client.subject)
    .bind(client.name.as_str())
    .bind(client.secret.as_bytes().to_vec())
    .bind(client.key.as_ref().map(|key| key.as_str().to_owned()));
    bind_rights(insert, &client.rights).bind(client.created_at).execute(on).await.map(drop)
}

/// The client of this name.
pub(crate) async fn find(on: &mut impl Queryable, id: &ClientId) -> Result<Option<RegisteredClient>> {
    let row = sql("SELECT * FROM clients WHERE client_id = $1 AND removed_at IS NULL");
    row.bind(id.as_str()).fetch_optional(on).await?.as_ref().map(client).transpose()
}

/// The client of this name, nobody else changing it until the transaction ends.
pub(crate) async fn lock(on: &mut Transaction, id: &ClientId) -> Result<Option<RegisteredClient>> {
    let row = locking!(on, "SELECT * FROM clients WHERE client_id = $1 AND removed_at IS NULL");
    row.bind(id.as_str()).fetch_optional(on).await?.as_ref().map(client).transpose()
}

/// A page of clients, newest first.
pub(crate) async fn page(
    on: &mut impl Queryable,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Page<RegisteredClient>> {
    let rows = sql("SELECT * FROM clients WHERE subject < $1 AND removed_at IS NULL
                    ORDER BY subject DESC LIMIT $2")
    .bind(after.unwrap_or(Uuid::max()))
    .bind(limit + 1)
    .fetch_all(on)
    .await?;
    Ok(Page::cut(rows.iter().map(client).collect::<Result<_>>()?, limit, |client| client.subject))
}

/// Disables a client; every token it was given so far ends. The version of those that would not.
pub(crate) async fn disable(on: &mut Transaction, id: &ClientId, now: Timestamp) -> Result<u32> {
    let set = sql("UPDATE clients SET disabled_at = $2, version = version + 1
                   WHERE client_id = $1 RETURNING version");
    set.bind(id.as_str()).bind(now).fetch_one(on).await?.get("version")
}

/// Ends every token that a client was given so far. The version of those that are not, if there is such a client.
pub(crate) async fn supersede(on: &mut Transaction, subject: Uuid) -> Result<Option<u32>> {
    let set = sql("UPDATE clients SET version = version + 1
                   WHERE subject = $1 AND removed_at IS NULL RETURNING version");
    set.bind(subject).fetch_optional(on).await?.map(|row| row.get("version")).transpose()
}

/// Lets a client ask again.
pub(crate) async fn enable(on: &mut Transaction, id: &ClientId) -> Result<()> {
    let set = sql("UPDATE clients SET disabled_at = NULL WHERE client_id = $1");
    set.bind(id.as_str()).execute(on).await.map(drop)
}

/// Forgets all of a client but its name, which nobody is given again.
pub(crate) async fn remove(on: &mut Transaction, id: &ClientId, now: Timestamp) -> Result<()> {
    let set = sql("UPDATE clients SET removed_at = $2, name = '', scopes = '', audiences = '',
                   service = NULL, acts_at = NULL
                   WHERE client_id = $1");
    set.bind(id.as_str()).bind(now).execute(on).await.map(drop)
}

/// Gives a client another secret instead of the one, or the key, that it had; whether there is such a client.
pub(crate) async fn set_secret(on: &mut Transaction, id: &ClientId, secret: &SecretHash) -> Result<bool> {
    let set = sql("UPDATE clients SET secret_hash = $2, public_key = NULL
                   WHERE client_id = $1 AND removed_at IS NULL");
    Ok(set.bind(id.as_str()).bind(secret.as_bytes().to_vec()).execute(on).await? == 1)
}

/// Gives the client of this name the secret and the rights of this one, and no key.
pub(crate) async fn replace(on: &mut Transaction, client: &RegisteredClient) -> Result<()> {
    let set = sql("UPDATE clients SET secret_hash = $2, public_key = NULL, scopes = $3, audiences = $4,
                                      service = $5, acts_at = $6
                   WHERE client_id = $1")
    .bind(client.id.as_str())
    .bind(client.secret.as_bytes().to_vec());
    bind_rights(set, &client.rights).execute(on).await.map(drop)
}

fn client(row: &Row) -> Result<RegisteredClient> {
    let secret: Vec<u8> = row.get("secret_hash")?;
    Ok(RegisteredClient {
        id: row.parse("client_id")?,
        subject: row.get("subject")?,
        name: row.get("name")?,
        secret: SecretHash::restore(&secret).ok_or_else(|| Error::corrupt("secret_hash", "not 32 bytes"))?,
        key: row.get::<Option<String>>("public_key")?.map(ClientKey::restore),
        rights: rights(row)?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        disabled_at: row.get("disabled_at")?,
    })
}

/// The columns `scopes`, `audiences`, `service` and `acts_at`, in this order.
fn bind_rights(statement: Statement, rights: &ClientRights) -> Statement {
    let ClientRights { scopes, audiences, acting } = rights;
    let (service, at) = acting.as_ref().map(|Acting { service, at }| (service.clone(), at.join(" "))).unzip();
    statement.bind(scopes.as_str()).bind(audiences.join(" ")).bind(service).bind(at)
}

/// The same columns, read.
fn rights(row: &Row) -> Result<ClientRights> {
    let words = |text: String| text.split(' ').map(str::to_owned).collect();
    let scopes: String = row.get("scopes")?;
    let acts_at: Option<String> = row.get("acts_at")?;
    Ok(ClientRights {
        scopes: scopes.split(' ').collect(),
        audiences: words(row.get("audiences")?),
        acting: row
            .get::<Option<String>>("service")?
            .zip(acts_at.map(words))
            .map(|(service, at)| Acting { service, at }),
    })
}
