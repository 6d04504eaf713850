//! The table `audit`: who did what to whom, by ids alone. Written in the transaction of the deed itself.

use chassis::{
    Ambient,
    database::{Queryable, Result, Row, Transaction, sql},
    http::current_trace_id,
    page::Page,
};
use identity::{SessionId, UserId, uuid_v7};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::client::Client;

/// What is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Registered,
    LoggedIn,
    LoginFailed,
    LoggedOut,
    LoggedOutEverywhere,
    SessionEnded,
    RefreshTokenReused,
    PasswordChanged,
    PasswordChangeFailed,
    RolesChanged,
    UserDisabled,
    UserEnabled,
    AdminCreated,
    AdminLinkMade,
    ClientRegistered,
    ClientSecretChanged,
    KeyMade,
    KeyImported,
    KeyRotationAsked,
    KeyRotated,
    KeyRevoked,
    ClientDisabled,
    ClientEnabled,
    ClientRemoved,
    ClientTokensRevoked,
    TokenRevoked,
    UserLoggedOut,
    ClientRightsChanged,
}

/// One deed.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    action: Action,
    actor: Option<UserId>,
    subject: Option<UserId>,
    session: Option<SessionId>,
    name: Option<String>,
}

/// One deed as it is remembered.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct Entry {
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What was done, such as `logged_in` or `roles_changed`.
    action: String,
    /// Who did it, a user or a client; absent when nobody was signed in.
    #[schema(value_type = Option<Uuid>)]
    actor_id: Option<UserId>,
    /// To whose account, or to which client.
    #[schema(value_type = Option<Uuid>)]
    subject_id: Option<UserId>,
    /// To or by which session.
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    /// About which key (`kid`), client (`client_id`) or token (`jti`).
    name: Option<String>,
    /// From which network address; absent when it was done at the machine itself.
    address: Option<String>,
    /// Finds the request in the logs.
    trace_id: String,
}

impl Action {
    /// The name in the table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::LoggedIn => "logged_in",
            Self::LoginFailed => "login_failed",
            Self::LoggedOut => "logged_out",
            Self::LoggedOutEverywhere => "logged_out_everywhere",
            Self::SessionEnded => "session_ended",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::PasswordChanged => "password_changed",
            Self::PasswordChangeFailed => "password_change_failed",
            Self::RolesChanged => "roles_changed",
            Self::UserDisabled => "user_disabled",
            Self::UserEnabled => "user_enabled",
            Self::AdminCreated => "admin_created",
            Self::AdminLinkMade => "admin_link_made",
            Self::ClientRegistered => "client_registered",
            Self::ClientSecretChanged => "client_secret_changed",
            Self::KeyMade => "key_made",
            Self::KeyImported => "key_imported",
            Self::KeyRotationAsked => "key_rotation_asked",
            Self::KeyRotated => "key_rotated",
            Self::KeyRevoked => "key_revoked",
            Self::ClientDisabled => "client_disabled",
            Self::ClientEnabled => "client_enabled",
            Self::ClientRemoved => "client_removed",
            Self::ClientTokensRevoked => "client_tokens_revoked",
            Self::TokenRevoked => "token_revoked",
            Self::UserLoggedOut => "user_logged_out",
            Self::ClientRightsChanged => "client_rights_changed",
        }
    }
}

impl Deed {
    /// Something nobody in particular did, or the operator at the machine.
    pub(crate) fn new(action: Action) -> Self {
        Self { action, actor: None, subject: None, session: None, name: None }
    }

    /// Something a user did to their own account.
    pub(crate) fn own(action: Action, user: UserId, session: Option<SessionId>) -> Self {
        Self { action, actor: Some(user), subject: Some(user), session, name: None }
    }

    pub(crate) fn by(self, actor: UserId) -> Self {
        Self { actor: Some(actor), ..self }
    }

    pub(crate) fn to(self, subject: Option<UserId>) -> Self {
        Self { subject, ..self }
    }

    /// Which key, client or token it was about.
    pub(crate) fn about(self, name: Option<&str>) -> Self {
        Self { name: name.map(str::to_owned), ..self }
    }

    pub(crate) fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }
}

/// Remembers a deed, and from where it was done.
pub(crate) async fn record(
    on: &mut Transaction,
    deed: Deed,
    client: Option<&Client>,
    ambient: &Ambient,
) -> Result<()> {
    sql("INSERT INTO audit (id, at, action, actor_id, subject_id, session_id, address, trace_id, name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(uuid_v7(ambient.clock.as_ref(), ambient.entropy.as_ref()))
    .bind(ambient.clock.now())
    .bind(deed.action.as_str())
    .bind(deed.actor.map(Uuid::from))
    .bind(deed.subject.map(Uuid::from))
    .bind(deed.session.map(Uuid::from))
    .bind(client.map(|client| client.address.to_string()))
    .bind(current_trace_id())
    .bind(deed.name)
    .execute(on)
    .await
    .map(drop)
}

/// A page of deeds, newest first; only those concerning `user`, if given.
pub(crate) async fn page(
    on: &mut impl Queryable,
    user: Option<UserId>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Page<Entry>> {
    let rows = sql("SELECT * FROM audit
                    WHERE id < $1 AND ($2 OR actor_id = $3 OR subject_id = $3)
                    ORDER BY id DESC LIMIT $4")
    .bind(after.unwrap_or(Uuid::max()))
    .bind(user.is_none())
    .bind(user.map_or(Uuid::nil(), Uuid::from))
    .bind(limit + 1)
    .fetch_all(on)
    .await?;
    Ok(Page::cut(rows.iter().map(entry).collect::<Result<_>>()?, limit, |entry: &Entry| entry.id))
}

/// Forgets some deeds done before the given time; how many.
pub(crate) async fn forget(on: &mut Transaction, before: Timestamp, at_most: i64) -> Result<u64> {
    sql("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY id LIMIT $2)")
        .bind(before)
        .bind(at_most)
        .execute(on)
        .await
}

fn entry(row: &Row) -> Result<Entry> {
    let user = |column| Ok::<_, chassis::database::Error>(row.get::<Option<Uuid>>(column)?.map(UserId));
    Ok(Entry {
        id: row.get("id")?,
        at: row.get("at")?,
        action: row.get("action")?,
        actor_id: user("actor_id")?,
        subject_id: user("subject_id")?,
        session_id: row.get::<Option<Uuid>>("session_id")?.map(SessionId),
        name: row.get("name")?,
        address: row.get("address")?,
        trace_id: row.get("trace_id")?,
    })
}
