//! `POST /auth/admin/claim`

use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use chassis::{
    database::Transaction,
    http::Body,
    problem::{Answer, Problem},
};
use identity::{Email, Role, Roles};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    accounts::{NewAccount, Prepared},
    app::App,
    client::Client,
    domain::user::{Name, User},
    handlers::{token_answer::Transport, user_body::UserBody},
    limits::{Key, Rule},
    passwords::Verdict,
    problems,
    store::{
        admin_links,
        audit::{Action, Deed},
        users::{self, Account},
    },
};

/// The link's secret, and who shall be the first administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClaimAdministration)]
pub(crate) struct Claim {
    /// What stands behind the `#` of the link.
    #[schema(value_type = String)]
    secret: SecretString,
    email: Email,
    name: Name,
    /// A new password; the account's own if there is one with this e-mail address.
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 128)]
    password: SecretString,
}

/// Who becomes administrator.
enum Candidate {
    /// Somebody new.
    New(Prepared),
    /// Somebody who has just proved to be the owner of their account.
    Known(Account),
}

/// Makes the first administrator, once, for whoever holds the link that the operator was shown.
#[utoipa::path(
    tag = "administration",
    request_body = Claim,
    responses(
        (status = 201, description = "The administrator, who can now log in", body = UserBody),
        (status = 401, description = "`invalid_credentials`: there is an account, and this is not its password"),
        (status = 403, description = "`admin_link_invalid`"),
        (status = 422, description = "`password_unacceptable`"),
        (status = 429, description = "`rate_limited`, with `Retry-After`"),
    ),
)]
#[post("/admin/claim")]
pub(crate) async fn claim(
    app: Data<App>,
    request: HttpRequest,
    client: Client,
    Body(body): Body<Claim>,
) -> Answer<HttpResponse> {
    Transport::Cookie.check_origin(&app, &request)?;
    app.limit(Rule::Claim, Key::address(client.address)).await?;
    let refused = || Problem::new(&problems::ADMIN_LINK_INVALID);
    let link = app.admin_links.parse(body.secret.expose_secret()).ok_or_else(refused)?;
    let mut connection = app.database.read().await?;
    let valid = admin_links::valid(&mut connection, app.now()).await? == Some(link);
    if !valid || users::has_active_admin(&mut connection).await? {
        return Err(refused());
    }
    drop(connection);
    let candidate = app.candidate(body, &client).await?;

    let mut transaction = app.database.begin().await?;
    let admins = users::lock_active_admins(&mut transaction).await?;
    if !admins.is_empty() || !admin_links::redeem(&mut transaction, link, app.now()).await? {
        return Err(refused());
    }
    let user = candidate.promote(&mut transaction).await?;
    app.record(&mut transaction, Deed::own(Action::AdminCreated, user.id, None), &client).await?;
    transaction.commit().await?;
    Ok(HttpResponse::Created().json(UserBody::from(user)))
}

impl App {
    async fn candidate(&self, wanted: Claim, client: &Client) -> Answer<Candidate> {
        let Claim { email, name, password, .. } = wanted;
        let Some(account) = users::find_by_email(&mut self.database.read().await?, &email).await? else {
            self.check_password(&password, &email, &name).await?;
            let roles = Roles::from(vec![Role::Customer, Role::Admin]);
            return Ok(Candidate::New(self.prepare(NewAccount { email, name, password, roles }).await?));
        };
        let verdict = self.passwords.verify(password, Some(account.password_hash.clone())).await?;
        if verdict == Verdict::Wrong || !account.user.is_enabled() {
            self.record_alone(Deed::new(Action::LoginFailed).to(Some(account.user.id)), client).await?;
            return Err(Problem::new(&problems::INVALID_CREDENTIALS).challenge("Bearer"));
        }
        Ok(Candidate::Known(account))
    }
}

impl Candidate {
    async fn promote(self, on: &mut Transaction) -> Answer<User> {
        let proved = match self {
            Self::New(prepared) => {
                prepared.insert(on).await?;
                return Ok(prepared.user);
            }
            Self::Known(proved) => proved,
        };
        let locked = users::lock(on, proved.user.id).await?;
        let same = locked.filter(|now| now.user.is_enabled() && now.password_hash == proved.password_hash);
        let mut user =
            same.ok_or_else(|| Problem::new(&problems::INVALID_CREDENTIALS).challenge("Bearer"))?.user;
        user.roles = user.roles.iter().chain([Role::Admin]).collect();
        users::set_roles(on, user.id, &user.roles).await?;
        Ok(user)
    }
}
