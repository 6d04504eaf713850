//! `POST /auth/refresh`
//!
//! The rule is `domain::session`; this carries it out. A session is read, the rule decides, and a rotation is
//! one compare-and-set on the generation that was read. Whoever loses that race reads again and finds itself one
//! generation behind, where the rule grants it the winner's own successor.
//!
//! A refusal never takes the cookie away: by the time it arrives, another tab may have put a better one there.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
    post,
    web::Data,
};
use chassis::{
    http::Body,
    problem::{Answer, Code, Problem, codes},
};
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use verifier::Revoked;

use super::token_answer::{COOKIE, TokenAnswer, Transport};
use crate::{
    app::App,
    client::Client,
    domain::{
        refresh_token::RefreshToken,
        session::{Decision, Refusal, Session},
        user::User,
    },
    metrics::Reason,
    problems,
    store::{
        audit::{Action, Deed},
        sessions,
    },
};

/// A loser of the race reads again. It then is one behind and done, or older and refused: a second loss needs a
/// database that was set back in between.
const ATTEMPTS: usize = 3;

/// The refresh token, for clients that do not keep it in the cookie.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
}

/// A refresh token and how it was presented, which is how its successor is given back: what came in a cookie
/// that scripts cannot read must not leave in a body that they can.
pub(crate) struct Presented {
    token: SecretString,
    transport: Transport,
}

/// Fetches new tokens.
///
/// Each refresh token works once. Presented again within a short grace, it yields the same successor, so that
/// racing tabs and lost answers do no harm; later, it ends the session, for somebody holds a copy.
#[utoipa::path(
    tag = "auth",
    request_body(content = Option<Refresh>, description = "Left out when the token is in the cookie"),
    responses(
        (status = 200, description = "New tokens, the refresh token where the old one was", body = TokenAnswer),
        (status = 401, description = "`refresh_token_invalid`, `refresh_token_reused` or `session_ended`"),
        (status = 403, description = "`foreign_origin`: a page of another origin sent the cookie"),
    ),
)]
#[post("/refresh")]
pub(crate) async fn refresh(
    app: Data<App>,
    request: HttpRequest,
    client: Client,
    presented: Presented,
) -> Answer<HttpResponse> {
    let Presented { token, transport } = presented;
    transport.check_origin(&app, &request)?;
    let token = app.refresh_tokens.parse(token.expose_secret());
    let token = token.map_err(|error| {
        app.counters.refreshed(problems::REFRESH_TOKEN_INVALID.name);
        refuse(&problems::REFRESH_TOKEN_INVALID).cause(error)
    })?;
    let now = app.now();
    for _ in 0..ATTEMPTS {
        let renewed = app.renew(token, now, &client).await;
        let renewed = renewed.inspect_err(|problem| app.counters.refreshed(problem.code().name))?;
        if let Some((user, session)) = renewed {
            let grant = app.grant(Reason::Refresh, user, &session, now)?;
            return Ok(transport.answer(StatusCode::OK, grant, &app));
        }
    }
    Err(Problem::new(&codes::UNAVAILABLE).cause("every attempt to rotate lost its race"))
}

impl App {
    /// One attempt. `None` when somebody else changed the session between reading and writing.
    async fn renew(
        &self,
        token: RefreshToken,
        now: Timestamp,
        client: &Client,
    ) -> Answer<Option<(User, Session)>> {
        let mut connection = self.database.read().await?;
        let found = sessions::find(&mut connection, token.session_id).await?;
        let Some((session, user)) = found.filter(|(_, user)| user.is_enabled()) else {
            return Err(refuse(&problems::SESSION_ENDED));
        };
        match session.decide(token.generation, now, self.policy.limits) {
            Decision::Repeat => {
                self.counters.refreshed("repeated");
                Ok(Some((user, session)))
            }
            Decision::Rotate { to } => {
                let mut connection = self.database.write_after(connection).await?;
                if !sessions::advance(&mut connection, &session, to, now).await? {
                    return Ok(None);
                }
                self.counters.refreshed("rotated");
                Ok(Some((user, Session { generation: to, rotated_at: now, ..session })))
            }
            Decision::Refuse(Refusal::Reused) => {
                drop(connection);
                self.end_stolen(&session, now, client).await?;
                Err(refuse(&problems::REFRESH_TOKEN_REUSED))
            }
            Decision::Refuse(Refusal::Ended | Refusal::Expired) => Err(refuse(&problems::SESSION_ENDED)),
            Decision::Refuse(Refusal::NeverMade) => {
                Err(refuse(&problems::REFRESH_TOKEN_INVALID).cause("a generation that was never made"))
            }
        }
    }

    async fn end_stolen(&self, session: &Session, now: Timestamp, client: &Client) -> Answer<()> {
        let mut transaction = self.database.begin().await?;
        let mut revoked = Vec::new();
        if sessions::end(&mut transaction, session.id, session.user_id, now).await? {
            let deed = Deed::new(Action::RefreshTokenReused).to(Some(session.user_id)).in_session(session.id);
            self.record(&mut transaction, deed, client).await?;
            tracing::warn!(session = %session.id, user = %session.user_id, "an old refresh token ended its session");
            revoked.push(Revoked::Session(session.id));
        }
        self.commit_revoking(transaction, revoked).await
    }
}

fn refuse(code: &'static Code) -> Problem {
    Problem::new(code).challenge("Bearer")
}

impl FromRequest for Presented {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let has_body = headers.contains_key(header::TRANSFER_ENCODING)
            || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
        let body = has_body.then(|| Body::<Refresh>::from_request(request, payload));
        let cookie = request.cookie(COOKIE).map(|cookie| SecretString::from(cookie.value()));
        Box::pin(async move {
            let in_body = match body {
                Some(body) => body.await?.0.refresh_token,
                None => None,
            };
            match (in_body, cookie) {
                (Some(token), _) => Ok(Self { token, transport: Transport::Body }),
                (None, Some(token)) => Ok(Self { token, transport: Transport::Cookie }),
                (None, None) => Err(refuse(&problems::REFRESH_TOKEN_INVALID).into()),
            }
        })
    }
}
