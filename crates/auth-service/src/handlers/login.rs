//! `POST /auth/login`

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use chassis::{
    http::Body,
    problem::{Answer, Problem, codes},
};
use identity::{Email, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;
use uuid::Uuid;

use super::token_answer::{TokenAnswer, Transport};
use crate::{
    app::App,
    client::Client,
    domain::password,
    grant::Grant,
    limits::{Key, Rule},
    metrics::Reason,
    passwords::Verdict,
    problems,
    store::{
        audit::{Action, Deed},
        sessions,
        users::{self, Account},
    },
};

/// Credentials.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    email: Email,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Signs a user in.
///
/// An unknown e-mail address, a wrong password and a disabled account are answered alike, and take as long.
#[utoipa::path(
    tag = "auth",
    request_body = Login,
    params(("X-Refresh-Transport" = Option<String>, Header, description = "`cookie` (default) or `body`")),
    responses(
        (status = 200, description = "Signed in", body = TokenAnswer),
        (status = 401, description = "`invalid_credentials`"),
        (status = 429, description = "`rate_limited`, with `Retry-After`"),
        (status = 503, description = "`overloaded`, with `Retry-After`"),
    ),
)]
#[post("/login")]
pub(crate) async fn login(
    app: Data<App>,
    request: HttpRequest,
    client: Client,
    transport: Transport,
    Body(body): Body<Login>,
) -> Answer<HttpResponse> {
    transport.check_origin(&app, &request)?;
    let Login { email, password } = body;
    let account = app.find_account(&email, &client).await?;
    let subject = account.as_ref().map(|account| account.user.id);
    let verdict = app.judge(account.as_ref(), &password).await?;
    if let (Some(account), Verdict::Right | Verdict::RightButOutdated) = (account, verdict)
        && let Some(grant) = app.sign_in(account, verdict, password, &client).await?
    {
        return Ok(transport.answer(StatusCode::OK, grant, &app));
    }
    app.record_alone(Deed::new(Action::LoginFailed).to(subject), &client).await?;
    Err(Problem::new(&problems::INVALID_CREDENTIALS).challenge("Bearer"))
}

impl App {
    /// The account, after the limits that its e-mail address and the caller's network address are under.
    async fn find_account(&self, email: &Email, client: &Client) -> Answer<Option<Account>> {
        self.limit(Rule::LoginByAddress, Key::address(client.address)).await?;
        self.limit(Rule::LoginByPair, Key::pair(email, client.address)).await?;
        let mut connection = self.database.read().await?;
        let account = users::find_by_email(&mut connection, email).await?;
        let id = account.as_ref().map_or(UserId(Uuid::nil()), |account| account.user.id);
        if !users::was_seen_at(&mut connection, id, client.address).await? {
            self.limit(Rule::LoginByAccount, Key::account(email)).await?;
        }
        Ok(account)
    }

    /// Compares the password, with the decoy if there is nothing to compare with.
    async fn judge(&self, account: Option<&Account>, password: &SecretString) -> Answer<Verdict> {
        let hash = account.map(|account| account.password_hash.clone());
        if !password::is_possible(password.expose_secret()) {
            // Nobody has such a password; hashing something shorter takes the usual time.
            return Ok(self.passwords.verify(SecretString::from(""), None).await?);
        }
        Ok(self.passwords.verify(password.clone(), hash).await?)
    }

    /// Begins a session, unless the account was disabled or got another password while this one was compared.
    async fn sign_in(
        self: &Arc<Self>,
        judged: Account,
        verdict: Verdict,
        password: SecretString,
        client: &Client,
    ) -> Answer<Option<Grant>> {
        let renewed = match verdict {
            Verdict::RightButOutdated => Some(self.passwords.hash(password).await?),
            _ => None,
        };
        let mut transaction = self.database.begin().await?;
        let account = users::lock(&mut transaction, judged.user.id).await?;
        let unchanged = |account: &Account| account.password_hash == judged.password_hash;
        let Some(Account { user, .. }) =
            account.filter(|account| account.user.is_enabled() && unchanged(account))
        else {
            return Ok(None);
        };
        if let Some(renewed) = renewed {
            users::set_password(&mut transaction, user.id, &renewed).await?;
        }
        let now = self.now();
        let session = self.new_session(&user, now);
        sessions::insert(&mut transaction, &session, client).await?;
        let deed = Deed::own(Action::LoggedIn, user.id, Some(session.id));
        self.record(&mut transaction, deed, client).await?;
        transaction.commit().await?;
        // A signature takes as long as many other requests: they do not wait for somebody who has waited for a hash.
        let app = Arc::clone(self);
        let granted = spawn_blocking(move || app.grant(Reason::Login, user, &session, now)).await;
        granted.map_err(|error| Problem::new(&codes::INTERNAL).cause(error))?.map(Some)
    }
}
