//! A caller of a service over HTTP, as one person or as nobody.

use std::{future::IntoFuture, time::Duration};

use futures_util::future::BoxFuture;
use reqwest::{
    Method, RequestBuilder,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap},
    redirect::Policy,
};
use serde::Serialize;
use serde_json::Value;

use crate::Person;

/// No answer may take longer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Servers hang up on connections that are idle for five seconds, perhaps just as one is used again.
const IDLE: Duration = Duration::from_secs(2);

/// Calls one service. Clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    token: Option<String>,
}

/// A request that is sent when awaited.
#[must_use = "a request is sent when it is awaited"]
#[derive(Debug)]
pub struct Request {
    builder: RequestBuilder,
    /// For failures: method and path.
    name: String,
}

/// An answer, wholly received.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
    name: String,
}

impl Client {
    /// Calls the service at `base_url`, such as `http://127.0.0.1:3002`, as nobody.
    pub fn new(base_url: impl Into<String>) -> Self {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .pool_idle_timeout(IDLE)
            .redirect(Policy::none())
            .no_proxy()
            .build();
        Self { http: http.expect("an HTTP client"), base_url: base_url.into(), token: None }
    }

    /// Where the service is.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The same, as `person`.
    pub fn as_(&self, person: &Person) -> Self {
        self.with_token(&person.token)
    }

    /// The same, with this access token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same, as nobody.
    pub fn anonymous(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// `GET`
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// `POST` without a body.
    pub fn post_empty(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    /// `POST`
    pub fn post(&self, path: &str, body: impl Serialize) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// `PUT`
    pub fn put(&self, path: &str, body: impl Serialize) -> Request {
        self.request(Method::PUT, path).json(body)
    }

    /// `PATCH`
    pub fn patch(&self, path: &str, body: impl Serialize) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// `DELETE`
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// Any method.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let name = format!("{method} {path}");
        let builder = self.http.request(method, format!("{}{path}", self.base_url));
        let builder = match &self.token {
            Some(token) => builder.header(AUTHORIZATION, format!("Bearer {token}")),
            None => builder,
        };
        Request { builder, name }
    }
}

impl Request {
    /// With a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// With a body of JSON.
    pub fn json(self, body: impl Serialize) -> Self {
        Self { builder: self.builder.json(&body), ..self }
    }

    /// With this body, and no content type but one that is set as a header.
    pub fn body(self, body: impl Into<String>) -> Self {
        Self { builder: self.builder.body(body.into()), ..self }
    }
}

impl IntoFuture for Request {
    type Output = Response;
    type IntoFuture = BoxFuture<'static, Response>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { builder, name } = self;
        Box::pin(async move {
            let response = builder.send().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let text = response.text().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            Response { status, headers, text, name }
        })
    }
}

impl Response {
    /// What came over a connection to which `request` was written by hand.
    pub(crate) fn received(status: u16, headers: HeaderMap, text: String, request: &str) -> Self {
        Self { status, headers, text, name: request.to_owned() }
    }

    /// Itself, if this is the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status == status, "{}: {} instead of {status}: {}", self.name, self.status, self.text);
        self
    }

    /// The body as JSON, if it is a problem (RFC 9457) of this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        self.try_problem(status, code).unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// The request's method and path, for failures.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same as [`problem`](Self::problem), or what is wrong.
    pub(crate) fn try_problem(self, status: u16, code: &str) -> Result<Value, String> {
        let fault = |what: &str| {
            Err(format!("{}: {what} (wanted {status} {code}, got {} {})", self.name, self.status, self.text))
        };
        if self.status != status {
            return fault("another status");
        }
        if self.header(CONTENT_TYPE.as_str()) != Some("application/problem+json") {
            return fault("not a problem");
        }
        let Ok(body) = serde_json::from_str::<Value>(&self.text) else { return fault("not JSON") };
        if body["code"] != code {
            return fault("another code");
        }
        let traced = body["trace_id"].as_str().is_some_and(|id| self.header("x-request-id") == Some(id));
        if body["status"] != status || !body["title"].is_string() || !body["type"].is_string() || !traced {
            return fault("an incomplete problem");
        }
        Ok(body)
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.name, self.text))
    }

    /// A header's value, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
