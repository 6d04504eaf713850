//! The table `offerings`. Rows stay for the appointments made out of them.

use chassis::{
    database::{Database, Queryable, Result, Row, sql},
    page::Page,
};
use identity::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use super::corrupt;
use crate::domain::{Offering, OfferingId, Price, Terms};

/// The offering called `id`.
pub(crate) async fn find(on: &mut impl Queryable, id: OfferingId) -> Result<Option<Offering>> {
    let row = sql("SELECT * FROM offerings WHERE id = $1").bind(id.0).fetch_optional(on).await?;
    row.as_ref().map(offering).transpose()
}

/// A page of what `provider` offers, oldest first; `all` includes what cannot be booked at present.
pub(crate) async fn page(
    database: &Database,
    provider: UserId,
    all: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Page<Offering>> {
    let rows = sql("SELECT * FROM offerings
                    WHERE provider_id = $1 AND (active OR $2) AND id > $3 ORDER BY id LIMIT $4")
    .bind(provider.0)
    .bind(all)
    .bind(after.unwrap_or(Uuid::nil()))
    .bind(limit + 1)
    .fetch_all(&mut database.read().await?)
    .await?;
    let offerings = rows.iter().map(offering).collect::<Result<_>>()?;
    Ok(Page::cut(offerings, limit, |offering| offering.id.0))
}

/// Adds an offering; it, as it is kept.
pub(crate) async fn insert(database: &Database, new: &Offering) -> Result<Offering> {
    let mut transaction = database.begin().await?;
    let row = sql("INSERT INTO offerings
             (id, provider_id, name, minutes, price_minor, currency, active, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         RETURNING *")
    .bind(new.id.0)
    .bind(new.provider_id.0)
    .bind(new.terms.name.as_str())
    .bind(new.terms.minutes)
    .bind(new.terms.price.minor)
    .bind(new.terms.price.currency.as_str())
    .bind(new.active)
    .bind(new.created_at)
    .bind(new.updated_at)
    .fetch_one(&mut transaction)
    .await?;
    transaction.commit().await?;
    offering(&row)
}

/// Replaces the terms of an offering of `provider`; none where it has no such offering.
pub(crate) async fn update(
    database: &Database,
    (provider, id): (UserId, OfferingId),
    terms: &Terms,
    active: bool,
    now: Timestamp,
) -> Result<Option<Offering>> {
    let mut transaction = database.begin().await?;
    let row = sql("UPDATE offerings SET
                       name = $3, minutes = $4, price_minor = $5, currency = $6, active = $7, updated_at = $8
                   WHERE id = $1 AND provider_id = $2
                   RETURNING *")
    .bind(id.0)
    .bind(provider.0)
    .bind(terms.name.as_str())
    .bind(terms.minutes)
    .bind(terms.price.minor)
    .bind(terms.price.currency.as_str())
    .bind(active)
    .bind(now)
    .fetch_optional(&mut transaction)
    .await?;
    transaction.commit().await?;
    row.as_ref().map(offering).transpose()
}

/// Stops offering something; whether `provider` has such an offering.
pub(crate) async fn deactivate(
    database: &Database,
    provider: UserId,
    id: OfferingId,
    now: Timestamp,
) -> Result<bool> {
    let mut transaction = database.begin().await?;
    let changed = sql("UPDATE offerings SET active = $3, updated_at = $4 WHERE id = $1 AND provider_id = $2")
        .bind(id.0)
        .bind(provider.0)
        .bind(false)
        .bind(now)
        .execute(&mut transaction)
        .await?;
    transaction.commit().await?;
    Ok(changed == 1)
}

fn offering(row: &Row) -> Result<Offering> {
    let text = |column| row.get::<String>(column);
    let price = Price::parse(row.get("price_minor")?, &text("currency")?);
    let price = price.map_err(corrupt("price_minor or currency"))?;
    let terms = Terms::parse(&text("name")?, row.get("minutes")?, price);
    Ok(Offering {
        id: OfferingId(row.get("id")?),
        provider_id: UserId(row.get("provider_id")?),
        terms: terms.map_err(corrupt("name or minutes"))?,
        active: row.get("active")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
