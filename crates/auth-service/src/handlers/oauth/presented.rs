//! A token that a client shows us, to be ended or judged (RFC 7009 §2.1, RFC 7662 §2.1).

use actix_web::HttpRequest;
use chassis::problem::{Problem, codes};
use utoipa::ToSchema;
use verifier::{Verified, Verifier};

use super::{error::OAuthError, parameters::Parameters};
use crate::{
    app::App,
    domain::{refresh_token::RefreshToken, registered_client::FIRST_PARTY, session::Session, user::User},
    store::sessions,
};

/// What a client sends of it (RFC 7009 §2.1, RFC 7662 §2.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `Parameters` reads it")]
pub(crate) struct PresentedToken {
    /// An access token or a refresh token.
    token: String,
    /// Not needed, and ignored.
    token_type_hint: Option<String>,
}

/// One of our tokens that is in force.
pub(super) enum Presented {
    Access(Verified),
    /// Of a session that lives; whether it is the newest is another question.
    Refresh(RefreshToken, Session, Box<User>),
}

impl Presented {
    /// The client that it was issued to. Sessions belong to people, who begin them by our own software.
    pub(super) fn client_id(&self) -> &str {
        match self {
            Self::Access(token) => &token.client_id,
            Self::Refresh(..) => FIRST_PARTY,
        }
    }
}

impl App {
    /// The `token` of a request; `None` if it is not ours, or no longer in force.
    ///
    /// `token_type_hint` is not needed, so nothing depends on it (RFC 7009 §2.1): neither kind can be taken for the
    /// other.
    pub(super) async fn presented(
        &self,
        request: &HttpRequest,
        parameters: &Parameters,
    ) -> Result<Option<Presented>, OAuthError> {
        let text = parameters.get("token").ok_or(OAuthError::InvalidRequest("token is missing"))?;
        let now = self.now();
        if let Ok(token) = self.refresh_tokens.parse(text) {
            let found = sessions::find(&mut self.database.read().await?, token.session_id).await?;
            let alive = found.filter(|(session, user)| {
                session.is_alive(now, self.policy.limits.idle) && user.is_enabled()
            });
            return Ok(alive.map(|(session, user)| Presented::Refresh(token, session, Box::new(user))));
        }
        Ok(self.access_token(request, text).await?.map(Presented::Access))
    }

    /// The access token that `text` is; `None` if it is not ours, or no longer in force.
    pub(super) async fn access_token(
        &self,
        request: &HttpRequest,
        text: &str,
    ) -> Result<Option<Verified>, OAuthError> {
        let verifier = request.app_data::<Verifier>();
        let verifier = verifier.ok_or_else(|| failed("no verifier is mounted"))?;
        let token = match verifier.inspect(text).await {
            Ok(token) => token,
            Err(rejection) if rejection.is_unavailable() => {
                let problem = Problem::new(&codes::UNAVAILABLE).cause(rejection);
                let after = rejection.retry_after().unwrap_or_default();
                return Err(OAuthError::Failed(problem.retry_after(after)));
            }
            Err(_) => return Ok(None),
        };
        // Whoever wrote the time into it needs no leeway to read it.
        let over = token.expires_at <= self.now().as_second() || self.tail.is_revoked(&token).await?;
        Ok((!over).then_some(token))
    }
}

fn failed(cause: &'static str) -> OAuthError {
    OAuthError::Failed(Problem::new(&codes::INTERNAL).cause(cause))
}
