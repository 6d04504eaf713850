//! The service as its callers meet it, with an issuer and a database of its own.

use chassis::http::HttpSettings;
use testkit::{Client, Issuer, Running, TestDatabase};
use users_service::{Service, Settings};

pub(crate) struct App {
    /// A caller that is nobody.
    pub(crate) client: Client,
    pub(crate) issuer: Issuer,
    running: Running,
    /// Dropped last: the service works on it.
    database: TestDatabase,
}

impl App {
    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::start_with(Issuer::start().await, database).await
    }

    async fn start_with(issuer: Issuer, database: TestDatabase) -> Self {
        let settings = Settings {
            http: HttpSettings::ephemeral(),
            database: database.settings(),
            trust: issuer.trust(),
        };
        let service = Service::build(settings, issuer.ambient()).await.unwrap();
        let url = format!("http://{}", service.http_address());
        let running = Running::start(service.health(), |shutdown| service.run(shutdown)).await;
        Self { client: Client::new(url), issuer, running, database }
    }

    pub(crate) async fn restart(self) -> Self {
        self.running.stop().await;
        Self::start_with(self.issuer, self.database).await
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }
}
