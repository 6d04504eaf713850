//! A registered client as administrators see it.

use actix_web::{HttpResponse, http::header};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{
    client_rights::{Acting, ClientRights},
    registered_client::{ClientId, RegisteredClient},
};

/// Software that acts for itself, without anything secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub(crate) struct ClientBody {
    /// Its name in tokens (`client_id`).
    id: String,
    /// The `sub` of its own tokens.
    subject: Uuid,
    name: String,
    scopes: Vec<String>,
    audiences: Vec<String>,
    /// Where it may act for users; null if it may nowhere.
    acting: Option<Acting>,
    /// How it shows who it is: `client_secret_basic` or `private_key_jwt`.
    #[schema(example = "client_secret_basic")]
    authentication: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Since when it is given no tokens; null while it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Timestamp>,
}

/// A secret that is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientSecret {
    client_id: String,
    /// Absent when the client has a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl From<RegisteredClient> for ClientBody {
    fn from(client: RegisteredClient) -> Self {
        let ClientRights { scopes, audiences, acting } = client.rights;
        Self {
            id: client.id.to_string(),
            subject: client.subject,
            name: client.name,
            scopes: scopes.as_str().split(' ').map(str::to_owned).collect(),
            audiences,
            acting,
            authentication: if client.key.is_some() { "private_key_jwt" } else { "client_secret_basic" },
            created_at: client.created_at,
            disabled_at: client.disabled_at,
        }
    }
}

impl ClientSecret {
    /// Shows it to whoever asked, and to no cache.
    pub(super) fn answer(
        id: &ClientId,
        secret: Option<&SecretString>,
        mut status: actix_web::HttpResponseBuilder,
    ) -> HttpResponse {
        let body = Self {
            client_id: id.to_string(),
            client_secret: secret.map(|secret| secret.expose_secret().to_owned()),
        };
        status.insert_header((header::CACHE_CONTROL, "no-store")).json(body)
    }
}
