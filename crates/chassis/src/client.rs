//! The service as a client of its issuer (RFC 6749 §2): tokens of its own, and tokens by which it acts for a user at another
//! service (RFC 8693). Where next: `own`, which keeps the first kind while they are good.

mod own;

use std::{io, time::Duration};

use reqwest::{Client, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use tonic::Status;
use url::{Url, form_urlencoded};

use crate::{
    process::BuildError,
    settings::Reader,
    trace::{self, TRACEPARENT, TraceContext},
};

pub use own::OwnToken;

/// How long the issuer may take to grant a token.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long connecting to it may take, shared by all replicas that its name stands for: one that is gone may still be
/// among them.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A connection that was idle for longer is not used again: the issuer hangs up after five seconds, perhaps just then, and
/// a request that is no `GET` is not repeated.
const IDLE: Duration = Duration::from_secs(2);
/// No answer with a token is longer, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Who the service is at its issuer.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Where the issuer grants tokens to clients.
    pub token_url: Url,
    /// This service's name there.
    pub client_id: String,
    /// By what it is known to be it.
    pub client_secret: SecretString,
}

/// Asks the issuer for tokens. Clones share connections.
#[derive(Clone)]
pub struct IssuerClient {
    http: Client,
    settings: ClientSettings,
}

/// A token, and for how long it is good.
#[derive(Clone, Deserialize)]
pub struct Granted {
    /// To be sent as bearer. A secret.
    pub access_token: SecretString,
    /// In seconds, from when it was asked for.
    pub expires_in: u64,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum NoToken {
    /// The issuer did not answer, or failed itself. Later it may.
    #[error("the issuer grants no tokens at the moment")]
    Unavailable(#[source] Option<reqwest::Error>),
    /// The token that was to be exchanged is not in force any more, or never was meant for this service.
    #[error("the issuer does not take this token in exchange")]
    NotInForce,
    /// It grants nothing of the kind to this service: a matter of how it is registered.
    #[error("the issuer refuses: {0}")]
    Refused(String),
    /// What it answered is no token.
    #[error("the issuer's answer cannot be read")]
    Unreadable,
}

impl ClientSettings {
    /// Reads `TOKEN_URL`, `CLIENT_ID` and `CLIENT_SECRET` of a service that cannot do without them.
    pub(crate) fn read(reader: &mut Reader<'_>, jwks_url: Option<&Url>) -> Option<Self> {
        let token_url = token_url(reader, jwks_url);
        let client_id = reader.required("CLIENT_ID", CLIENT_ID);
        let client_secret = reader.secret("CLIENT_SECRET", CLIENT_SECRET);
        Some(Self { token_url: token_url?, client_id: client_id?, client_secret: client_secret? })
    }

    /// The same of a service that can, unless `because` of another variable.
    pub(crate) fn read_optional(
        reader: &mut Reader<'_>,
        jwks_url: Option<&Url>,
        because: Option<&str>,
    ) -> Option<Self> {
        let token_url = token_url(reader, jwks_url);
        let client_id: Option<String> = reader.optional("CLIENT_ID", CLIENT_ID);
        let client_secret = reader.optional_secret("CLIENT_SECRET", CLIENT_SECRET);
        for (name, is_missing) in
            [("CLIENT_ID", client_id.is_none()), ("CLIENT_SECRET", client_secret.is_none())]
        {
            if let Some(because) = because.filter(|_| is_missing) {
                reader.mistake(name, format!("must be set where {because} is"));
            }
        }
        Some(Self { token_url: token_url?, client_id: client_id?, client_secret: client_secret? })
    }
}

const CLIENT_ID: &str = "This service's name at the issuer.";
const CLIENT_SECRET: &str = "The secret that the issuer gave it with that name.";

fn token_url(reader: &mut Reader<'_>, jwks_url: Option<&Url>) -> Option<Url> {
    let url = reader.optional(
        "TOKEN_URL",
        "Where the issuer grants tokens to clients; /oauth2/token beside JWKS_URL if not set.",
    );
    url.or_else(|| jwks_url.and_then(|keys| keys.join("/oauth2/token").ok()))
}

impl IssuerClient {
    /// Connects when first used.
    ///
    /// # Errors
    /// When the operating system has no randomness or no certificates for TLS.
    pub fn new(settings: &ClientSettings) -> Result<Self, BuildError> {
        let http = Client::builder()
            .timeout(PATIENCE)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE)
            .redirect(Policy::none());
        let http = http.build().map_err(io::Error::other)?;
        Ok(Self { http, settings: settings.clone() })
    }

    /// A new token of this service's own (RFC 6749 §4.4), meant for `audience` alone.
    ///
    /// # Errors
    /// When the issuer does not grant it.
    pub async fn grant(&self, audience: &str, scope: &str) -> Result<Granted, NoToken> {
        self.ask(&[("grant_type", "client_credentials"), ("audience", audience), ("scope", scope)], None)
            .await
    }

    /// A token by which this service acts at `audience` for the user who came with `token` (RFC 8693 §2).
    ///
    /// # Errors
    /// When the issuer does not grant it.
    pub async fn exchange(&self, token: &str, audience: &str, scope: &str) -> Result<Granted, NoToken> {
        let form = [
            ("grant_type", TOKEN_EXCHANGE),
            ("subject_token", token),
            ("subject_token_type", ACCESS_TOKEN),
            ("audience", audience),
            ("scope", scope),
        ];
        let Some(span) = trace::child(trace::Kind::Client, "POST /oauth2/token") else {
            return self.ask(&form, None).await;
        };
        let answer = span.scope(self.ask(&form, Some(span.context()))).await;
        if let Err(NoToken::Unavailable(_) | NoToken::Unreadable) = &answer {
            span.fail("unavailable");
        }
        answer
    }

    async fn ask(&self, form: &[(&str, &str)], trace: Option<TraceContext>) -> Result<Granted, NoToken> {
        let (id, secret) = (&self.settings.client_id, self.settings.client_secret.expose_secret());
        let mut request = self.http.post(self.settings.token_url.clone()).form(form);
        if let Some(context) = trace {
            request = request.header(TRACEPARENT, context.to_string());
        }
        let answer =
            request.basic_auth(encoded(id), Some(encoded(secret))).send().await.map_err(unavailable)?;
        let status = answer.status();
        if status.is_success() {
            return read(answer).await?.ok_or(NoToken::Unreadable);
        }
        if status.is_server_error() || status == reqwest::StatusCode::TOO_MANY_REQUESTS {
            return Err(NoToken::Unavailable(None));
        }
        let refusal: Option<Refusal> = read(answer).await?;
        let error = refusal.map_or_else(|| status.to_string(), |refusal| refusal.error);
        // RFC 8693 §2.2.2: said of a bad subject_token, and our form is in order.
        let is_exchange = form.iter().any(|(name, _)| *name == "subject_token");
        Err(if is_exchange && error == "invalid_request" {
            NoToken::NotInForce
        } else {
            NoToken::Refused(error)
        })
    }
}

/// RFC 6749 §5.2.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// What an answer says, unless that is not what was expected.
async fn read<T: DeserializeOwned>(mut answer: reqwest::Response) -> Result<Option<T>, NoToken> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unavailable)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(serde_json::from_slice(&body).ok())
}

fn unavailable(error: reqwest::Error) -> NoToken {
    NoToken::Unavailable(Some(error.without_url()))
}

/// As RFC 6749 §2.3.1 wants it in HTTP Basic.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// `UNAVAILABLE`, which is worth another try, `FAILED_PRECONDITION` for a token that is not in force, or `INTERNAL`.
impl From<NoToken> for Status {
    fn from(error: NoToken) -> Self {
        match &error {
            NoToken::Unavailable(_) => {
                let mut status = Self::unavailable(error.to_string());
                status.set_source(std::sync::Arc::new(error));
                status
            }
            NoToken::NotInForce => Self::failed_precondition(error.to_string()),
            NoToken::Refused(_) | NoToken::Unreadable => Self::internal(error.to_string()),
        }
    }
}
