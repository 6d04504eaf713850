//! What comes back.

use jiff::Timestamp;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Error, Result};

/// One row of an answer.
pub enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

impl Row {
    /// The value in the column called `column`.
    ///
    /// # Errors
    /// When there is no such column or its value is not a `T`.
    pub fn get<T: FromColumn>(&self, column: &str) -> Result<T> {
        T::from_column(self, column)
    }

    /// The column's text, parsed.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the text is not a `T`.
    pub fn parse<T>(&self, column: &str) -> Result<T>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        self.get::<String>(column)?.parse().map_err(|error| Error::corrupt(column, error))
    }

    fn native<T>(&self, column: &str) -> Result<T>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }
}

/// A type that a column can hold.
pub trait FromColumn: Sized {
    /// Reads it out of `row`.
    fn from_column(row: &Row, column: &str) -> Result<Self>;
}

macro_rules! native {
    ($($type:ty),* $(,)?) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, column: &str) -> Result<Self> {
                row.native(column)
            }
        }
    )*};
}

native! {
    bool, i64, String, Vec<u8>, Uuid,
    Option<bool>, Option<i64>, Option<String>, Option<Vec<u8>>, Option<Uuid>,
}

impl FromColumn for u32 {
    fn from_column(row: &Row, column: &str) -> Result<Self> {
        Self::try_from(row.native::<i64>(column)?).map_err(|error| Error::corrupt(column, error))
    }
}

impl FromColumn for Option<Timestamp> {
    fn from_column(row: &Row, column: &str) -> Result<Self> {
        match row {
            Row::Sqlite(row) => {
                let micros: Option<i64> = row.try_get(column)?;
                let time = micros.map(Timestamp::from_microsecond).transpose();
                time.map_err(|error| Error::corrupt(column, error))
            }
            Row::Postgres(row) => {
                let time: Option<jiff_sqlx::Timestamp> = row.try_get(column)?;
                Ok(time.map(jiff_sqlx::Timestamp::to_jiff))
            }
        }
    }
}

impl FromColumn for Timestamp {
    fn from_column(row: &Row, column: &str) -> Result<Self> {
        Option::from_column(row, column)?.ok_or_else(|| Error::corrupt(column, "no time"))
    }
}
