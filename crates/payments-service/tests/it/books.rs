//! The service's database, read behind its back: what was truly charged and given back.

use chassis::database::{Database, DatabaseSettings, Engine, Migrations, sql};

pub(crate) struct Books(Database);

impl Books {
    pub(crate) async fn open(settings: &DatabaseSettings) -> Self {
        let migrations = Migrations {
            sqlite: sqlx::migrate!("migrations/sqlite"),
            postgres: sqlx::migrate!("migrations/postgres"),
        };
        Self(Database::open(settings, &migrations).await.unwrap())
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.0.engine() == Engine::Postgres
    }

    /// Charges that took money, and how much all of them took.
    pub(crate) async fn charged(&self) -> (i64, i64) {
        self.sum(
            "SELECT count(*) AS count, CAST(coalesce(sum(amount_minor), 0) AS bigint) AS sum
             FROM sandbox_charges WHERE failure IS NULL",
        )
        .await
    }

    /// Refunds that the processor has made, and how much all of them gave back.
    pub(crate) async fn given_back(&self) -> (i64, i64) {
        self.sum(
            "SELECT count(*) AS count, CAST(coalesce(sum(amount_minor), 0) AS bigint) AS sum
             FROM sandbox_refunds",
        )
        .await
    }

    /// How many idempotency keys are kept.
    pub(crate) async fn keys(&self) -> i64 {
        self.sum("SELECT count(*) AS count, CAST(0 AS bigint) AS sum FROM idempotency_keys").await.0
    }

    /// What stands in the database as if a process had died.
    pub(crate) async fn rewind(&self, statements: &[&'static str]) {
        let mut transaction = self.0.begin().await.unwrap();
        for statement in statements {
            sql(statement).execute(&mut transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    /// Everything in one column called `text` of many rows.
    pub(crate) async fn texts(&self, select: &'static str) -> Vec<String> {
        let rows = sql(select).fetch_all(&mut self.0.read().await.unwrap()).await.unwrap();
        rows.iter().map(|row| row.get("text").unwrap()).collect()
    }

    pub(crate) async fn close(&self) {
        self.0.close().await;
    }

    async fn sum(&self, select: &'static str) -> (i64, i64) {
        let row = sql(select).fetch_one(&mut self.0.read().await.unwrap()).await.unwrap();
        (row.get("count").unwrap(), row.get("sum").unwrap())
    }
}
