//! The table `signing_keys`. Private halves are in it only sealed (`signing::vault`).

use chassis::database::{Queryable, Result, Row, Transaction, sql};
use identity::PublicJwk;
use jiff::Timestamp;

/// How many keys are ever shown or published at once. Verifiers take no more than 32.
const MOST: i64 = 32;

/// A key as it is stored.
pub(crate) struct StoredKey {
    pub(crate) state: String,
    pub(crate) public: PublicJwk,
    pub(crate) sealed_private: Option<Vec<u8>>,
    pub(crate) created_at: Timestamp,
}

/// The state of the one key that signs.
pub(crate) const ACTIVE: &str = "active";

/// Makes a key the one that signs, unless there is one already.
pub(crate) async fn insert_first(
    on: &mut Transaction,
    public: &PublicJwk,
    sealed_private: Vec<u8>,
    now: Timestamp,
) -> Result<()> {
    sql("INSERT INTO signing_keys (kid, state, modulus, exponent, sealed_private, created_at)
         VALUES ($1, 'active', $2, $3, $4, $5) ON CONFLICT DO NOTHING")
    .bind(public.kid.as_str())
    .bind(public.n.as_str())
    .bind(public.e.as_str())
    .bind(sealed_private)
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

/// Every key that verifiers must know, the one that signs first.
pub(crate) async fn published(on: &mut impl Queryable) -> Result<Vec<StoredKey>> {
    let rows = sql("SELECT * FROM signing_keys WHERE state <> 'gone'
                    ORDER BY CASE state WHEN 'active' THEN 0 ELSE 1 END, created_at DESC LIMIT $1")
    .bind(MOST)
    .fetch_all(on)
    .await?;
    rows.iter().map(key).collect()
}

/// The newest keys, in whatever state.
pub(crate) async fn newest(on: &mut impl Queryable) -> Result<Vec<StoredKey>> {
    let rows = sql("SELECT * FROM signing_keys ORDER BY created_at DESC, kid LIMIT $1")
        .bind(MOST)
        .fetch_all(on)
        .await?;
    rows.iter().map(key).collect()
}

fn key(row: &Row) -> Result<StoredKey> {
    Ok(StoredKey {
        state: row.get("state")?,
        public: PublicJwk::rs256(row.get("kid")?, row.get("modulus")?, row.get("exponent")?),
        sealed_private: row.get("sealed_private")?,
        created_at: row.get("created_at")?,
    })
}
