//! The processes: three replicas of auth-service, two of each other service, PostgreSQL and Redis. Where next: `replica`.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use auth_service::{Administration, ClientRights};
use chassis::{Ambient, settings};
use futures_util::future::join_all;
use identity::{RequiredScope, scope};
use secrecy::{ExposeSecret, SecretString};
use testkit::{Client, TestDatabase, TestRedis};

use super::{door::Door, replica::Replica};
use crate::{
    people::{self, PASSWORD, text},
    process::{Process, free_port},
};

const ISSUERS: usize = 3;
const SERVICES: [&str; 3] = ["users", "appointments", "payments"];
pub(crate) const ISSUER: &str = "http://issuer.test";
/// For tests: as master key, between services and as the feed's secret.
pub(crate) const KEY: &str = "b25seSBmb3IgdGVzdHM6IHRoaXJ0eS10d28gYnl0ZXM=";
/// Of the client that may revoke what was issued to others.
pub(crate) const SECRET: &str = "4f2b7c9e1d3a5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd";
const ADMIN: &str = "admin@people.example";

pub(crate) type Environment = Vec<(String, String)>;

/// All of them. What others need is dropped last.
pub(crate) struct Fleet {
    pub(crate) replicas: Vec<Replica>,
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) redis: TestRedis,
    /// An administrator's token.
    admin: Mutex<String>,
    next: AtomicUsize,
    _databases: Vec<TestDatabase>,
}

/// A replica of auth-service.
pub(crate) struct Issuer {
    /// `None` while it is dead.
    process: Option<Process>,
    environment: Environment,
    pub(crate) http: SocketAddr,
    pub(crate) rpc: SocketAddr,
    client: Client,
}

impl Fleet {
    /// Starts everything, if PostgreSQL and Redis are there to be started; the issuer with these settings too.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Option<Self> {
        let (Some(redis), Some(database)) = (TestRedis::start(), TestDatabase::postgres()) else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL and Redis must be there where CI is set");
            println!("skipped: this needs PostgreSQL (scripts/with-postgres) and Redis");
            return None;
        };
        let mut issuers: Vec<_> =
            (1..=ISSUERS).map(|number| Issuer::new(number, &database, &redis, settings)).collect();
        prepare(&issuers[0]).await;
        for issuer in &mut issuers {
            issuer.start();
        }
        for issuer in &issuers {
            issuer.door().ready().await;
        }
        let mut databases = vec![database];
        let mut replicas = Vec::new();
        for (place, service) in SERVICES.into_iter().enumerate() {
            let database = TestDatabase::postgres()?;
            for instance in 0..2 {
                replicas
                    .push(Replica::start(service, instance, 2 * place + instance, &issuers, &database).await);
            }
            databases.push(database);
        }
        join_all(replicas.iter().map(|replica| replica.door.ready())).await;
        let (admin, next) = (Mutex::default(), AtomicUsize::new(0));
        let fleet = Self { replicas, issuers, redis, admin, next, _databases: databases };
        fleet.renew_admin().await;
        Some(fleet)
    }

    /// A living replica of the issuer, another one each time.
    pub(crate) fn issuer(&self) -> &Client {
        let living: Vec<_> = self.issuers.iter().filter(|issuer| issuer.process.is_some()).collect();
        &living[self.next.fetch_add(1, Ordering::Relaxed) % living.len()].client
    }

    /// The administrator at such a replica.
    pub(crate) fn admin(&self) -> Client {
        self.issuer().with_token(&self.admin.lock().unwrap())
    }

    /// Signs the administrator in, also again.
    pub(crate) async fn renew_admin(&self) {
        let answer = people::log_in(self.issuer(), ADMIN).await.expect(200).json();
        *self.admin.lock().unwrap() = text(&answer, "access_token");
    }

    pub(crate) fn new_email(&self) -> String {
        format!("person{}@people.example", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Every living replica of every service.
    pub(crate) fn doors(&self) -> Vec<Door> {
        let issuers = self.issuers.iter().filter(|issuer| issuer.process.is_some()).map(Issuer::door);
        self.services().into_iter().chain(issuers).collect()
    }

    /// All but those of the issuer.
    pub(crate) fn services(&self) -> Vec<Door> {
        self.replicas.iter().map(|replica| replica.door.clone()).collect()
    }
}

/// A client that may follow the feed, one that may revoke, and an administrator.
async fn prepare(issuer: &Issuer) {
    let settings: auth_service::Settings =
        settings::load(&issuer.environment.iter().cloned().collect()).unwrap();
    let administration = Administration::open(&settings, &Ambient::system()).await.unwrap();
    for (client, secret, scope) in
        [("services", KEY, scope::Revocations::NAME), ("scanner", SECRET, "revocations:write")]
    {
        let scopes = [scope].into_iter().collect();
        let rights = ClientRights { scopes, audiences: vec!["auth".to_owned()], acting: None };
        let secret = SecretString::from(secret);
        administration.ensure_client(client.parse().unwrap(), &secret, rights).await.unwrap();
    }
    let (email, name) = (ADMIN.parse().unwrap(), "Root".parse().unwrap());
    administration.create_admin(email, name, PASSWORD.into()).await.unwrap();
}

impl Issuer {
    fn new(number: usize, database: &TestDatabase, redis: &TestRedis, settings: &[(&str, &str)]) -> Self {
        let [http, rpc] = [free_port(), free_port()].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let wide = "1000000/1m burst 1000000";
        let environment = [
            ("AUTH_LISTEN", http.to_string()),
            ("AUTH_RPC_LISTEN", rpc.to_string()),
            ("AUTH_INSTANCE", number.to_string()),
            ("AUTH_ISSUER", ISSUER.to_owned()),
            ("AUTH_MASTER_KEY", KEY.to_owned()),
            ("AUTH_DATABASE_URL", database.settings().url.expose_secret().to_owned()),
            ("AUTH_DATABASE_ACQUIRE_TIMEOUT", "10s".to_owned()),
            ("AUTH_REDIS_URL", redis.url()),
            ("AUTH_ACCESS_TOKEN_LIFETIME", "60m".to_owned()),
            ("AUTH_LOGIN_LIMIT_ADDRESS", wide.to_owned()),
            ("AUTH_LOGIN_LIMIT_PAIR", wide.to_owned()),
            ("AUTH_LOGIN_LIMIT_ACCOUNT", wide.to_owned()),
            ("AUTH_REGISTER_LIMIT_ADDRESS", wide.to_owned()),
            ("AUTH_REGISTER_LIMIT_ACCOUNT", wide.to_owned()),
            ("LOG_FILTER", "warn".to_owned()),
        ];
        let others = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let environment =
            environment.into_iter().chain(others).map(|(name, value)| (name.to_owned(), value)).collect();
        Self { process: None, environment, http, rpc, client: Client::new(format!("http://{http}")) }
    }

    /// Starts it, also again.
    pub(crate) fn start(&mut self) {
        self.process = Some(Process::start("auth-service", &[], &self.environment));
    }

    /// Its process, of which nobody but those who hear the feed expects anything any more.
    pub(crate) fn doom(&mut self) -> Process {
        self.process.take().expect("it lives")
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn door(&self) -> Door {
        let question = |client: &Client| client.get("/auth/sessions");
        Door { name: format!("auth at {}", self.http), client: self.client.clone(), question, lets_in: 200 }
    }
}
