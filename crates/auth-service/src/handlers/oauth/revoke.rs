//! `POST /oauth2/revoke` (RFC 7009)

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    post,
    web::{Bytes, Data},
};
use chassis::problem::Answer;
use identity::UserId;
use verifier::Revoked;

use super::{
    error::{OAuthError, OAuthErrorBody},
    parameters::Parameters,
    presented::{Presented, PresentedToken},
};
use crate::{
    app::App,
    client::Client,
    domain::registered_client::RegisteredClient,
    store::{
        audit::{Action, Deed},
        sessions,
    },
};

/// Ends a token before its time, everywhere.
///
/// An access token is refused by every service from now on; a refresh token ends its session with all its tokens.
/// Whatever is not in force anyhow is answered likewise. A client may end what was issued to it, and with the scope
/// `revocations:write` what was issued to anybody, such as a user's token that was found where it should not be.
#[utoipa::path(
    tag = "oauth",
    request_body(content = PresentedToken, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token is in force no longer"),
        (status = 400, description = "`invalid_request`, or `invalid_grant`: another client's", body = OAuthErrorBody),
        (status = 401, description = "`invalid_client`", body = OAuthErrorBody),
        (status = 429, description = "`rate_limited`, with `Retry-After`: after many that failed"),
    ),
    security(("client" = [])),
)]
#[post("/revoke")]
pub(crate) async fn revoke(
    app: Data<App>,
    request: HttpRequest,
    peer: Client,
    body: Bytes,
) -> Result<HttpResponse, OAuthError> {
    let parameters = Parameters::parse(&request, &body)?;
    let client = app.authenticate_client(&request, &parameters, &peer).await?;
    if let Some(presented) = app.presented(&request, &parameters).await? {
        if !client.may_revoke(presented.client_id()) {
            return Err(OAuthError::InvalidGrant);
        }
        app.end(presented, &client, &peer).await.map_err(OAuthError::Failed)?;
    }
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

impl App {
    async fn end(&self, presented: Presented, by: &RegisteredClient, peer: &Client) -> Answer<()> {
        let mut transaction = self.database.begin().await?;
        let (deed, subject, session, revoked) = match presented {
            Presented::Access(token) => {
                let revoked = Revoked::Token(token.token_id.clone());
                let deed = Deed::new(Action::TokenRevoked).about(Some(&token.token_id.0));
                (deed, token.subject, token.session_id, revoked)
            }
            Presented::Refresh(_, session, user) => {
                if !sessions::end(&mut transaction, session.id, user.id, self.now()).await? {
                    return Ok(());
                }
                (Deed::new(Action::SessionEnded), user.id, session.id, Revoked::Session(session.id))
            }
        };
        let deed = deed.by(UserId(by.subject)).to(Some(subject)).in_session(session);
        self.record(&mut transaction, deed, peer).await?;
        self.commit_revoking(transaction, vec![revoked]).await
    }
}
