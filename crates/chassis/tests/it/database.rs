//! One SQL text, two engines, the same answers.

use std::time::{Duration, Instant};

use chassis::database::{Database, DatabaseSettings, Engine, Error, Migrations, Queryable, sql};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use testkit::TestDatabase;
use uuid::Uuid;

pub(crate) async fn open(database: &TestDatabase) -> Database {
    open_with(&database.settings()).await
}

pub(crate) async fn open_with(settings: &DatabaseSettings) -> Database {
    let migrations = Migrations {
        sqlite: sqlx::migrate!("tests/it/migrations/sqlite"),
        postgres: sqlx::migrate!("tests/it/migrations/postgres"),
    };
    Database::open(settings, &migrations).await.unwrap()
}

testkit::each_engine! {
    async fn every_kind_of_value_comes_back_as_it_went(database: TestDatabase) {
        let database = open(&database).await;
        let (id, time) = (Uuid::from_u128(7), "2026-11-21T10:00:00.123456Z".parse::<Timestamp>().unwrap());
        let mut transaction = database.begin().await.unwrap();
        let insert = "INSERT INTO samples (id, flag, number, words, bytes, at) VALUES ($1, $2, $3, $4, $5, $6)";
        let full = sql(insert).bind(id).bind(true).bind(-3_i64).bind("ä'; --").bind(vec![0_u8, 255]).bind(time);
        full.execute(&mut transaction).await.unwrap();
        let empty = sql(insert).bind(Uuid::nil()).bind(None::<bool>).bind(None::<i64>).bind(None::<&str>);
        empty.bind(None::<Vec<u8>>).bind(None::<Timestamp>).execute(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();

        let mut connection = database.read().await.unwrap();
        let rows = sql("SELECT * FROM samples ORDER BY id DESC").fetch_all(&mut connection).await.unwrap();
        assert_eq!(rows[0].get::<Uuid>("id").unwrap(), id);
        assert!(rows[0].get::<bool>("flag").unwrap());
        assert_eq!(rows[0].get::<i64>("number").unwrap(), -3);
        assert!(matches!(rows[0].get::<u32>("number"), Err(Error::Corrupt { .. })));
        assert_eq!(rows[0].get::<String>("words").unwrap(), "ä'; --");
        assert_eq!(rows[0].get::<Vec<u8>>("bytes").unwrap(), [0, 255]);
        assert_eq!(rows[0].get::<Timestamp>("at").unwrap(), time);
        assert_eq!(rows[1].get::<Option<Timestamp>>("at").unwrap(), None);
        assert_eq!(rows[1].get::<Option<String>>("words").unwrap(), None);
    }

    async fn what_is_not_committed_never_was(database: TestDatabase) {
        let database = open(&database).await;
        let mut transaction = database.begin().await.unwrap();
        sql("INSERT INTO samples (id) VALUES ($1)").bind(Uuid::nil()).execute(&mut transaction).await.unwrap();
        drop(transaction);
        let mut connection = database.read().await.unwrap();
        assert!(sql("SELECT id FROM samples").fetch_optional(&mut connection).await.unwrap().is_none());
    }

    async fn what_is_undone_holds_nobody_up(database: TestDatabase) {
        let database = open(&database).await;
        let insert = || sql("INSERT INTO samples (id) VALUES ($1)").bind(Uuid::nil());
        let mut undone = database.begin().await.unwrap();
        insert().execute(&mut undone).await.unwrap();
        let began = Instant::now();
        drop(undone);
        let mut next = database.begin().await.unwrap();
        insert().execute(&mut next).await.unwrap();
        next.commit().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }

    async fn a_second_row_of_one_key_is_taken(database: TestDatabase) {
        let database = open(&database).await;
        let mut transaction = database.begin().await.unwrap();
        let insert = || sql("INSERT INTO samples (id) VALUES ($1)").bind(Uuid::nil());
        insert().execute(&mut transaction).await.unwrap();
        assert!(insert().execute(&mut transaction).await.unwrap_err().is_taken());
    }

    async fn a_second_start_finds_the_schema_in_place(database: TestDatabase) {
        let (first, second) = tokio::join!(open(&database), open(&database));
        first.ping().await.unwrap();
        second.ping().await.unwrap();
        assert_eq!(first.engine(), first.read().await.unwrap().engine());
    }

    async fn a_closed_database_is_unavailable(database: TestDatabase) {
        let database = open(&database).await;
        database.close().await;
        assert!(matches!(database.ping().await, Err(Error::Unavailable(_))));
    }
}

#[tokio::test]
async fn readers_of_sqlite_cannot_write() {
    let database = TestDatabase::sqlite();
    let database = open(&database).await;
    assert_eq!(database.engine(), Engine::Sqlite);
    let mut reader = database.read().await.unwrap();
    assert!(sql("DELETE FROM samples").execute(&mut reader).await.is_err());
}

#[tokio::test]
async fn what_was_written_gets_into_the_file_beside_those_who_write() {
    const BYTES: usize = 1 << 20;
    let test = TestDatabase::sqlite();
    let database = open(&test).await;
    let file = std::path::PathBuf::from(test.settings().url.expose_secret().trim_start_matches("sqlite:"));
    let size = || std::fs::metadata(&file).unwrap().len();
    let before = size();
    let mut transaction = database.begin().await.unwrap();
    let insert =
        sql("INSERT INTO samples (id, bytes) VALUES ($1, $2)").bind(Uuid::nil()).bind(vec![7; BYTES]);
    insert.execute(&mut transaction).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(size(), before, "whoever commits does not wait for it");
    let began = Instant::now();
    while size() < BYTES as u64 {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
