//! The table `profiles`: at most one row a user, made when the user is first seen.

use chassis::{
    database::{Database, Result, Row, sql},
    page::Page,
};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::{Change, DisplayName, Locale, Phone, Profile, ProfileChanges, TimeZoneName};

/// Where profiles are kept.
#[derive(Clone)]
pub(crate) struct Profiles(Database);

impl Profiles {
    pub(crate) fn new(database: Database) -> Self {
        Self(database)
    }

    /// The profile of `user`, if they were ever seen.
    pub(crate) async fn find(&self, user: UserId) -> Result<Option<Profile>> {
        let row = sql("SELECT * FROM profiles WHERE user_id = $1")
            .bind(user.0)
            .fetch_optional(&mut self.0.read().await?)
            .await?;
        row.as_ref().map(profile).transpose()
    }

    /// The profile of `user`, made now if this is the first that is seen of them.
    pub(crate) async fn find_or_make(&self, user: UserId, now: Timestamp) -> Result<Profile> {
        match self.find(user).await? {
            Some(profile) => Ok(profile),
            None => self.change(user, ProfileChanges::default(), now).await,
        }
    }

    /// Changes the profile of `user`, making it first if need be. Both are single statements which two callers
    /// can run at once: the second to insert finds the row, and changes to different fields are both kept.
    pub(crate) async fn change(
        &self,
        user: UserId,
        changes: ProfileChanges,
        now: Timestamp,
    ) -> Result<Profile> {
        let mut transaction = self.0.begin().await?;
        sql("INSERT INTO profiles (user_id, created_at, updated_at) VALUES ($1, $2, $2)
             ON CONFLICT (user_id) DO NOTHING")
        .bind(user.0)
        .bind(now)
        .execute(&mut transaction)
        .await?;

        let touched = (!changes.is_empty()).then_some(now);
        let (rename, display_name) = parameters(changes.display_name);
        let (rephone, phone) = parameters(changes.phone);
        let (rezone, time_zone) = parameters(changes.time_zone);
        let (relocate, locale) = parameters(changes.locale);
        let row = sql("UPDATE profiles SET
                           updated_at = coalesce($2, updated_at),
                           display_name = CASE WHEN $3 THEN $4 ELSE display_name END,
                           phone = CASE WHEN $5 THEN $6 ELSE phone END,
                           time_zone = CASE WHEN $7 THEN $8 ELSE time_zone END,
                           locale = CASE WHEN $9 THEN $10 ELSE locale END
                       WHERE user_id = $1
                       RETURNING *")
        .bind(user.0)
        .bind(touched)
        .bind(rename)
        .bind(display_name)
        .bind(rephone)
        .bind(phone)
        .bind(rezone)
        .bind(time_zone)
        .bind(relocate)
        .bind(locale)
        .fetch_one(&mut transaction)
        .await?;
        transaction.commit().await?;
        profile(&row)
    }

    /// A page of all profiles: newest account first, which is the order of user ids backwards (UUID version 7).
    pub(crate) async fn page(&self, after: Option<Uuid>, limit: i64) -> Result<Page<Profile>> {
        let rows = sql("SELECT * FROM profiles WHERE user_id < $1 ORDER BY user_id DESC LIMIT $2")
            .bind(after.unwrap_or(Uuid::max()))
            .bind(limit + 1)
            .fetch_all(&mut self.0.read().await?)
            .await?;
        let profiles = rows.iter().map(profile).collect::<Result<_>>()?;
        Ok(Page::cut(profiles, limit, |profile| profile.user_id.0))
    }
}

/// Whether to change a column, and to what.
fn parameters<T: Into<String>>(change: Change<T>) -> (bool, Option<String>) {
    match change {
        Change::Keep => (false, None),
        Change::Clear => (true, None),
        Change::Set(value) => (true, Some(value.into())),
    }
}

fn profile(row: &Row) -> Result<Profile> {
    let text = |column| row.get::<Option<String>>(column);
    Ok(Profile {
        user_id: UserId(row.get("user_id")?),
        display_name: text("display_name")?.map(DisplayName::stored),
        phone: text("phone")?.map(Phone::stored),
        time_zone: text("time_zone")?.map(TimeZoneName::stored),
        locale: text("locale")?.map(Locale::stored),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
