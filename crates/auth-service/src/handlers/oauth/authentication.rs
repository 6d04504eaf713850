//! Which client asks: `client_secret_basic` (RFC 6749 §2.3.1) for one that has a secret, `private_key_jwt` (RFC 7523
//! §2.2) for one that has a key. Where next: `domain::client_assertion`.

use actix_web::{HttpRequest, http::header};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use url::form_urlencoded;

use super::{error::OAuthError, parameters::Parameters};
use crate::{
    app::App,
    client::Client,
    domain::{
        client_assertion::{TYPE, claimed},
        registered_client::{ClientId, RegisteredClient},
    },
    handlers::metadata::token_endpoint,
    limits::{Key, Rule},
    store::{client_assertions, clients},
};

impl App {
    /// The client that sent `request`, if it is one that may still ask.
    pub(super) async fn authenticate_client(
        &self,
        request: &HttpRequest,
        parameters: &Parameters,
        peer: &Client,
    ) -> Result<RegisteredClient, OAuthError> {
        let client = match Shown::by(request, parameters)? {
            Shown::Secret(id, secret) => self.client_by_secret(&id, &secret).await?,
            Shown::Assertion(id, jwt) => self.client_by_assertion(&id, jwt).await?,
            Shown::Nothing => None,
        };
        if let Some(client) = client {
            return Ok(client);
        }
        // Failures alone are counted: whoever knows the secret is let in, whatever others behind its address try.
        let limited = self.limit(Rule::ClientByAddress, Key::address(peer.address)).await;
        limited.map_err(OAuthError::Failed)?;
        Err(OAuthError::InvalidClient)
    }

    async fn client_by_secret(
        &self,
        id: &ClientId,
        secret: &SecretString,
    ) -> Result<Option<RegisteredClient>, OAuthError> {
        let client = self.enabled_client(id).await?;
        let client = client.filter(|client| client.key.is_none() && client.secret.fits(secret));
        if client.is_none() {
            tracing::info!(client = %id, "a client was not let in");
        }
        Ok(client)
    }

    async fn client_by_assertion(
        &self,
        id: &ClientId,
        jwt: &str,
    ) -> Result<Option<RegisteredClient>, OAuthError> {
        let Some(client) = self.enabled_client(id).await? else { return Ok(None) };
        let Some(key) = &client.key else { return Ok(None) };
        let refused = |cause: &dyn std::fmt::Display| {
            tracing::info!(client = %id, %cause, "a client was not let in");
            Ok(None)
        };
        let assertion = match key.open(jwt) {
            Ok(assertion) => assertion,
            Err(error) => return refused(&error),
        };
        let ours = [self.policy.issuer.as_str(), &token_endpoint(self)];
        let until = match assertion.check(id, &ours, self.now()) {
            Ok(until) => until,
            Err(cause) => return refused(&cause),
        };
        let mut transaction = self.database.begin().await?;
        if !client_assertions::take(&mut transaction, id, &assertion.jti, until).await? {
            return refused(&"its assertion was presented before");
        }
        transaction.commit().await?;
        Ok(Some(client))
    }

    async fn enabled_client(&self, id: &ClientId) -> Result<Option<RegisteredClient>, OAuthError> {
        let client = clients::find(&mut self.database.read().await?, id).await?;
        Ok(client.filter(|client| client.disabled_at.is_none()))
    }
}

/// By what a client shows who it is: one way, never two (RFC 6749 §2.3).
enum Shown<'r> {
    Secret(ClientId, SecretString),
    /// Whose it is said to be, and the JWT.
    Assertion(ClientId, &'r str),
    /// Nothing, or what can be no client's.
    Nothing,
}

impl<'r> Shown<'r> {
    fn by(request: &HttpRequest, parameters: &'r Parameters) -> Result<Self, OAuthError> {
        let has_header = request.headers().contains_key(header::AUTHORIZATION);
        let (kind, jwt) = (parameters.get("client_assertion_type"), parameters.get("client_assertion"));
        let named = parameters.get("client_id");
        if parameters.get("client_secret").is_some() {
            return Err(OAuthError::InvalidRequest("a client shows its secret by HTTP Basic alone"));
        }
        match (kind, jwt) {
            (None, None) if named.is_some() => {
                Err(OAuthError::InvalidRequest("a client shows its name with its secret or its assertion"))
            }
            (None, None) => Ok(basic(request).map_or(Self::Nothing, |(id, secret)| {
                id.parse().map_or(Self::Nothing, |id| Self::Secret(id, secret))
            })),
            _ if has_header => Err(OAuthError::InvalidRequest("a client shows who it is in one way")),
            (Some(TYPE), Some(jwt)) => {
                // RFC 7521 §4.2: not needed, but if it is there it says the same.
                let id = claimed(jwt).filter(|id| named.is_none_or(|named| named == id.as_str()));
                Ok(id.map_or(Self::Nothing, |id| Self::Assertion(id, jwt)))
            }
            _ => Err(OAuthError::InvalidRequest("client_assertion comes with its type, which is jwt-bearer")),
        }
    }
}

/// Name and secret out of the one `Authorization` header that there may be (RFC 7617 §2).
fn basic(request: &HttpRequest) -> Option<(String, SecretString)> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    let credentials =
        STANDARD.decode(credentials.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let credentials = String::from_utf8(credentials).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?.into()))
}

/// Both are form-encoded before they are put together (RFC 6749 §2.3.1).
fn decoded(text: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    let (text, value) = pairs.next()?;
    (value.is_empty() && pairs.next().is_none()).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use secrecy::ExposeSecret;

    use super::*;

    fn read(values: &[&str]) -> Option<(String, String)> {
        let request = values.iter().fold(TestRequest::default(), |request, value| {
            request.append_header((header::AUTHORIZATION, *value))
        });
        let (id, secret) = basic(&request.to_http_request())?;
        Some((id, secret.expose_secret().to_owned()))
    }

    #[test]
    fn name_and_secret_come_out_as_they_went_in() {
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let expected = Some(("a b".to_owned(), "c:d".to_owned()));
        assert_eq!(read(&[&basic("a%20b:c%3Ad")]), expected);
        assert_eq!(read(&[&basic("a+b:c:d").replace("Basic", "bAsIc")]), expected);
        for bad in ["", "Basic", "Basic !", "Bearer YTpi", &basic("no colon"), &basic("a=b:c"), &basic(":")] {
            assert_eq!(read(&[bad]), None, "{bad}");
        }
        assert_eq!(read(&[&basic("a:b"), &basic("a:b")]), None);
        assert_eq!(read(&[]), None);
    }
}
