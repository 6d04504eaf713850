//! `POST /auth/admin/clients`

use std::slice;

use actix_web::{HttpResponse, post, web::Data};
use chassis::{
    Caller, Within,
    http::Body,
    problem::{Answer, Problem, codes},
};
use identity::{scope, scope::is_scope_token};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    client::Client,
    clients::NewClient,
    domain::{
        client_assertion::ClientKey,
        client_rights::{Acting, ClientRights},
        registered_client::ClientId,
        user::Name,
    },
    handlers::client_body::ClientSecret,
    problems,
};

/// More scopes or audiences than this would make a token too long.
const MOST_WORDS: usize = 16;
/// The longest of them, in bytes.
const LONGEST_WORD: usize = 64;

/// Software that shall act for itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterClient {
    /// Its name in tokens: 1 to 64 lower-case letters, digits and dashes. It can never be given again.
    #[schema(max_length = 64, example = "billing")]
    id: String,
    /// What people call it; the same by default.
    name: Option<Name>,
    /// What it may ask for: 1 to 16.
    #[schema(min_items = 1, max_items = 16)]
    scopes: Vec<String>,
    /// The services that its tokens are meant for: 1 to 16.
    #[schema(min_items = 1, max_items = 16)]
    audiences: Vec<String>,
    /// Where it may act for users (`urn:ietf:params:oauth:grant-type:token-exchange`): nowhere by default.
    acting: Option<Acting>,
    /// A public JSON Web Key (RFC 7517 §4) by which it shows who it is, instead of a secret (`private_key_jwt`): RSA
    /// of 2,048 to 4,096 bits with `alg`, P-256 or Ed25519.
    #[schema(value_type = Option<Object>)]
    jwk: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Registers software that acts for itself, and shows its secret, unless it has a key, this once.
#[utoipa::path(
    tag = "administration",
    request_body = RegisterClient,
    responses(
        (status = 201, description = "Its secret", body = ClientSecret),
        (status = 409, description = "`client_taken`: by one that may have been removed"),
        (status = 422, description = "`validation_failed`"),
    ),
    security(("bearer" = ["admin"])),
)]
#[post("/admin/clients")]
pub(crate) async fn register_client(
    caller: Caller<Within<15, scope::Admin>>,
    app: Data<App>,
    peer: Client,
    Body(body): Body<RegisterClient>,
) -> Answer<HttpResponse> {
    app.demand_live(&caller).await?;
    let registered = app.register_client(body.parse()?, Some((caller.user_id(), &peer))).await;
    let (client, secret) = registered.map_err(|error| match error {
        taken if taken.is_taken() => Problem::new(&problems::CLIENT_TAKEN),
        other => other.into(),
    })?;
    Ok(ClientSecret::answer(&client.id, secret.as_ref(), HttpResponse::Created()))
}

impl RegisterClient {
    fn parse(self) -> Answer<NewClient> {
        let Self { id, name, scopes, audiences, acting, jwk } = self;
        let id = id.parse::<ClientId>().map_err(|error| invalid(error.to_string()))?;
        let acting_lists = acting.as_ref().map(|Acting { service, at }| {
            [("acting.service", slice::from_ref(service)), ("acting.at", at.as_slice())]
        });
        let lists = [("scopes", scopes.as_slice()), ("audiences", audiences.as_slice())];
        for (list, words) in lists.into_iter().chain(acting_lists.into_iter().flatten()) {
            let is_good = |word: &String| word.len() <= LONGEST_WORD && is_scope_token(word);
            if !(1..=MOST_WORDS).contains(&words.len()) || !words.iter().all(is_good) {
                return Err(invalid(format!(
                    "`{list}` must be 1 to {MOST_WORDS} words of up to {LONGEST_WORD} visible ASCII characters \
                     without quotes and backslashes"
                )));
            }
        }
        let name = name.map_or_else(|| id.to_string(), String::from);
        let key = jwk.map(|jwk| ClientKey::parse(&serde_json::Value::from(jwk).to_string()));
        let key = key.transpose().map_err(|error| invalid(format!("`jwk`: {error}")))?;
        let rights = ClientRights { scopes: scopes.iter().map(String::as_str).collect(), audiences, acting };
        Ok(NewClient { id, name, rights, key })
    }
}

fn invalid(detail: String) -> Problem {
    Problem::new(&codes::VALIDATION_FAILED).detail(detail)
}
