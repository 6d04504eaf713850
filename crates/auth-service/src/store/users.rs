//! The table `users`.

use std::net::IpAddr;

use chassis::{
    database::{Queryable, Result, Row, Transaction, sql},
    page::Page,
};
use identity::{Email, Roles, UserId};
use jiff::Timestamp;
use uuid::Uuid;

use super::locking;
use crate::domain::user::User;

/// A user with their password's hash.
pub(crate) struct Account {
    pub(crate) user: User,
    pub(crate) password_hash: String,
}

/// Adds a user. [Taken](chassis::database::Error::Taken) when the e-mail address is.
pub(crate) async fn insert(on: &mut Transaction, user: &User, password_hash: &str) -> Result<()> {
    sql("INSERT INTO users (user_id, email, name, password_hash, roles, version, registered_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
    .bind(user.id.0)
    .bind(user.email.as_str())
    .bind(user.name.as_str())
    .bind(password_hash)
    .bind(user.roles.to_string())
    .bind(user.version)
    .bind(user.registered_at)
    .execute(on)
    .await
    .map(drop)
}

/// The account that belongs to an e-mail address.
pub(crate) async fn find_by_email(on: &mut impl Queryable, email: &Email) -> Result<Option<Account>> {
    let row = sql("SELECT * FROM users WHERE email = $1").bind(email.as_str()).fetch_optional(on).await?;
    row.as_ref().map(account).transpose()
}

/// The account of a user.
pub(crate) async fn find(on: &mut impl Queryable, id: UserId) -> Result<Option<Account>> {
    let row = sql("SELECT * FROM users WHERE user_id = $1").bind(id.0).fetch_optional(on).await?;
    row.as_ref().map(account).transpose()
}

/// Whether the user ever had a session from this address that is still remembered.
pub(crate) async fn was_seen_at(on: &mut impl Queryable, id: UserId, address: IpAddr) -> Result<bool> {
    let row = sql("SELECT 1 AS seen FROM sessions WHERE user_id = $1 AND address = $2 LIMIT 1")
        .bind(id.0)
        .bind(address.to_string())
        .fetch_optional(on)
        .await?;
    Ok(row.is_some())
}

/// The account, nobody else changing it until the transaction ends.
pub(crate) async fn lock(on: &mut Transaction, id: UserId) -> Result<Option<Account>> {
    let row = locking!(on, "SELECT * FROM users WHERE user_id = $1").bind(id.0).fetch_optional(on).await?;
    row.as_ref().map(account).transpose()
}

/// Everybody who can administer, none of them changing until the transaction ends.
pub(crate) async fn lock_active_admins(on: &mut Transaction) -> Result<Vec<UserId>> {
    // No other role's name contains this one's.
    let statement = locking!(
        on,
        "SELECT user_id FROM users WHERE roles LIKE '%admin%' AND disabled_at IS NULL ORDER BY user_id"
    );
    let rows = statement.fetch_all(on).await?;
    rows.iter().map(|row| Ok(UserId(row.get("user_id")?))).collect()
}

/// Whether anybody can administer.
pub(crate) async fn has_active_admin(on: &mut impl Queryable) -> Result<bool> {
    let row = sql("SELECT 1 AS found FROM users WHERE roles LIKE '%admin%' AND disabled_at IS NULL LIMIT 1");
    Ok(row.fetch_optional(on).await?.is_some())
}

/// Gives the user another password.
pub(crate) async fn set_password(on: &mut Transaction, id: UserId, hash: &str) -> Result<()> {
    sql("UPDATE users SET password_hash = $2 WHERE user_id = $1")
        .bind(id.0)
        .bind(hash)
        .execute(on)
        .await
        .map(drop)
}

/// Gives the user other roles; tokens that name the old ones end. The version of those that do not.
pub(crate) async fn set_roles(on: &mut Transaction, id: UserId, roles: &Roles) -> Result<u32> {
    let set = sql("UPDATE users SET roles = $2, version = version + 1 WHERE user_id = $1 RETURNING version");
    set.bind(id.0).bind(roles.to_string()).fetch_one(on).await?.get("version")
}

/// Disables the user; every token issued so far ends. The version of those that would not.
pub(crate) async fn disable(on: &mut Transaction, id: UserId, now: Timestamp) -> Result<u32> {
    let set =
        sql("UPDATE users SET disabled_at = $2, version = version + 1 WHERE user_id = $1 RETURNING version");
    set.bind(id.0).bind(now).fetch_one(on).await?.get("version")
}

/// Ends every token issued so far. The version of those that are not.
pub(crate) async fn supersede(on: &mut Transaction, id: UserId) -> Result<u32> {
    let set = sql("UPDATE users SET version = version + 1 WHERE user_id = $1 RETURNING version");
    set.bind(id.0).fetch_one(on).await?.get("version")
}

/// Lets the user in again.
pub(crate) async fn enable(on: &mut Transaction, id: UserId) -> Result<()> {
    sql("UPDATE users SET disabled_at = NULL WHERE user_id = $1").bind(id.0).execute(on).await.map(drop)
}

/// A page of users, newest first; only those whose e-mail address contains `part`, if given.
pub(crate) async fn page(
    on: &mut impl Queryable,
    part: Option<&str>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Page<User>> {
    let pattern = format!("%{}%", escaped(&part.unwrap_or_default().to_lowercase()));
    let rows = sql("SELECT * FROM users WHERE user_id < $1 AND email LIKE $2 ESCAPE '!'
                    ORDER BY user_id DESC LIMIT $3")
    .bind(after.unwrap_or(Uuid::max()))
    .bind(pattern)
    .bind(limit + 1)
    .fetch_all(on)
    .await?;
    Ok(Page::cut(rows.iter().map(user).collect::<Result<_>>()?, limit, |user: &User| user.id.0))
}

/// The text with everything that `LIKE` would take for a wildcard made plain.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account { user: user(row)?, password_hash: row.get("password_hash")? })
}

pub(super) fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: UserId(row.get("user_id")?),
        email: row.parse("email")?,
        name: row.parse("name")?,
        roles: row.parse("roles")?,
        version: row.get("version")?,
        disabled_at: row.get("disabled_at")?,
        registered_at: row.get("registered_at")?,
    })
}
