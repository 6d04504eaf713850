//! The tables `signing_keys` and `key_ring`. Private halves are in them only sealed (`signing::vault`).

use chassis::database::{Error, Queryable, Result, Row, Transaction, sql};
use identity::PublicJwk;
use jiff::Timestamp;

use crate::domain::key_cycle::{Key, State};

/// How many keys are ever shown or published at once. Verifiers take no more than 32.
const MOST: i64 = 32;

/// A key as it is stored.
pub(crate) struct StoredKey {
    pub(crate) life: Key,
    pub(crate) public: PublicJwk,
    pub(crate) sealed_private: Option<Vec<u8>>,
}

/// Makes a key the one that signs, unless there is one already.
pub(crate) async fn insert_first(
    on: &mut Transaction,
    public: &PublicJwk,
    sealed_private: Vec<u8>,
    now: Timestamp,
) -> Result<()> {
    insert(on, public, sealed_private, State::Active, (now, None)).await
}

/// Publishes a key that becomes active at `takes_over_at`, unless another one is next.
pub(crate) async fn insert_next(
    on: &mut Transaction,
    public: &PublicJwk,
    sealed_private: Vec<u8>,
    (now, takes_over_at): (Timestamp, Timestamp),
) -> Result<()> {
    insert(on, public, sealed_private, State::Next, (now, Some(takes_over_at))).await
}

async fn insert(
    on: &mut Transaction,
    public: &PublicJwk,
    sealed_private: Vec<u8>,
    state: State,
    (now, changes_at): (Timestamp, Option<Timestamp>),
) -> Result<()> {
    sql("INSERT INTO signing_keys (kid, state, modulus, exponent, sealed_private, created_at, since, changes_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT DO NOTHING")
    .bind(public.kid.as_str())
    .bind(state.as_str())
    .bind(public.n.as_str())
    .bind(public.e.as_str())
    .bind(sealed_private)
    .bind(now)
    .bind(changes_at)
    .execute(on)
    .await
    .map(drop)
}

/// Lets nobody else change a key until the transaction ends; when it commits, every replica looks what has changed.
pub(crate) async fn lock(on: &mut Transaction) -> Result<()> {
    sql("UPDATE key_ring SET version = version + 1 WHERE one = 1").execute(on).await.map(drop)
}

/// How often keys were changed.
pub(crate) async fn version(on: &mut impl Queryable) -> Result<i64> {
    sql("SELECT version FROM key_ring WHERE one = 1").fetch_one(on).await?.get("version")
}

/// Has a key sign from `now` on. No other may be active.
pub(crate) async fn activate(on: &mut Transaction, kid: &str, now: Timestamp) -> Result<()> {
    sql("UPDATE signing_keys SET state = 'active', since = $2, changes_at = NULL WHERE kid = $1")
        .bind(kid)
        .bind(now)
        .execute(on)
        .await
        .map(drop)
}

/// Has a key sign no more from `now` on, and destroys its private half.
pub(crate) async fn demote(
    on: &mut Transaction,
    kid: &str,
    state: State,
    (now, changes_at): (Timestamp, Option<Timestamp>),
) -> Result<()> {
    sql("UPDATE signing_keys SET state = $2, since = $3, changes_at = $4, sealed_private = NULL WHERE kid = $1")
        .bind(kid)
        .bind(state.as_str())
        .bind(now)
        .bind(changes_at)
        .execute(on)
        .await
        .map(drop)
}

/// Has the next key take over at another time.
pub(crate) async fn reschedule(on: &mut Transaction, takes_over_at: Timestamp) -> Result<()> {
    sql("UPDATE signing_keys SET changes_at = $1 WHERE state = 'next'")
        .bind(takes_over_at)
        .execute(on)
        .await
        .map(drop)
}

/// Replaces a private half by the same one, sealed anew.
pub(crate) async fn reseal(on: &mut Transaction, kid: &str, sealed_private: Vec<u8>) -> Result<()> {
    sql("UPDATE signing_keys SET sealed_private = $2 WHERE kid = $1 AND sealed_private IS NOT NULL")
        .bind(kid)
        .bind(sealed_private)
        .execute(on)
        .await
        .map(drop)
}

/// Every key that verifiers must know, the one that signs first.
pub(crate) async fn published(on: &mut impl Queryable) -> Result<Vec<StoredKey>> {
    let rows = sql("SELECT * FROM signing_keys WHERE state IN ('next', 'active', 'retiring')
                    ORDER BY CASE state WHEN 'active' THEN 0 WHEN 'next' THEN 1 ELSE 2 END, created_at DESC, kid
                    LIMIT $1")
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

/// One key, in whatever state.
pub(crate) async fn find(on: &mut impl Queryable, kid: &str) -> Result<Option<StoredKey>> {
    let row = sql("SELECT * FROM signing_keys WHERE kid = $1").bind(kid).fetch_optional(on).await?;
    row.as_ref().map(key).transpose()
}

fn key(row: &Row) -> Result<StoredKey> {
    let (kid, state): (String, String) = (row.get("kid")?, row.get("state")?);
    let life = Key {
        kid: kid.clone(),
        state: State::from_text(&state).ok_or_else(|| Error::corrupt("state", "no state of a key"))?,
        created_at: row.get("created_at")?,
        since: row.get("since")?,
        changes_at: row.get("changes_at")?,
    };
    Ok(StoredKey {
        life,
        public: PublicJwk::rs256(kid, row.get("modulus")?, row.get("exponent")?),
        sealed_private: row.get("sealed_private")?,
    })
}
