//! The table `sessions`: one row a login, whatever becomes of it.

use std::time::Duration;

use chassis::{
    database::{Queryable, Result, Row, Transaction, sql},
    page::Page,
};
use identity::{SessionId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

use super::users;
use crate::{
    client::Client,
    domain::{lifetime::earlier, session::Session, user::User},
};

/// A session with where it was begun.
pub(crate) struct Whereabouts {
    pub(crate) session: Session,
    pub(crate) user_agent: Option<String>,
    pub(crate) address: String,
}

/// Adds a session.
pub(crate) async fn insert(on: &mut Transaction, session: &Session, client: &Client) -> Result<()> {
    sql("INSERT INTO sessions
             (session_id, user_id, generation, rotated_at, created_at, expires_at, user_agent, address)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(session.id.0)
    .bind(session.user_id.0)
    .bind(session.generation)
    .bind(session.rotated_at)
    .bind(session.created_at)
    .bind(session.expires_at)
    .bind(client.user_agent.clone())
    .bind(client.address.to_string())
    .execute(on)
    .await
    .map(drop)
}

/// The session and its user, as they are at this moment.
pub(crate) async fn find(on: &mut impl Queryable, id: SessionId) -> Result<Option<(Session, User)>> {
    let row = sql("SELECT * FROM sessions JOIN users USING (user_id) WHERE session_id = $1")
        .bind(id.0)
        .fetch_optional(on)
        .await?;
    row.map(|row| Ok((session(&row)?, users::user(&row)?))).transpose()
}

/// Moves the session from the generation it was seen in to the next: one compare-and-set, which of any number of
/// callers exactly one wins. False when somebody else was first, or ended the session.
pub(crate) async fn advance(
    on: &mut impl Queryable,
    seen: &Session,
    to: u32,
    now: Timestamp,
) -> Result<bool> {
    let changed = sql("UPDATE sessions SET generation = $3, rotated_at = $4
                       WHERE session_id = $1 AND generation = $2 AND ended_at IS NULL")
    .bind(seen.id.0)
    .bind(seen.generation)
    .bind(to)
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed == 1)
}

/// Ends a session of the user. False when there is none such, or it has ended already.
pub(crate) async fn end(on: &mut Transaction, id: SessionId, of: UserId, now: Timestamp) -> Result<bool> {
    let changed =
        sql("UPDATE sessions SET ended_at = $3 WHERE session_id = $1 AND user_id = $2 AND ended_at IS NULL")
            .bind(id.0)
            .bind(of.0)
            .bind(now)
            .execute(on)
            .await?;
    Ok(changed == 1)
}

/// Ends a session, whoever's it is; whose it was, unless there is none such, or it has ended already.
pub(crate) async fn end_of_anybody(
    on: &mut Transaction,
    id: SessionId,
    now: Timestamp,
) -> Result<Option<UserId>> {
    let set = sql("UPDATE sessions SET ended_at = $2
                   WHERE session_id = $1 AND ended_at IS NULL RETURNING user_id");
    let row = set.bind(id.0).bind(now).fetch_optional(on).await?;
    row.map(|row| Ok(UserId(row.get("user_id")?))).transpose()
}

/// Ends every session of the user but the one `except`; those that were renewed after `since`, which may have access
/// tokens. The user must be locked: otherwise two of these could wait for each other's rows.
pub(crate) async fn end_all(
    on: &mut Transaction,
    of: UserId,
    except: Option<SessionId>,
    (now, since): (Timestamp, Timestamp),
) -> Result<Vec<SessionId>> {
    let ended = sql("UPDATE sessions SET ended_at = $3
                     WHERE user_id = $1 AND session_id <> $2 AND ended_at IS NULL
                     RETURNING session_id, rotated_at")
    .bind(of.0)
    .bind(except.map_or(Uuid::nil(), |id| id.0))
    .bind(now)
    .fetch_all(on)
    .await?;
    let mut recent = Vec::new();
    for row in ended {
        if row.get::<Timestamp>("rotated_at")? > since {
            recent.push(SessionId(row.get("session_id")?));
        }
    }
    Ok(recent)
}

/// A page of the user's living sessions, newest first.
pub(crate) async fn page_of_living(
    on: &mut impl Queryable,
    of: UserId,
    (now, idle): (Timestamp, Duration),
    after: Option<Uuid>,
    limit: i64,
) -> Result<Page<Whereabouts>> {
    let rows = sql("SELECT * FROM sessions
                    WHERE user_id = $1 AND session_id < $2 AND ended_at IS NULL
                        AND expires_at > $3 AND rotated_at > $4
                    ORDER BY session_id DESC LIMIT $5")
    .bind(of.0)
    .bind(after.unwrap_or(Uuid::max()))
    .bind(now)
    .bind(earlier(now, idle))
    .bind(limit + 1)
    .fetch_all(on)
    .await?;
    let items = rows.iter().map(whereabouts).collect::<Result<_>>()?;
    Ok(Page::cut(items, limit, |item: &Whereabouts| item.session.id.0))
}

/// Forgets some sessions that would have expired before the given time anyhow; how many.
pub(crate) async fn forget(on: &mut Transaction, before: Timestamp, at_most: i64) -> Result<u64> {
    sql("DELETE FROM sessions WHERE session_id IN
             (SELECT session_id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)")
    .bind(before)
    .bind(at_most)
    .execute(on)
    .await
}

fn session(row: &Row) -> Result<Session> {
    Ok(Session {
        id: SessionId(row.get("session_id")?),
        user_id: UserId(row.get("user_id")?),
        generation: row.get("generation")?,
        rotated_at: row.get("rotated_at")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        ended_at: row.get("ended_at")?,
    })
}

fn whereabouts(row: &Row) -> Result<Whereabouts> {
    Ok(Whereabouts {
        session: session(row)?,
        user_agent: row.get("user_agent")?,
        address: row.get("address")?,
    })
}
