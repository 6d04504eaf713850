//! The service as its callers meet it, with a database, a clock and a master key of its own.

use std::{sync::Arc, time::Duration};

use auth_service::{Administration, Service, Settings};
use chassis::{
    Ambient,
    database::{Database, Migrations},
    settings,
};
use identity::{Role, SystemEntropy};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use testkit::{Client, Issuer, Running, TestClock, TestDatabase, http::Response};

/// Good enough for everybody but the tests about passwords.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A master key like any other.
pub(crate) const MASTER_KEY: &str = "9f0c1d2e3b4a59687786a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// What most tests start with: limits so wide that only tests about them meet them.
const DEFAULTS: [(&str, &str); 12] = [
    ("AUTH_LISTEN", "127.0.0.1:0"),
    ("AUTH_RPC_LISTEN", "127.0.0.1:0"),
    ("AUTH_WORKERS", "2"),
    ("AUTH_ISSUER", "https://auth.example"),
    ("AUTH_MASTER_KEY", MASTER_KEY),
    ("AUTH_LOGIN_LIMIT_ADDRESS", "10000/1m burst 10000"),
    ("AUTH_LOGIN_LIMIT_PAIR", "10000/1m burst 10000"),
    ("AUTH_LOGIN_LIMIT_ACCOUNT", "10000/1m burst 10000"),
    ("AUTH_REGISTER_LIMIT_ADDRESS", "10000/1m burst 10000"),
    ("AUTH_REGISTER_LIMIT_ACCOUNT", "10000/1m burst 10000"),
    ("AUTH_CLIENT_LIMIT_ADDRESS", "10000/1m burst 10000"),
    ("AUTH_HASH_QUEUE", "1000"),
];

/// A variable and its value.
pub(crate) type Variable<'v> = (&'v str, &'v str);

pub(crate) struct App {
    /// A caller that is nobody.
    pub(crate) client: Client,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) administration: Administration,
    running: Running,
    variables: Vec<(String, String)>,
    /// Dropped last: the service works on it.
    pub(crate) database: TestDatabase,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl App {
    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::start_with(database, &[]).await
    }

    pub(crate) async fn start_with(database: TestDatabase, variables: &[Variable<'_>]) -> Self {
        let own = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::run(database, Arc::new(TestClock::default()), own).await
    }

    /// As a service that believes the tokens of `issuer` instead of its own.
    pub(crate) async fn start_trusting(database: TestDatabase, issuer: &Issuer) -> Self {
        let trust = issuer.trust();
        let own = [("AUTH_ISSUER", trust.issuer), ("AUTH_JWKS_URL", trust.jwks_url.to_string())];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self::run(database, Arc::new(TestClock::default()), own).await
    }

    async fn run(database: TestDatabase, clock: Arc<TestClock>, variables: Vec<(String, String)>) -> Self {
        let service = build(&database, &clock, &variables).await.unwrap();
        let client = Client::new(format!("http://{}", service.http_address()));
        let administration = service.administration();
        let running = Running::start(service.health(), |shutdown| service.run(shutdown)).await;
        Self { client, clock, administration, running, variables, database }
    }

    /// Ends the service and starts another on the same database, at the same time of day.
    pub(crate) async fn restart(self) -> Self {
        self.running.stop().await;
        Self::run(self.database, self.clock, self.variables).await
    }

    /// The same with another value of a variable.
    pub(crate) async fn restart_with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self.restart().await
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }

    pub(crate) fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Registers somebody called `name`.
    pub(crate) async fn register(&self, name: &str) -> Member {
        let body = json!({ "email": email(name), "name": name, "password": PASSWORD });
        let answer = self.client.post("/auth/register", body).header("x-refresh-transport", "body").await;
        Member::of(&answer.expect(201))
    }

    /// Signs in somebody who was registered.
    pub(crate) async fn login(&self, name: &str) -> Member {
        Member::of(&self.try_login(name, PASSWORD).await.expect(200))
    }

    pub(crate) async fn try_login(&self, name: &str, password: &str) -> Response {
        let body = json!({ "email": email(name), "password": password });
        self.client.post("/auth/login", body).header("x-refresh-transport", "body").await
    }

    /// Makes an administrator called `name` and signs them in.
    pub(crate) async fn admin(&self, name: &str) -> Member {
        let (email, name_, password) = (email(name).parse().unwrap(), name.parse().unwrap(), PASSWORD.into());
        self.administration.create_admin(email, name_, password).await.unwrap();
        self.login(name).await
    }

    /// Makes somebody with these roles and signs them in.
    pub(crate) async fn somebody(&self, name: &str, roles: &[Role]) -> Member {
        let (email, name_, password) = (email(name).parse().unwrap(), name.parse().unwrap(), PASSWORD.into());
        let roles = roles.iter().copied().collect();
        self.administration.create_account(email, name_, password, roles).await.unwrap();
        self.login(name).await
    }

    pub(crate) fn as_(&self, member: &Member) -> Client {
        self.client.with_token(&member.access_token)
    }

    /// Presents a refresh token in the body.
    pub(crate) async fn refresh(&self, token: &str) -> Response {
        self.client.post("/auth/refresh", json!({ "refresh_token": token })).await
    }

    /// Whether the access token is still good for one's own affairs here.
    pub(crate) async fn is_live(&self, member: &Member) -> bool {
        let answer = self.as_(member).get("/auth/sessions").await;
        assert!(answer.status == 200 || answer.status == 401, "{}", answer.text);
        answer.status == 200
    }
}

impl Member {
    /// Whoever was answered with tokens in the body.
    pub(crate) fn of(answer: &Response) -> Self {
        let body = answer.json();
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{body}")).to_owned();
        Self {
            id: text(&body["user"]["id"]),
            access_token: text(&body["access_token"]),
            refresh_token: text(&body["refresh_token"]),
        }
    }
}

/// A service, built but not running.
pub(crate) async fn build(
    database: &TestDatabase,
    clock: &Arc<TestClock>,
    variables: &[(String, String)],
) -> Result<Service, auth_service::BuildError> {
    let mut environment: settings::Environment = variables.iter().cloned().collect();
    for (name, value) in DEFAULTS {
        environment.set_default(name, value);
    }
    let database = database.settings();
    environment.set_default("AUTH_DATABASE_URL", database.url.expose_secret());
    environment.set_default("AUTH_DATABASE_CONNECTIONS", database.connections.to_string());
    environment.set_default("AUTH_DATABASE_ACQUIRE_TIMEOUT", "5s");
    let settings: Settings = settings::load(&environment).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let ambient = Ambient::new(clock.clone(), Arc::new(SystemEntropy));
    Service::build(settings, ambient).await
}

/// The service's own tables, as somebody who broke in would see them.
pub(crate) async fn open(database: &TestDatabase) -> Database {
    let migrations = Migrations {
        sqlite: sqlx::migrate!("migrations/sqlite"),
        postgres: sqlx::migrate!("migrations/postgres"),
    };
    Database::open(&database.settings(), &migrations).await.unwrap()
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@people.example")
}
