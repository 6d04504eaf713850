//! One database, SQLite or PostgreSQL by its URL, behind one way of asking.
//!
//! sqlx's own any-engine driver knows neither UUIDs nor timestamps, and generic code over its engines costs a
//! page of bounds per function. So a store writes [`sql`] once with `$1` parameters, binds [`Value`]s and reads
//! [`Row`]s; each value takes the engine's native type. Only where the engines truly differ a store asks for the
//! [`Engine`]. Where next: `pool` for how connections are shared, `postgres` for what happens when the server is
//! gone, `statement` for how connections are used.

mod error;
mod metrics;
mod pool;
mod postgres;
mod row;
mod settings;
mod shared;
mod sqlite;
mod statement;
mod value;

pub use error::{Error, Result};
pub use pool::{Connection, Database, Migrations, Transaction};
pub use row::{FromColumn, Row};
pub use settings::DatabaseSettings;
pub use statement::{Queryable, Statement, sql};
pub use value::Value;

/// Which database engine is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in this process.
    Sqlite,
    /// A server.
    Postgres,
}
