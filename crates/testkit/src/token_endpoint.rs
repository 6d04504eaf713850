//! Where the throwaway issuer grants tokens to clients: to any, of whatever they ask for.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chassis::client::ClientSettings;
use identity::{SystemClock, SystemEntropy, UserId};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use url::form_urlencoded;
use verifier::testing::{self, TokenBuilder};

/// As the real issuer has it.
const OWN_LIFE: Duration = Duration::from_mins(10);
/// The same of tokens given in exchange.
const EXCHANGED_LIFE: Duration = Duration::from_mins(1);

/// What becomes of requests for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granting {
    /// Granted.
    Willing,
    /// Refused with this code of RFC 6749 §5.2.
    Refusing(&'static str),
    /// Hung up on.
    Gone,
    /// Left without an answer.
    Silent,
}

/// A request for a token: its parameters by name.
pub type Asked = BTreeMap<String, String>;

/// On a free port, until it is dropped.
pub(crate) struct TokenEndpoint {
    address: SocketAddr,
    desk: Arc<Desk>,
    task: AbortHandle,
}

struct Desk {
    mint: Arc<testing::Issuer>,
    granting: Mutex<Granting>,
    asked: Mutex<Vec<Asked>>,
}

impl TokenEndpoint {
    pub(crate) async fn start(mint: Arc<testing::Issuer>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (granting, asked) = (Mutex::new(Granting::Willing), Mutex::default());
        let desk = Arc::new(Desk { mint, granting, asked });
        let task = tokio::spawn(serve(listener, desk.clone())).abort_handle();
        Self { address, desk, task }
    }

    pub(crate) fn client(&self, id: &str) -> ClientSettings {
        ClientSettings {
            token_url: format!("http://{}/oauth2/token", self.address).parse().expect("a URL"),
            client_id: id.to_owned(),
            client_secret: "a secret of this client".into(),
        }
    }

    pub(crate) fn be(&self, granting: Granting) {
        *self.desk.granting.lock().unwrap() = granting;
    }

    pub(crate) fn own(&self, client: &str, audience: &str, scope: &str) -> TokenBuilder {
        self.desk.own(client, audience, scope)
    }

    pub(crate) fn exchanged(&self, client: &str, subject: &str, audience: &str, scope: &str) -> TokenBuilder {
        self.desk.exchanged(client, subject, audience, scope)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.desk.asked.lock().unwrap())
    }
}

/// Stops listening and drops all connections.
impl Drop for TokenEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let desk = desk.clone();
        // A client that goes away in the middle is its own affair.
        connections.spawn(async move { answer(stream, &desk).await.ok() });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(mut stream: TcpStream, desk: &Desk) -> io::Result<()> {
    let (id, asked) = read(&mut stream).await?;
    let granting = *desk.granting.lock().unwrap();
    desk.asked.lock().unwrap().push(asked.clone());
    let (status, body) = match granting {
        Granting::Willing => (200, desk.grant(&id, &asked)),
        Granting::Refusing(error) => (400, json!({ "error": error })),
        Granting::Gone => return Ok(()),
        Granting::Silent => std::future::pending().await,
    };
    let body = body.to_string();
    let head =
        format!("HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await?;
    stream.shutdown().await
}

impl Desk {
    /// As an issuer would, but to anybody.
    fn grant(&self, client: &str, asked: &Asked) -> Value {
        let text = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        let (audience, scope) = (text("audience"), text("scope"));
        let (token, life) = match asked.get("subject_token") {
            Some(subject) => (self.exchanged(client, subject, audience, scope), EXCHANGED_LIFE),
            None => (self.own(client, audience, scope), OWN_LIFE),
        };
        json!({ "access_token": token.mint(), "token_type": "Bearer", "expires_in": life.as_secs(), "scope": scope })
    }

    fn own(&self, client: &str, audience: &str, scope: &str) -> TokenBuilder {
        let token = self.token(audience, scope).expires_in(OWN_LIFE);
        token.subject(new_user()).claim("client_id", json!(client))
    }

    fn exchanged(&self, client: &str, subject: &str, audience: &str, scope: &str) -> TokenBuilder {
        let payload = subject.split('.').nth(1).expect("a token");
        let payload = URL_SAFE_NO_PAD.decode(payload).expect("a token");
        let claims: Value = serde_json::from_slice(&payload).expect("a token");
        let token = self.token(audience, scope).expires_in(EXCHANGED_LIFE).actor(new_user(), client);
        ["sub", "sid", "ver", "auth_time"]
            .into_iter()
            .fold(token, |token, name| token.claim(name, claims[name].clone()))
    }

    fn token(&self, audience: &str, scope: &str) -> TokenBuilder {
        self.mint.token().roles([]).scopes(scope.split(' ')).audience([audience])
    }
}

fn new_user() -> UserId {
    UserId::generate(&SystemClock, &SystemEntropy)
}

/// The client that asks, by what it calls itself, and its parameters.
async fn read(stream: &mut TcpStream) -> io::Result<(String, Asked)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let header = |wanted: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim().to_owned())
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let credential = header("authorization").unwrap_or_default();
    let credential = STANDARD.decode(credential.trim_start_matches("Basic ")).unwrap_or_default();
    let id = String::from_utf8_lossy(&credential).split(':').next().unwrap_or_default().to_owned();
    Ok((id, form_urlencoded::parse(&body).into_owned().collect()))
}
