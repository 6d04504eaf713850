//! A PostgreSQL that goes away: nobody waits a second for it, and nothing else than waiting is needed when it is back.

use std::time::{Duration, Instant};

use chassis::{
    database::{Connection, Database, DatabaseSettings, Error, sql},
    metrics::Metrics,
};
use testkit::{
    TestDatabase,
    proxy::{Network, Proxy},
};
use tokio::time::timeout;

/// What nobody waits for a database that is down, nor for one that is back.
const BOUND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);

async fn number(connection: &mut Connection, number: i64) -> Result<i64, Error> {
    sql("SELECT $1::bigint AS number").bind(number).fetch_one(connection).await?.get("number")
}

/// Holds every connection there is, at once, and uses each: none is lost, none answers somebody else's question.
async fn use_all(database: &Database, connections: u32) {
    let mut held = Vec::new();
    for _ in 0..connections {
        held.push(database.read().await.unwrap());
    }
    for (connection, expected) in held.iter_mut().zip(0..) {
        assert_eq!(number(connection, expected).await.unwrap(), expected);
    }
}

/// Ends all connections to the same database but the one that this is said on; returns when they have ended.
async fn terminate(database: &Database) {
    let end = "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sql(end).execute(&mut database.read().await.unwrap()).await.unwrap();
}

async fn until_back(database: &Database) {
    let began = Instant::now();
    while database.ping().await.is_err() {
        assert!(began.elapsed() < BOUND, "it is not used again: {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What is asked of a database before, while and after it is gone.
async fn goes_away(database: TestDatabase, network: Network) {
    let (proxy, settings) = Proxy::before(&database.settings()).await;
    let database = crate::database::open_with(&settings).await;
    let metrics = Metrics::default();
    database.register(&metrics, "notes-service");
    use_all(&database, settings.connections).await;

    let (mut idle, mut running) = (database.read().await.unwrap(), database.read().await.unwrap());
    let (mut busy, open) = (database.begin().await.unwrap(), database.begin().await.unwrap());
    number(&mut idle, 1).await.unwrap();
    let began = Instant::now();
    let asked = async {
        tokio::join!(
            sql("SELECT pg_sleep(4)").execute(&mut running),
            sql("INSERT INTO samples (id) SELECT gen_random_uuid() FROM pg_sleep(4)").execute(&mut busy),
            async {
                // Everybody has begun: now it goes.
                tokio::time::sleep(Duration::from_millis(50)).await;
                proxy.be(network);
                tokio::join!(number(&mut idle, 2), open.commit(), database.read(), database.begin())
            },
        )
    };
    let (running_ended, busy_ended, (idle_ended, committed, reader, writer)) =
        timeout(PATIENCE, asked).await.unwrap();
    let took = began.elapsed();
    assert!(took < BOUND, "{took:?}");
    let ends = [
        running_ended.err(),
        busy_ended.err(),
        idle_ended.err(),
        committed.err(),
        reader.err(),
        writer.err(),
    ];
    for (end, what) in ends.iter().zip(["running", "busy", "idle", "commit", "read", "begin"]) {
        assert!(matches!(end, Some(Error::Unavailable(_))), "{what}: {end:?}");
    }
    assert!(busy.rollback().await.is_err(), "a transaction cannot outlive it");
    drop((idle, running));

    let down = async {
        while database.is_up() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(BOUND, down).await.expect("it is known to be down");
    let refusals = Instant::now();
    for _ in 0..1000 {
        assert!(matches!(database.read().await.err(), Some(Error::Unavailable(_))));
    }
    assert!(
        refusals.elapsed() < BOUND / 2,
        "who asks while it is down is told at once: {:?}",
        refusals.elapsed()
    );
    assert!(metrics.text().contains(r#"database_up{service="notes-service"} 0"#), "{}", metrics.text());

    proxy.be(Network::Up);
    until_back(&database).await;
    use_all(&database, settings.connections).await;
    let rows = sql("SELECT id FROM samples").fetch_all(&mut database.read().await.unwrap()).await.unwrap();
    assert!(rows.is_empty(), "what was not committed never was");
    let text = metrics.text();
    for line in [
        r#"database_up{service="notes-service"} 1"#,
        r#"database_connections_max{service="notes-service"} 4"#,
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    timeout(PATIENCE, database.close()).await.unwrap();
}

#[test]
fn a_server_that_freezes() {
    testkit::database::on_postgres(|database| goes_away(database, Network::Hung));
}

#[test]
fn a_server_that_hangs_up() {
    testkit::database::on_postgres(|database| goes_away(database, Network::Cut));
}

#[test]
fn a_server_that_is_no_more() {
    testkit::database::on_postgres(|database| goes_away(database, Network::Refused));
}

#[test]
fn a_busy_server_is_not_taken_for_a_dead_one() {
    testkit::database::on_postgres(async |database: TestDatabase| {
        let database = crate::database::open(&database).await;
        let mut connection = database.read().await.unwrap();
        sql("SELECT pg_sleep(2)").execute(&mut connection).await.unwrap();
        assert_eq!(number(&mut connection, 3).await.unwrap(), 3);
    });
}

#[test]
fn lost_connections_are_not_a_lost_server() {
    testkit::database::on_postgres(async |test: TestDatabase| {
        let database = crate::database::open(&test).await;
        use_all(&database, test.settings().connections).await;
        terminate(&database).await;
        let began = Instant::now();
        while began.elapsed() < BOUND {
            database.ping().await.expect("there is a server");
        }
        use_all(&database, test.settings().connections).await;
    });
}

/// Whatever is done first on a connection that was lost meanwhile is done on another one, and done once.
#[test]
fn a_connection_that_was_lost_while_idle_costs_nobody_anything() {
    testkit::database::on_postgres(async |test: TestDatabase| {
        let settings = DatabaseSettings { connections: 1, ..test.settings() };
        let (database, other) =
            (crate::database::open_with(&settings).await, crate::database::open(&test).await);
        let insert = || sql("INSERT INTO samples (id) VALUES (gen_random_uuid())");
        let lose = async || {
            database.ping().await.unwrap();
            terminate(&other).await;
        };

        lose().await;
        assert_eq!(number(&mut database.read().await.unwrap(), 1).await.unwrap(), 1);
        lose().await;
        let mut transaction = database.begin().await.unwrap();
        insert().execute(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();
        lose().await;
        let reading = database.read().await.unwrap();
        let mut writing = database.write_after(reading).await.unwrap();
        insert().execute(&mut writing).await.unwrap();
        drop(writing);

        // One that goes while it is used is an outage, and the next user is not concerned.
        lose().await;
        let mut connection = database.read().await.unwrap();
        number(&mut connection, 2).await.unwrap();
        terminate(&other).await;
        assert!(matches!(number(&mut connection, 3).await, Err(Error::Unavailable(_))));
        drop(connection);
        let rows = sql("SELECT id FROM samples").fetch_all(&mut database.read().await.unwrap()).await;
        assert_eq!(rows.unwrap().len(), 2);
    });
}

#[test]
fn a_statement_that_nobody_waits_for_any_more_leaves_nothing_behind() {
    testkit::database::on_postgres(async |test: TestDatabase| {
        let settings = DatabaseSettings { connections: 1, ..test.settings() };
        let database = crate::database::open_with(&settings).await;
        let mut connection = database.read().await.unwrap();
        let dropped = timeout(BOUND / 10, sql("SELECT pg_sleep(4)").execute(&mut connection)).await;
        assert!(dropped.is_err());
        drop(connection);
        let next = timeout(BOUND, database.read()).await.expect("its place is free at once");
        assert_eq!(number(&mut next.unwrap(), 5).await.unwrap(), 5);
    });
}

#[test]
fn a_service_waits_for_its_server_at_the_start() {
    testkit::database::on_postgres(async |test: TestDatabase| {
        let (proxy, settings) = Proxy::before(&test.settings()).await;
        proxy.be(Network::Cut);
        let opening = crate::database::open_with(&settings);
        let server = async {
            while proxy.accepted() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            proxy.be(Network::Up);
        };
        let (database, ()) = timeout(PATIENCE, async { tokio::join!(opening, server) }).await.unwrap();
        database.ping().await.unwrap();
    });
}

#[test]
fn replicas_that_start_at_once_migrate_once() {
    testkit::database::on_postgres(async |test: TestDatabase| {
        let opened = (0..8).map(|_| crate::database::open(&test));
        for database in futures_util::future::join_all(opened).await {
            database.ping().await.unwrap();
        }
    });
}

#[test]
fn the_server_knows_who_asks() {
    testkit::database::on_postgres(async |test: TestDatabase| {
        let settings = DatabaseSettings { application_name: "notes-service".to_owned(), ..test.settings() };
        let database = crate::database::open_with(&settings).await;
        let names =
            "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = current_database()";
        let rows = sql(names).fetch_all(&mut database.read().await.unwrap()).await.unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.get("application_name").unwrap()).collect();
        assert_eq!(names, ["notes-service"]);
    });
}
