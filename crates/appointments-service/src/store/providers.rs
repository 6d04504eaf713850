//! The table `providers`, one row for every user who offers time.

use chassis::{
    database::{Database, Engine, Error, Queryable, Result, Row, Transaction, sql},
    page::Page,
};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use super::corrupt;
use crate::domain::{CancellationPolicy, Name, OpeningHours, Provider, Zone};

/// The provider called `id`.
pub(crate) async fn find(on: &mut impl Queryable, id: UserId) -> Result<Option<Provider>> {
    let row = sql("SELECT * FROM providers WHERE id = $1").bind(id.0).fetch_optional(on).await?;
    row.as_ref().map(provider).transpose()
}

/// The provider called `id`, kept from everybody else who locks it until `transaction` ends.
pub(crate) async fn lock(transaction: &mut Transaction, id: UserId) -> Result<Option<Provider>> {
    let select = match transaction.engine() {
        Engine::Sqlite => "SELECT * FROM providers WHERE id = $1",
        // Not `FOR UPDATE`, which would keep others from referring to the row.
        Engine::Postgres => "SELECT * FROM providers WHERE id = $1 FOR NO KEY UPDATE",
    };
    let row = sql(select).bind(id.0).fetch_optional(transaction).await?;
    row.as_ref().map(provider).transpose()
}

/// A page of all providers, those who registered first first.
pub(crate) async fn page(database: &Database, after: Option<Uuid>, limit: i64) -> Result<Page<Provider>> {
    let rows = sql("SELECT * FROM providers WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(after.unwrap_or(Uuid::nil()))
        .bind(limit + 1)
        .fetch_all(&mut database.read().await?)
        .await?;
    let providers = rows.iter().map(provider).collect::<Result<_>>()?;
    Ok(Page::cut(providers, limit, |provider| provider.id.0))
}

/// Introduces the provider, closed at first, or changes what it says of itself.
pub(crate) async fn put(
    database: &Database,
    id: UserId,
    name: &Name,
    zone: &Zone,
    cancellation: CancellationPolicy,
    now: Timestamp,
) -> Result<Provider> {
    let mut transaction = database.begin().await?;
    let row = sql("INSERT INTO providers
                       (id, name, time_zone, opening_hours, free_until_hours, late_refund_percent,
                        created_at, updated_at)
                   VALUES ($1, $2, $3, '{}', $4, $5, $6, $6)
                   ON CONFLICT (id) DO UPDATE SET
                       name = $2, time_zone = $3, free_until_hours = $4, late_refund_percent = $5, updated_at = $6
                   RETURNING *")
    .bind(id.0)
    .bind(name.as_str())
    .bind(zone.name())
    .bind(cancellation.free_until_hours)
    .bind(u32::from(cancellation.late_refund_percent))
    .bind(now)
    .fetch_one(&mut transaction)
    .await?;
    transaction.commit().await?;
    provider(&row)
}

/// Replaces the opening hours; none where there is no such provider.
pub(crate) async fn set_opening_hours(
    database: &Database,
    id: UserId,
    hours: &OpeningHours,
    now: Timestamp,
) -> Result<Option<Provider>> {
    let written = serde_json::to_string(&hours.to_week());
    let written = written.map_err(|error| Error::corrupt("opening_hours", error))?;
    let mut transaction = database.begin().await?;
    let row = sql("UPDATE providers SET opening_hours = $2, updated_at = $3 WHERE id = $1 RETURNING *")
        .bind(id.0)
        .bind(written)
        .bind(now)
        .fetch_optional(&mut transaction)
        .await?;
    transaction.commit().await?;
    row.as_ref().map(provider).transpose()
}

fn provider(row: &Row) -> Result<Provider> {
    let text = |column| row.get::<String>(column);
    let week = serde_json::from_str(&text("opening_hours")?);
    let week = week.map_err(|error| Error::corrupt("opening_hours", error))?;
    Ok(Provider {
        id: UserId(row.get("id")?),
        name: Name::parse(&text("name")?).map_err(corrupt("name"))?,
        zone: Zone::parse(&text("time_zone")?).map_err(corrupt("time_zone"))?,
        hours: OpeningHours::parse(&week).map_err(corrupt("opening_hours"))?,
        cancellation: cancellation(row)?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// The columns that providers and appointments share.
pub(super) fn cancellation(row: &Row) -> Result<CancellationPolicy> {
    let percent = u8::try_from(row.get::<u32>("late_refund_percent")?);
    let policy = CancellationPolicy {
        free_until_hours: row.get("free_until_hours")?,
        late_refund_percent: percent.map_err(|error| Error::corrupt("late_refund_percent", error))?,
    };
    policy.parse().map_err(corrupt("late_refund_percent"))
}
