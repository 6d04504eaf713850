//! The tables `revocations` and `revocation_log`: what was revoked, numbered in the order of commits.

use chassis::database::{Queryable, Result, Row, Transaction, sql};
use identity::{Claims, SessionId, TokenId, UserId};
use jiff::Timestamp;
use uuid::Uuid;
use verifier::{Revocation, Revoked};

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// Greater than that of every line committed before.
    pub(crate) seq: i64,
    pub(crate) revocation: Revocation,
    pub(crate) revoked_at: Timestamp,
}

/// Where the log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Which log it is.
    pub(crate) epoch: Uuid,
    /// The number of its last line; 0 while there is none.
    pub(crate) last_seq: i64,
}

/// Begins the log, unless it was begun before.
pub(crate) async fn begin(on: &mut Transaction, epoch: Uuid) -> Result<()> {
    sql("INSERT INTO revocation_log (one, epoch, last_seq) VALUES (1, $1, 0) ON CONFLICT DO NOTHING")
        .bind(epoch)
        .execute(on)
        .await
        .map(drop)
}

/// Appends to the log.
///
/// From here to its end the transaction holds up all others that revoke, so this comes last in it, after every
/// other lock.
pub(crate) async fn append(
    on: &mut Transaction,
    revocations: impl ExactSizeIterator<Item = Revocation>,
    now: Timestamp,
) -> Result<()> {
    let count = i64::try_from(revocations.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(());
    }
    let row = sql("UPDATE revocation_log SET last_seq = last_seq + $1 WHERE one = 1 RETURNING last_seq");
    let last_seq: i64 = row.bind(count).fetch_one(on).await?.get("last_seq")?;
    for (seq, Revocation { what, forget_at }) in (last_seq - count + 1..).zip(revocations) {
        let (kind, name, least_version) = columns(what);
        sql("INSERT INTO revocations (seq, kind, name, least_version, revoked_at, forget_at)
             VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(seq)
        .bind(kind)
        .bind(name)
        .bind(least_version)
        .bind(now)
        .bind(Timestamp::from_second(forget_at).unwrap_or(Timestamp::MAX))
        .execute(on)
        .await?;
    }
    Ok(())
}

/// Where the log ends now.
pub(crate) async fn end(on: &mut impl Queryable) -> Result<End> {
    let row = sql("SELECT epoch, last_seq FROM revocation_log WHERE one = 1").fetch_one(on).await?;
    Ok(End { epoch: row.get("epoch")?, last_seq: row.get("last_seq")? })
}

/// Whether a token that says `claims` was revoked, whatever it was by but its key.
pub(crate) async fn concern(on: &mut impl Queryable, claims: &Claims) -> Result<bool> {
    let row = sql("SELECT 1 AS found FROM revocations
                   WHERE (kind = 'token' AND name = $1) OR (kind = 'session' AND name = $2)
                       OR (kind = 'client' AND name = $3)
                       OR (kind = 'subject' AND name = $4 AND least_version > $5)
                   LIMIT 1")
    .bind(claims.token_id.0.as_str())
    .bind(claims.session_id.to_string())
    .bind(claims.client_id.as_str())
    .bind(claims.subject.to_string())
    .bind(claims.version)
    .fetch_optional(on)
    .await?;
    Ok(row.is_some())
}

/// Up to `limit` lines after number `after`, in order; those that can be forgotten at `now` are left out.
pub(crate) async fn after(
    on: &mut impl Queryable,
    after: i64,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Event>> {
    let rows = sql("SELECT * FROM revocations WHERE seq > $1 AND forget_at > $2 ORDER BY seq LIMIT $3")
        .bind(after)
        .bind(now)
        .bind(limit)
        .fetch_all(on)
        .await?;
    rows.iter().map(event).collect()
}

/// Forgets some lines whose time has come; how many.
pub(crate) async fn forget(on: &mut Transaction, before: Timestamp, at_most: i64) -> Result<u64> {
    sql("DELETE FROM revocations WHERE seq IN
             (SELECT seq FROM revocations WHERE forget_at < $1 ORDER BY forget_at LIMIT $2)")
    .bind(before)
    .bind(at_most)
    .execute(on)
    .await
}

fn columns(what: Revoked) -> (&'static str, String, Option<i64>) {
    match what {
        Revoked::Session(session) => ("session", session.to_string(), None),
        Revoked::Subject { subject, least_version } => {
            ("subject", subject.to_string(), Some(least_version.into()))
        }
        Revoked::Token(TokenId(token)) => ("token", token.into(), None),
        Revoked::Client(client) => ("client", client, None),
        Revoked::Key(kid) => ("key", kid, None),
    }
}

fn event(row: &Row) -> Result<Event> {
    let (kind, name): (String, String) = (row.get("kind")?, row.get("name")?);
    let what = match kind.as_str() {
        "session" => Revoked::Session(SessionId(row.parse("name")?)),
        "subject" => {
            Revoked::Subject { subject: UserId(row.parse("name")?), least_version: row.get("least_version")? }
        }
        "token" => Revoked::Token(TokenId(name.into())),
        "client" => Revoked::Client(name),
        _ => Revoked::Key(name),
    };
    let forget_at: Timestamp = row.get("forget_at")?;
    let revocation = Revocation { what, forget_at: forget_at.as_second() };
    Ok(Event { seq: row.get("seq")?, revocation, revoked_at: row.get("revoked_at")? })
}
