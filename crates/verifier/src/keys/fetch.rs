//! The key set over HTTP: no redirects, no proxy, no more than so many bytes. The URL comes from the configuration;
//! nothing of a token ever gets into a request. Where next: `refresh`, which judges the answer and limits the time.

use std::time::Duration;

use reqwest::{
    Client, Url,
    header::{ACCEPT, AGE, CACHE_CONTROL, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH},
    redirect::Policy,
};

use super::{
    FetchFailure, SetFault,
    source::{Answering, Response, Source},
};
use crate::Limits;

/// Longer entity tags are not worth keeping.
const MAX_ETAG_BYTES: usize = 256;
/// A connection that was idle for longer is not used again: many servers hang up after five seconds, perhaps just then.
const IDLE: Duration = Duration::from_secs(2);

/// An HTTP endpoint that publishes a key set.
pub(crate) struct Endpoint {
    client: Client,
    url: Url,
    set_bytes: usize,
}

impl Endpoint {
    pub(crate) fn new(url: Url, limits: &Limits) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .user_agent(concat!("signet-verifier/", env!("CARGO_PKG_VERSION")))
            // A redirect would let whoever can answer once choose whom to trust.
            .redirect(Policy::none())
            // Nor may a stray environment variable.
            .no_proxy()
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect_timeout)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(Self { client, url, set_bytes: limits.set_bytes })
    }

    async fn fetch(&self, etag: Option<&str>) -> Result<Response, FetchFailure> {
        let mut request =
            self.client.get(self.url.clone()).header(ACCEPT, "application/jwk-set+json, application/json");
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let answer = request.send().await.map_err(|error| failure(&error))?;
        let headers = answer.headers();
        let response = Response {
            status: answer.status().as_u16(),
            etag: text(headers, &ETAG).filter(|etag| etag.len() <= MAX_ETAG_BYTES),
            cache_control: text(headers, &CACHE_CONTROL),
            age: text(headers, &AGE).and_then(|age| age.parse().ok()),
            body: Vec::new(),
        };
        if response.status != 200 {
            return Ok(response);
        }
        Ok(Response { body: self.body(answer).await?, ..response })
    }

    /// Reads until the end or one byte too many, whatever length was announced.
    async fn body(&self, mut answer: reqwest::Response) -> Result<Vec<u8>, FetchFailure> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error))? {
            if body.len() + chunk.len() > self.set_bytes {
                return Err(FetchFailure::Refused(SetFault::TooLong));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

impl Source for Endpoint {
    fn get<'a>(&'a self, etag: Option<&'a str>) -> Answering<'a> {
        Box::pin(self.fetch(etag))
    }
}

fn failure(error: &reqwest::Error) -> FetchFailure {
    if error.is_timeout() { FetchFailure::TimedOut } else { FetchFailure::Unreachable }
}

/// All values of a header as one list (RFC 9110 §5.3).
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    if values.is_empty() { None } else { Some(values.join(", ")) }
}
