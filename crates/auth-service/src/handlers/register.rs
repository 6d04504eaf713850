//! `POST /auth/register`

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use chassis::{
    http::Body,
    problem::{Answer, Problem},
};
use identity::{Email, Role, Roles};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::token_answer::{TokenAnswer, Transport};
use crate::{
    accounts::NewAccount,
    app::App,
    client::Client,
    domain::user::Name,
    limits::{Key, Rule},
    metrics::Reason,
    store::{
        audit::{Action, Deed},
        sessions,
    },
};

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    email: Email,
    name: Name,
    /// 12 to 128 characters, hard to guess. Nothing else is asked of it.
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 128)]
    password: SecretString,
}

/// Makes an account and signs it in.
///
/// That an e-mail address is taken is said openly: whoever registers must learn it, and without answering mail
/// there is no other way to tell them. Limits per address and per e-mail address keep that from being a directory.
#[utoipa::path(
    tag = "auth",
    request_body = Register,
    params(("X-Refresh-Transport" = Option<String>, Header, description = "`cookie` (default) or `body`")),
    responses(
        (status = 201, description = "Registered and signed in", body = TokenAnswer),
        (status = 409, description = "`email_taken`"),
        (status = 422, description = "`password_unacceptable`"),
        (status = 429, description = "`rate_limited`, with `Retry-After`"),
        (status = 503, description = "`overloaded`, with `Retry-After`"),
    ),
)]
#[post("/register")]
pub(crate) async fn register(
    app: Data<App>,
    request: HttpRequest,
    client: Client,
    transport: Transport,
    Body(body): Body<Register>,
) -> Answer<HttpResponse> {
    transport.check_origin(&app, &request)?;
    let Register { email, name, password } = body;
    app.limit(Rule::RegisterByAddress, Key::address(client.address)).await?;
    app.check_password(&password, &email, &name).await?;
    app.limit(Rule::RegisterByAccount, Key::account(&email)).await?;

    let roles = Roles::from(vec![Role::Customer]);
    let account = app.prepare(NewAccount { email, name, password, roles }).await?;
    let now = app.now();
    let session = app.new_session(&account.user, now);
    let mut transaction = app.database.begin().await?;
    account.insert(&mut transaction).await?;
    sessions::insert(&mut transaction, &session, &client).await?;
    let deed = Deed::own(Action::Registered, account.user.id, Some(session.id));
    app.record(&mut transaction, deed, &client).await?;
    transaction.commit().await.map_err(Problem::from)?;
    let grant = app.grant(Reason::Registration, account.user, &session, now)?;
    Ok(transport.answer(StatusCode::CREATED, grant, &app))
}
