//! A user's token exchanged for one by which the client acts for the user (RFC 8693): what is asked, and what is refused.
//! Where next: `domain::exchange`, the rules.

use actix_web::HttpRequest;

use super::{error::OAuthError, parameters::Parameters};
use crate::{
    app::App,
    domain::{exchange::Refused, registered_client::RegisteredClient},
    grant::ClientGrant,
};

/// The grant (RFC 8693 §2.1).
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// The only kind of token that goes in and comes out (RFC 8693 §3).
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What was asked for, in the right form.
struct Request<'p> {
    subject_token: &'p str,
    audience: &'p str,
    scope: Option<&'p str>,
}

impl App {
    /// A token by which `client` acts for the user whose token it shows. Nothing is stored.
    pub(super) async fn exchange(
        &self,
        request: &HttpRequest,
        parameters: &Parameters,
        client: &RegisteredClient,
    ) -> Result<ClientGrant, OAuthError> {
        let Request { subject_token, audience, scope } = Request::read(parameters)?;
        client.may_act_at(audience)?;
        let token = self.access_token(request, subject_token).await?;
        let token = token.ok_or(OAuthError::InvalidRequest("the subject_token is not in force"))?;
        let scope = client.exchanges(&token, scope)?;
        self.grant_exchanged(client, &token, audience, scope, self.now()).map_err(OAuthError::Failed)
    }
}

impl<'p> Request<'p> {
    fn read(parameters: &'p Parameters) -> Result<Self, OAuthError> {
        let needed = |name, missing| parameters.get(name).ok_or(OAuthError::InvalidRequest(missing));
        let subject_token = needed("subject_token", "subject_token is missing")?;
        if needed("subject_token_type", "subject_token_type is missing")? != ACCESS_TOKEN {
            return Err(OAuthError::InvalidRequest("subject_token_type must be that of an access token"));
        }
        if parameters.get("requested_token_type").is_some_and(|kind| kind != ACCESS_TOKEN) {
            return Err(OAuthError::InvalidRequest("requested_token_type must be that of an access token"));
        }
        // Who acts is the client, by what it has shown; nobody acts for anybody else.
        if ["actor_token", "actor_token_type"].into_iter().any(|name| parameters.get(name).is_some()) {
            return Err(OAuthError::InvalidRequest(
                "there is no actor_token: the client itself is the actor",
            ));
        }
        if parameters.get("resource").is_some() {
            return Err(OAuthError::InvalidTarget("there is no resource: services are named by audience"));
        }
        let audience = needed("audience", "audience is missing")?;
        Ok(Self { subject_token, audience, scope: parameters.get("scope") })
    }
}

/// RFC 8693 §2.2.2 has no code of its own for a token that is not accepted: `invalid_request` it must be.
impl From<Refused> for OAuthError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Client => Self::UnauthorizedClient("the client acts for nobody"),
            Refused::Target => Self::InvalidTarget("the client may not act at this audience"),
            Refused::Subject(why) => Self::InvalidRequest(why),
            Refused::Scope => Self::InvalidScope("the subject_token does not have this scope"),
        }
    }
}
