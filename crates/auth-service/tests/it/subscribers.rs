//! What an idle subscriber of the feed costs the replica that it follows. The replica is a process of its own, whose memory
//! is nobody else's.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use auth_service::{Administration, ClientRights, token_id};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chassis::{Ambient, settings};
use identity::{RequiredScope, scope};
use secrecy::ExposeSecret;
use testkit::{Client, TestDatabase};
use tokio::time::{sleep, timeout};
use tonic::{Request, Streaming, transport::Endpoint};
use wire::auth::v1::{Update, WatchRequest, revocation_feed_client::RevocationFeedClient};

use crate::app::MASTER_KEY;

const PATIENCE: Duration = Duration::from_mins(2);
/// How much there is to be told to whoever comes, so that no stream is left as it began.
const REVOCATIONS: usize = 100;
/// How many follow before anything is measured.
const WARMING: usize = 100;
/// How many connections are begun at once.
const AT_ONCE: usize = 50;

/// A replica of auth-service, until it is dropped.
struct Replica {
    process: Child,
    client: Client,
    rpc: SocketAddr,
    variables: Vec<(String, String)>,
    _database: TestDatabase,
}

impl Replica {
    async fn start() -> Self {
        let database = TestDatabase::sqlite();
        let free = || TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let (http, rpc) = (free(), free());
        let variables = [
            ("AUTH_LISTEN", http.to_string()),
            ("AUTH_RPC_LISTEN", rpc.to_string()),
            ("AUTH_ISSUER", "https://auth.example".to_owned()),
            ("AUTH_DATABASE_URL", database.settings().url.expose_secret().to_owned()),
            ("AUTH_MASTER_KEY", MASTER_KEY.to_owned()),
            ("LOG_FILTER", "warn".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let process = Command::new(env!("CARGO_BIN_EXE_auth-service"))
            .env_clear()
            .envs(variables.clone())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let client = Client::new(format!("http://{http}"));
        let replica = Self { process, client, rpc, variables, _database: database };
        let listening = async {
            while tokio::net::TcpStream::connect(http).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
            while replica.client.get("/readyz").await.status != 200 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, listening).await.unwrap();
        replica
    }

    async fn administration(&self) -> Administration {
        let settings = settings::load(&self.variables.iter().cloned().collect()).unwrap();
        Administration::open(&settings, &Ambient::system()).await.unwrap()
    }

    async fn revoke(&self) {
        let administration = self.administration().await;
        for number in 0..REVOCATIONS as u128 {
            let id = URL_SAFE_NO_PAD.encode(number.to_be_bytes());
            administration.revoke_token(token_id(&id).unwrap()).await.unwrap();
        }
    }

    /// A token of somebody who may follow the feed.
    async fn token(&self) -> String {
        let administration = self.administration().await;
        let scopes = [scope::Revocations::NAME].into_iter().collect();
        let rights = ClientRights { scopes, audiences: vec!["auth".to_owned()], acting: None };
        let id = "follower".parse().unwrap();
        let secret =
            administration.register_client(id, "Follower".into(), rights, None).await.unwrap().unwrap();
        let basic = format!("Basic {}", STANDARD.encode(format!("follower:{}", secret.expose_secret())));
        let request = self.client.post_empty("/oauth2/token").header("authorization", &basic);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body("grant_type=client_credentials").await.expect(200).json();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// What it has in memory, in bytes.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Has so many follow one replica, so many over each connection, until each has heard all that there is; by how many
/// bytes the replica has grown.
async fn growth(subscribers: usize, streams: usize) -> u64 {
    let replica = Replica::start().await;
    replica.revoke().await;
    let token = replica.token().await;
    // What is there once, whoever follows, and what the first ones have the allocator reserve.
    let mut feeds = follow(replica.rpc, &token, WARMING).await;
    let before = replica.memory();
    let connections: Vec<_> =
        (0..subscribers).step_by(streams).map(|begun| streams.min(subscribers - begun)).collect();
    for some in connections.chunks(AT_ONCE) {
        let following = some.iter().map(|streams| follow(replica.rpc, &token, *streams));
        feeds.extend(futures_util::future::join_all(following).await.into_iter().flatten());
    }
    let after = replica.memory();
    assert_eq!(feeds.len(), WARMING + subscribers);
    // They are alive: the next word is a heartbeat.
    let [first, .., last] = &mut feeds[..] else { panic!("nobody follows") };
    let words = tokio::join!(next(first), next(last));
    assert_eq!((words.0.revocations, words.1.revocations), (vec![], vec![]));
    after.saturating_sub(before)
}

/// So many streams over one connection, each of which has told all that there is.
async fn follow(replica: SocketAddr, token: &str, streams: usize) -> Vec<Streaming<Update>> {
    let channel = Endpoint::from_shared(format!("http://{replica}")).unwrap().connect().await.unwrap();
    let mut feeds = Vec::new();
    for _ in 0..streams {
        let mut request = Request::new(WatchRequest::default());
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let watch = RevocationFeedClient::new(channel.clone()).watch(request).await;
        let mut feed = watch.unwrap().into_inner();
        let mut told = 0;
        while told < REVOCATIONS {
            told += next(&mut feed).await.revocations.len();
        }
        feeds.push(feed);
    }
    feeds
}

async fn next(feed: &mut Streaming<Update>) -> Update {
    timeout(PATIENCE, feed.message()).await.unwrap().unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_idle_subscribers_take_ten_mebibytes_at_most() {
    let grown = growth(1_000, 100).await;
    assert!(grown <= 10 << 20, "{} KiB", grown >> 10);
}

/// `cargo nextest run -p auth-service --run-ignored only -E 'test(ten_thousand_idle)' --no-capture`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement")]
async fn ten_thousand_idle_subscribers_take_a_hundred_mebibytes_at_most() {
    for streams in [100, 1] {
        let grown = growth(10_000, streams).await;
        eprintln!(
            "10,000 subscribers, {streams} a connection: {} KiB, {} bytes each",
            grown >> 10,
            grown / 10_000
        );
        assert!(streams == 1 || grown <= 100 << 20, "{} KiB", grown >> 10);
    }
}
