//! Which client asks: `client_secret_basic` (RFC 6749 §2.3.1), and nothing else so far.

use actix_web::{HttpRequest, http::header};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use url::form_urlencoded;

use super::{error::OAuthError, parameters::Parameters};
use crate::{
    app::App,
    client::Client,
    domain::registered_client::{ClientId, RegisteredClient},
    limits::{Key, Rule},
    store::clients,
};

impl App {
    /// The client that sent `request`, if it is one that may still ask.
    pub(super) async fn authenticate_client(
        &self,
        request: &HttpRequest,
        parameters: &Parameters,
        peer: &Client,
    ) -> Result<RegisteredClient, OAuthError> {
        if ["client_id", "client_secret", "client_assertion"]
            .iter()
            .any(|name| parameters.get(name).is_some())
        {
            return Err(OAuthError::InvalidRequest("a client shows its name and secret by HTTP Basic alone"));
        }
        if let Some(client) = self.client_by_secret(request).await? {
            return Ok(client);
        }
        // Failures alone are counted: whoever knows the secret is let in, whatever others behind its address try.
        let limited = self.limit(Rule::ClientByAddress, Key::address(peer.address)).await;
        limited.map_err(OAuthError::Failed)?;
        Err(OAuthError::InvalidClient)
    }

    async fn client_by_secret(&self, request: &HttpRequest) -> Result<Option<RegisteredClient>, OAuthError> {
        let Some((id, secret)) = basic(request) else { return Ok(None) };
        let Ok(id) = id.parse::<ClientId>() else { return Ok(None) };
        let client = clients::find(&mut self.database.read().await?, &id).await?;
        let client = client.filter(|client| client.secret.fits(&secret) && client.disabled_at.is_none());
        if client.is_none() {
            tracing::info!(client = %id, "a client was not let in");
        }
        Ok(client)
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
