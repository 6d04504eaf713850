//! A key endpoint that answers as it is told and counts.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    FetchFailure,
    keys::source::{Answering, Response, Source},
};

/// What a key endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200 with this document; 304 to whoever already has the version called `etag`.
    Keys {
        /// The body.
        jwks: String,
        /// The version's name, with its quotes (RFC 9110 §8.8.3).
        etag: Option<String>,
        /// The `Cache-Control` header.
        cache_control: Option<String>,
    },
    /// The other answer, but only after a while.
    Slow(Duration, Box<Answer>),
    /// Takes the request and never answers.
    Hang,
    /// Answers with a head and half a body, and then no more.
    Stall,
    /// Closes the connection without an answer.
    Close,
    /// This status with an empty body.
    Status(u16),
    /// A page in HTML, as captive portals and proxies like to send.
    Html,
    /// A key set without keys.
    Empty,
    /// Bytes that are no JSON.
    Garbage,
    /// 10 MB of valid JSON of unannounced length, after which the connection stays open.
    Huge,
    /// 302 to there.
    Redirect(String),
}

impl Answer {
    /// 200 with the key set `jwks`, an entity tag that depends on it, and five minutes to live.
    #[must_use]
    pub fn keys(jwks: String) -> Self {
        let mut hasher = DefaultHasher::new();
        jwks.hash(&mut hasher);
        let etag = Some(format!("\"{:016x}\"", hasher.finish()));
        Self::Keys { jwks, etag, cache_control: Some("public, max-age=300".to_owned()) }
    }

    /// The same answer with another `max-age`, in seconds. Changes nothing but key sets.
    #[must_use]
    pub fn max_age(self, seconds: u64) -> Self {
        match self {
            Self::Keys { jwks, etag, .. } => {
                Self::Keys { jwks, etag, cache_control: Some(format!("public, max-age={seconds}")) }
            }
            other => other,
        }
    }
}

/// A key endpoint: what it answers can be changed at any time. Clones are the same endpoint.
#[derive(Debug, Clone)]
pub struct Script(Arc<Endpoint>);

#[derive(Debug)]
struct Endpoint {
    answer: Mutex<Answer>,
    requests: watch::Sender<u64>,
    unmodified: AtomicU64,
}

/// An answer on its way.
pub(super) enum Reply {
    Whole {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// A body that goes on for ever once it has been sent.
    Endless {
        body: Vec<u8>,
    },
    Stalled,
    Closed,
}

impl Script {
    /// An endpoint that gives `answer` until told otherwise.
    #[must_use]
    pub fn new(answer: Answer) -> Self {
        let (requests, _) = watch::channel(0);
        Self(Arc::new(Endpoint { answer: Mutex::new(answer), requests, unmodified: AtomicU64::new(0) }))
    }

    /// Gives `answer` from here on.
    pub fn answer(&self, answer: Answer) {
        *self.0.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// How many requests have come.
    #[must_use]
    pub fn requests(&self) -> u64 {
        *self.0.requests.borrow()
    }

    /// How many of them were answered 304.
    #[must_use]
    pub fn unmodified(&self) -> u64 {
        self.0.unmodified.load(Ordering::Relaxed)
    }

    /// Returns once `number` requests have come. Put a timeout around it.
    pub async fn until_requests(&self, number: u64) {
        let mut requests = self.0.requests.subscribe();
        requests.wait_for(|requests| *requests >= number).await.expect("the endpoint is still there");
    }

    /// Takes a request that names `etag` as the version it has.
    pub(super) async fn reply(&self, etag: Option<&str>) -> Reply {
        let mut answer = self.0.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.0.requests.send_modify(|requests| *requests += 1);
        while let Answer::Slow(delay, then) = answer {
            tokio::time::sleep(delay).await;
            answer = *then;
        }
        match answer {
            Answer::Keys { jwks, etag: current, cache_control } => {
                let unmodified = current.is_some() && current.as_deref() == etag;
                let headers: Vec<_> = [("etag", current), ("cache-control", cache_control)]
                    .into_iter()
                    .filter_map(|(name, value)| value.map(|value| (name, value)))
                    .collect();
                if unmodified {
                    self.0.unmodified.fetch_add(1, Ordering::Relaxed);
                    return Reply::Whole { status: 304, headers, body: Vec::new() };
                }
                Reply::Whole { status: 200, headers, body: jwks.into_bytes() }
            }
            Answer::Slow(..) | Answer::Hang => std::future::pending().await,
            Answer::Stall => Reply::Stalled,
            Answer::Close => Reply::Closed,
            Answer::Status(status) => Reply::Whole { status, headers: Vec::new(), body: Vec::new() },
            Answer::Html => whole("<!doctype html><title>Sign in to the network</title>"),
            Answer::Empty => whole(r#"{"keys":[]}"#),
            Answer::Garbage => whole("\u{0}\u{1}{{{keys"),
            Answer::Huge => {
                let body = format!(r#"{{"keys":[],"padding":"{}"}}"#, "x".repeat(10_000_000));
                Reply::Endless { body: body.into_bytes() }
            }
            Answer::Redirect(to) => {
                Reply::Whole { status: 302, headers: vec![("location", to)], body: Vec::new() }
            }
        }
    }

    async fn respond(&self, etag: Option<&str>) -> Result<Response, FetchFailure> {
        match self.reply(etag).await {
            Reply::Whole { status, headers, body } => {
                let header =
                    |name| headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone());
                let (etag, cache_control) = (header("etag"), header("cache-control"));
                Ok(Response { status, etag, cache_control, age: None, body })
            }
            Reply::Endless { body } => Ok(Response { status: 200, body, ..Response::default() }),
            Reply::Stalled => std::future::pending().await,
            Reply::Closed => Err(FetchFailure::Unreachable),
        }
    }
}

fn whole(body: &str) -> Reply {
    Reply::Whole { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

impl Source for Script {
    fn get<'a>(&'a self, etag: Option<&'a str>) -> Answering<'a> {
        Box::pin(self.respond(etag))
    }
}
