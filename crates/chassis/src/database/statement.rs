//! One statement: its text, its parameters, and the connection it runs on.

use jiff_sqlx::ToSqlx;
use sqlx::{Postgres, Sqlite, SqliteConnection};

use super::{
    Engine, Result, Row, Value,
    postgres::{Lease, on_lease},
};

/// Begins a statement. Parameters are `$1`, `$2` … on both engines.
#[must_use]
pub fn sql(text: &'static str) -> Statement {
    Statement { text, values: Vec::new() }
}

/// A statement with its parameters.
#[derive(Debug)]
pub struct Statement {
    text: &'static str,
    values: Vec<Value>,
}

/// Something statements run on: a connection or a transaction.
pub trait Queryable: Send {
    /// The engine's own connection.
    fn handle(&mut self) -> Handle<'_>;

    /// Which engine answers.
    fn engine(&mut self) -> Engine {
        match self.handle().0 {
            Raw::Sqlite(_) => Engine::Sqlite,
            Raw::Postgres(_) => Engine::Postgres,
        }
    }
}

/// The engine's own connection.
pub struct Handle<'c>(pub(super) Raw<'c>);

pub(super) enum Raw<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut Lease),
}

/// Runs one sqlx call on whichever engine `$on` is, mapping what comes back.
macro_rules! run {
    ($statement:expr, $on:expr, $call:ident, |$answer:ident| $sqlite:expr, $postgres:expr) => {{
        let Statement { text, values } = $statement;
        match $on.handle().0 {
            Raw::Sqlite(connection) => {
                let $answer =
                    values.into_iter().fold(sqlx::query(text), bind_sqlite).$call(connection).await?;
                Ok($sqlite)
            }
            Raw::Postgres(lease) => {
                let query = || values.iter().cloned().fold(sqlx::query(text), bind_postgres);
                let $answer = on_lease!(lease, |connection| query().$call(connection))?;
                Ok($postgres)
            }
        }
    }};
}

impl Statement {
    /// Gives the next parameter.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it; how many rows it changed.
    pub async fn execute(self, on: &mut impl Queryable) -> Result<u64> {
        run!(self, on, execute, |done| done.rows_affected(), done.rows_affected())
    }

    /// Runs it; its row, if there is one.
    pub async fn fetch_optional(self, on: &mut impl Queryable) -> Result<Option<Row>> {
        run!(self, on, fetch_optional, |row| row.map(Row::Sqlite), row.map(Row::Postgres))
    }

    /// Runs it; its one row.
    ///
    /// # Errors
    /// Also when there is none.
    pub async fn fetch_one(self, on: &mut impl Queryable) -> Result<Row> {
        run!(self, on, fetch_one, |row| Row::Sqlite(row), Row::Postgres(row))
    }

    /// Runs it; all its rows. Statements that could return many carry a `LIMIT`.
    pub async fn fetch_all(self, on: &mut impl Queryable) -> Result<Vec<Row>> {
        run!(
            self,
            on,
            fetch_all,
            |rows| rows.into_iter().map(Row::Sqlite).collect(),
            rows.into_iter().map(Row::Postgres).collect()
        )
    }
}

type Query<'q, D> = sqlx::query::Query<'q, D, <D as sqlx::Database>::Arguments>;

fn bind_sqlite(query: Query<'_, Sqlite>, value: Value) -> Query<'_, Sqlite> {
    match value {
        Value::Bool(value) => query.bind(value),
        Value::Integer(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
        Value::Uuid(value) => query.bind(value),
        Value::Time(value) => query.bind(value.map(jiff::Timestamp::as_microsecond)),
    }
}

fn bind_postgres(query: Query<'_, Postgres>, value: Value) -> Query<'_, Postgres> {
    match value {
        Value::Bool(value) => query.bind(value),
        Value::Integer(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
        Value::Uuid(value) => query.bind(value),
        Value::Time(value) => query.bind(value.map(ToSqlx::to_sqlx)),
    }
}
