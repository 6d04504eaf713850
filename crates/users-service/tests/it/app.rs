//! The service as its callers meet it, with an issuer and a database of its own.

use std::path::PathBuf;

use chassis::{http::HttpSettings, keys::TrustSettings};
use testkit::{Client, Issuer, Running, TestDatabase};
use users_service::{Service, Settings};

pub(crate) struct App {
    /// A caller that is nobody.
    pub(crate) client: Client,
    pub(crate) issuer: Issuer,
    running: Running,
    keys_dir: Option<PathBuf>,
    /// Dropped last: the service works on it.
    database: TestDatabase,
}

impl App {
    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::start_with(Issuer::start().await, None, database).await
    }

    /// A service that keeps the issuer's keys in this folder.
    pub(crate) async fn start_keeping(keys_dir: PathBuf, database: TestDatabase) -> Self {
        Self::start_with(Issuer::start().await, Some(keys_dir), database).await
    }

    async fn start_with(issuer: Issuer, keys_dir: Option<PathBuf>, database: TestDatabase) -> Self {
        let settings = Settings {
            http: HttpSettings::ephemeral(),
            database: database.settings(),
            trust: TrustSettings { keys_dir: keys_dir.clone(), ..issuer.trust() },
        };
        let service = Service::build(settings, issuer.ambient()).await.unwrap();
        let url = format!("http://{}", service.http_address());
        let running = Running::start(service.health(), |shutdown| service.run(shutdown)).await;
        Self { client: Client::new(url), issuer, running, keys_dir, database }
    }

    pub(crate) async fn restart(self) -> Self {
        self.running.stop().await;
        Self::start_with(self.issuer, self.keys_dir, self.database).await
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }
}
