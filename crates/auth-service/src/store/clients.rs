//! The table `clients`.

use chassis::database::{Error, Queryable, Result, Row, Transaction, sql};
use jiff::Timestamp;

use crate::domain::registered_client::{ClientId, RegisteredClient, SecretHash};

/// Adds a client. [Taken](chassis::database::Error::Taken) when its name is.
pub(crate) async fn insert(on: &mut Transaction, client: &RegisteredClient, now: Timestamp) -> Result<()> {
    sql("INSERT INTO clients (client_id, subject, name, secret_hash, scopes, audiences, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
    .bind(client.id.as_str())
    .bind(client.subject)
    .bind(client.name.as_str())
    .bind(client.secret.as_bytes().to_vec())
    .bind(client.scopes.as_str())
    .bind(client.audiences.join(" "))
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

/// The client of this name.
pub(crate) async fn find(on: &mut impl Queryable, id: &ClientId) -> Result<Option<RegisteredClient>> {
    let row = sql("SELECT * FROM clients WHERE client_id = $1").bind(id.as_str()).fetch_optional(on).await?;
    row.as_ref().map(client).transpose()
}

/// Gives a client another secret; whether there is such a client.
pub(crate) async fn set_secret(on: &mut Transaction, id: &ClientId, secret: &SecretHash) -> Result<bool> {
    let set = sql("UPDATE clients SET secret_hash = $2 WHERE client_id = $1");
    Ok(set.bind(id.as_str()).bind(secret.as_bytes().to_vec()).execute(on).await? == 1)
}

fn client(row: &Row) -> Result<RegisteredClient> {
    let (scopes, audiences): (String, String) = (row.get("scopes")?, row.get("audiences")?);
    let secret: Vec<u8> = row.get("secret_hash")?;
    Ok(RegisteredClient {
        id: row.parse("client_id")?,
        subject: row.get("subject")?,
        name: row.get("name")?,
        secret: SecretHash::restore(&secret).ok_or_else(|| Error::corrupt("secret_hash", "not 32 bytes"))?,
        scopes: scopes.split(' ').collect(),
        audiences: audiences.split(' ').map(str::to_owned).collect(),
        version: row.get("version")?,
        disabled_at: row.get("disabled_at")?,
    })
}
