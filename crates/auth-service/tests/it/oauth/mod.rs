//! `/oauth2`: what software may ask for in its own name, beside tokens.

mod exchange;
mod introspect;
mod private_key_jwt;
mod revoke;

use auth_service::ClientRights;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret;
use serde_json::Value;
use testkit::http::Response;

use crate::app::App;

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Software that was registered and knows its secret.
pub(crate) struct Program {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Program {
    /// Registers one whose tokens are meant for the users service.
    pub(crate) async fn register(app: &App, id: &str, scopes: &[&str]) -> Self {
        let (scopes, audiences) = (scopes.iter().copied().collect(), vec!["users".to_owned()]);
        Self::register_with(app, id, ClientRights { scopes, audiences, acting: None }).await
    }

    /// Registers one with these rights.
    pub(crate) async fn register_with(app: &App, id: &str, rights: ClientRights) -> Self {
        let secret = app.administration.register_client(id.parse().unwrap(), id.to_owned(), rights, None);
        Self { id: id.to_owned(), secret: secret.await.unwrap().unwrap().expose_secret().to_owned() }
    }

    /// Sends a form in its own name.
    pub(crate) async fn ask(&self, app: &App, path: &str, form: &str) -> Response {
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)));
        let request = app.client.post_empty(path).header("authorization", &basic);
        request.header("content-type", FORM).body(form).await
    }

    /// An access token of its own.
    pub(crate) async fn token(&self, app: &App) -> String {
        let answer = self.ask(app, "/oauth2/token", "grant_type=client_credentials").await.expect(200);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn introspect(&self, app: &App, token: &str) -> Value {
        let answer = self.ask(app, "/oauth2/introspect", &format!("token={token}")).await.expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        answer.json()
    }

    pub(crate) async fn revoke(&self, app: &App, token: &str) -> Response {
        self.ask(app, "/oauth2/revoke", &format!("token={token}")).await
    }
}

pub(crate) fn refused(answer: &Response, status: u16, error: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
}
