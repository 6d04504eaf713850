//! `POST /auth/password`

use actix_web::{HttpResponse, post, web::Data};
use chassis::{
    Caller,
    http::Body,
    problem::{Answer, Problem},
};
use identity::{UserId, scope};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    client::Client,
    domain::password,
    limits::{Key, Rule},
    passwords::Verdict,
    problems,
    revocation::of_sessions,
    store::{
        audit::{Action, Deed},
        sessions,
        users::{self, Account},
    },
};

/// The password that was, and the one that shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// 12 to 128 characters, hard to guess.
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 128)]
    new_password: SecretString,
}

/// Changes one's own password and ends every other session.
#[utoipa::path(
    tag = "auth",
    request_body = ChangePassword,
    responses(
        (status = 204, description = "Changed"),
        (status = 403, description = "`wrong_password`"),
        (status = 422, description = "`password_unacceptable`"),
        (status = 429, description = "`rate_limited`, with `Retry-After`"),
    ),
    security(("bearer" = ["account"])),
)]
#[post("/password")]
pub(crate) async fn change_password(
    caller: Caller<scope::Account>,
    app: Data<App>,
    client: Client,
    Body(body): Body<ChangePassword>,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let ChangePassword { current_password, new_password } = body;
    let id = caller.user_id();
    // A stolen access token must not become a way to try passwords.
    app.limit(Rule::LoginByPair, Key::user(id)).await?;
    let account = app.prove_password(id, current_password, &client).await?;
    app.check_password(&new_password, &account.user.email, &account.user.name).await?;
    let hash = app.passwords.hash(new_password).await?;

    let mut transaction = app.database.begin().await?;
    let locked = users::lock(&mut transaction, id).await?;
    if locked.is_none_or(|locked| locked.password_hash != account.password_hash) {
        return Err(Problem::new(&problems::WRONG_PASSWORD));
    }
    users::set_password(&mut transaction, id, &hash).await?;
    let own = Some(caller.session_id());
    let ended = sessions::end_all(&mut transaction, id, own, (app.now(), app.last_renewals())).await?;
    let deed = Deed::own(Action::PasswordChanged, id, Some(caller.session_id()));
    app.record(&mut transaction, deed, &client).await?;
    app.commit_revoking(transaction, of_sessions(ended)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl App {
    /// The account, if `password` is its password.
    async fn prove_password(&self, id: UserId, password: SecretString, client: &Client) -> Answer<Account> {
        let account = users::find(&mut self.database.read().await?, id).await?;
        let right = match &account {
            Some(account) if password::is_possible(password.expose_secret()) => {
                self.passwords.verify(password, Some(account.password_hash.clone())).await? != Verdict::Wrong
            }
            _ => false,
        };
        if let Some(account) = account.filter(|_| right) {
            return Ok(account);
        }
        self.record_alone(Deed::own(Action::PasswordChangeFailed, id, None), client).await?;
        Err(Problem::new(&problems::WRONG_PASSWORD))
    }
}
