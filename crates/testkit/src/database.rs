//! A fresh, empty database for every test, on either engine, gone when the test is over.
//!
//! PostgreSQL is used where `SIGNET_TEST_POSTGRES` names a server and a role that may create databases
//! (`scripts/with-postgres` does so). Without it those tests say that they are skipped; where `CI` is set they fail.

use std::{thread, time::Duration};

use chassis::database::DatabaseSettings;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use url::Url;

/// Few, because many tests share one server.
const CONNECTIONS: u32 = 4;

/// A database of one test. It goes when this is dropped, whoever is still connected.
pub struct TestDatabase {
    settings: DatabaseSettings,
    _guard: Guard,
}

/// Removes the database when dropped.
enum Guard {
    Folder { _folder: TempDir },
    Server { server: Url, name: String },
}

impl TestDatabase {
    /// A file in a folder of its own.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = settings(&format!("sqlite:{}", folder.path().join("test.db").display()));
        Self { settings, _guard: Guard::Folder { _folder: folder } }
    }

    /// A database of its own on the test server, if there is a server.
    pub fn postgres() -> Option<Self> {
        let server: Url = variable("SIGNET_TEST_POSTGRES")?.parse().expect("SIGNET_TEST_POSTGRES is a URL");
        let name =
            format!("test_{}", identity::uuid_v7(&identity::SystemClock, &identity::SystemEntropy).simple());
        execute(&server, format!(r#"CREATE DATABASE "{name}""#));
        let mut url = server.clone();
        url.set_path(&name);
        Some(Self { settings: settings(url.as_str()), _guard: Guard::Server { server, name } })
    }

    /// How a service reaches it.
    pub fn settings(&self) -> DatabaseSettings {
        self.settings.clone()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Self::Server { server, name } = self {
            execute(server, format!(r#"DROP DATABASE "{name}" WITH (FORCE)"#));
        }
    }
}

/// Turns each test that takes a database into one `#[test]` per engine:
///
/// ```
/// testkit::each_engine! {
///     async fn a_profile_is_made_on_first_sight(database: TestDatabase) {
///         /* … becomes a_profile_is_made_on_first_sight::sqlite and ::postgres */
///     }
/// }
/// ```
#[macro_export]
macro_rules! each_engine {
    ($($(#[$attribute:meta])* async fn $name:ident($database:ident: TestDatabase) $body:block)*) => {$(
        #[cfg(test)]
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "a test may do with what the macro gives it")]
            use super::*;

            async fn test($database: $crate::TestDatabase) $body

            #[test]
            fn sqlite() {
                $crate::database::on_sqlite(test);
            }

            #[test]
            fn postgres() {
                $crate::database::on_postgres(test);
            }
        }
    )*};
}

/// Runs a test on SQLite.
pub fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(TestDatabase) -> F) {
    block_on(test(TestDatabase::sqlite()));
}

/// Runs a test on PostgreSQL.
pub fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(TestDatabase) -> F) {
    if let Some(database) = TestDatabase::postgres() {
        return block_on(test(database));
    }
    assert!(variable("CI").is_none(), "SIGNET_TEST_POSTGRES must name a server where CI is set");
    println!("skipped: SIGNET_TEST_POSTGRES names no server (scripts/with-postgres starts one)");
}

fn settings(url: &str) -> DatabaseSettings {
    DatabaseSettings { connections: CONNECTIONS, ..DatabaseSettings::of(url) }
}

fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(test);
}

/// On a thread with a runtime of its own, since dropping happens anywhere and cannot wait.
fn execute(server: &Url, statement: String) {
    let server = server.to_string();
    let executing = async move {
        let mut connection = PgConnection::connect(&server).await?;
        connection.execute(AssertSqlSafe(statement)).await?;
        connection.close().await
    };
    let thread = thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async { tokio::time::timeout(Duration::from_mins(1), executing).await })
    });
    let executed = thread.join().expect("a thread that ends").expect("an answer within a minute");
    executed.expect("SIGNET_TEST_POSTGRES names a role that may create databases");
}

#[expect(clippy::disallowed_methods, reason = "the one thing that tests are told from outside")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
