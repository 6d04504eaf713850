//! One consumer as a process on a free port, and the issuer whose keys it fetches.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use reqwest::{Client, Response, header};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::timeout,
};
use verifier::{
    Clock,
    testing::{Answer, Issuer, JwksServer, Script},
};

/// How often a consumer fetches the keys, in seconds. No test waits for longer than a few of these.
const MAX_AGE: &str = "0.4";
const COOLDOWN: &str = "0.2";
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rust,
    Python,
    Node,
}

pub(crate) struct Consumer {
    pub(crate) kind: Kind,
    pub(crate) issuer: Issuer,
    pub(crate) script: Script,
    process: Child,
    base: String,
    client: Client,
    _jwks: JwksServer,
}

/// The real time, which the consumers go by, being other programs.
pub(crate) struct Today;

impl Clock for Today {
    #[expect(clippy::disallowed_methods, reason = "other programs cannot be given a clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Kind {
    /// How it is started; `None` where its language is not installed, which is not accepted in CI.
    async fn command(self) -> Option<Command> {
        if self == Self::Rust {
            return Some(Command::new(env!("CARGO_BIN_EXE_consumer-rust")));
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        let prepared = Command::new(root.join("scripts/prepare-consumers")).output().await.expect("bash");
        assert!(prepared.status.success(), "{}", String::from_utf8_lossy(&prepared.stderr));
        let installed = String::from_utf8(prepared.stdout).unwrap();
        let installed = Path::new(installed.trim());
        let (program, main) = match self {
            Self::Python => {
                (installed.join("python/venv/bin/python"), root.join("deploy/consumers/python/main.py"))
            }
            _ => ("node".into(), installed.join("node/main.js")),
        };
        if (self == Self::Python && !program.exists()) || !main.exists() {
            assert!(std::env::var_os("CI").is_none(), "{self:?} is not installed");
            eprintln!("PASSED OVER: {self:?} is not installed");
            return None;
        }
        let mut command = Command::new(program);
        command.arg(main).env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        Some(command)
    }
}

impl Consumer {
    /// A consumer that has the issuer's keys; `None` where it cannot be had.
    pub(crate) async fn start(kind: Kind) -> Option<Self> {
        let consumer = Self::start_with(kind, Issuer::answer).await?;
        timeout(PATIENCE, consumer.script.until_requests(1)).await.expect("it fetches the keys at start");
        consumer.until_status(&consumer.issuer.token().mint(), 200).await;
        Some(consumer)
    }

    /// A consumer whose issuer gives `answer` when asked for keys.
    pub(crate) async fn start_with(kind: Kind, answer: impl FnOnce(&Issuer) -> Answer) -> Option<Self> {
        let mut command = kind.command().await?;
        let issuer = Issuer::new("https://auth.example", Arc::new(Today));
        let script = Script::new(answer(&issuer));
        let jwks = JwksServer::start(script.clone()).await;
        let mut process = command
            .env("ISSUER", issuer.url())
            .env("JWKS_URL", jwks.url().as_str())
            .env("AUDIENCE", "users")
            .env("LISTEN", "127.0.0.1:0")
            .env("JWKS_MAX_AGE_SECONDS", MAX_AGE)
            .env("JWKS_COOLDOWN_SECONDS", COOLDOWN)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let (found, mut address) = mpsc::unbounded_channel();
        tokio::spawn(read(process.stdout.take().unwrap(), found.clone()));
        tokio::spawn(read(process.stderr.take().unwrap(), found));
        let base = timeout(PATIENCE, address.recv())
            .await
            .expect("it starts in time")
            .expect("it says where it listens");
        let client = Client::builder().timeout(PATIENCE).build().unwrap();
        Some(Self { kind, issuer, script, process, base, client, _jwks: jwks })
    }

    /// Makes the endpoint publish what the issuer has now.
    pub(crate) fn publish(&self) {
        self.script.answer(self.issuer.answer());
    }

    pub(crate) async fn get(&self, path: &str, authorization: &[&str]) -> Response {
        let request = self.client.get(format!("{}{path}", self.base));
        let with_headers =
            |request, value: &&str| reqwest::RequestBuilder::header(request, header::AUTHORIZATION, *value);
        authorization.iter().fold(request, with_headers).send().await.expect("an answer")
    }

    /// `GET /whoami` with `token`.
    pub(crate) async fn whoami(&self, token: &str) -> Response {
        self.get("/whoami", &[&format!("Bearer {token}")]).await
    }

    pub(crate) async fn status(&self, token: &str) -> u16 {
        self.whoami(token).await.status().as_u16()
    }

    /// Asks with `token` until the answer is `status`.
    pub(crate) async fn until_status(&self, token: &str, status: u16) {
        let mut seen = 0;
        let asking = async {
            while seen != status {
                seen = self.status(token).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_time = timeout(PATIENCE, asking).await;
        assert!(in_time.is_ok(), "{:?} answers {seen} where {status} is due", self.kind);
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        let id = self.process.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(sent.success());
        timeout(PATIENCE, self.process.wait()).await.expect("it ends in time").unwrap()
    }
}

/// Passes on where the process says that it listens, and keeps its output flowing.
async fn read(output: impl AsyncRead + Unpin, found: mpsc::UnboundedSender<String>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        eprintln!("{line}");
        if let Some((_, rest)) = line.split_once("http://127.0.0.1:") {
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let _ = found.send(format!("http://127.0.0.1:{port}"));
        }
    }
}
