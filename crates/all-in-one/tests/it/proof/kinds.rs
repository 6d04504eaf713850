//! All that can be revoked, as a table: somebody who has a token, and the request that takes it away.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, http::Request};

use super::{
    door::Door,
    fleet::{Fleet, SECRET},
};
use crate::people::{self, PASSWORD, text};

/// One way to revoke.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) prepare: for<'f> fn(&'f Fleet) -> Boxed<'f, Case>,
}

type Boxed<'f, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// What will be revoked, and how.
pub(crate) struct Case {
    /// Accepted until then.
    pub(crate) token: String,
    /// By all of these.
    pub(crate) doors: Vec<Door>,
    /// At any replica of the issuer.
    pub(crate) revoking: Request,
    /// Its answer's status.
    pub(crate) status: u16,
}

/// Another kind is another line here, and whoever runs through them runs through it.
pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "session: logout", prepare: |fleet| Box::pin(logout(fleet)) },
    Kind { name: "sessions of a user: logout everywhere", prepare: |fleet| Box::pin(logout_all(fleet)) },
    Kind { name: "session by its id", prepare: |fleet| Box::pin(by_id(fleet)) },
    Kind { name: "sessions of a user: another password", prepare: |fleet| Box::pin(password(fleet)) },
    Kind { name: "tokens of a user: other roles", prepare: |fleet| Box::pin(roles(fleet)) },
    Kind { name: "user: disabled", prepare: |fleet| Box::pin(disable(fleet)) },
    Kind { name: "session: its refresh token was stolen", prepare: |fleet| Box::pin(theft(fleet)) },
    Kind { name: "token by its name", prepare: |fleet| Box::pin(token(fleet)) },
    Kind { name: "token, presented by whoever found it", prepare: |fleet| Box::pin(found_token(fleet)) },
    Kind { name: "client: disabled", prepare: |fleet| Box::pin(client(fleet)) },
];

/// Ends everybody's tokens, the administrator's too, so it is not among the others.
pub(crate) const KEY: Kind = Kind { name: "signing key", prepare: |fleet| Box::pin(key(fleet)) };

/// Somebody new, signed in.
struct Person {
    email: String,
    id: String,
    token: String,
    refresh_token: String,
}

impl Person {
    async fn new(fleet: &Fleet) -> Self {
        let email = fleet.new_email();
        let answer = people::register(fleet.issuer(), &email).await;
        let id = text(&answer["user"], "id");
        Self {
            email,
            id,
            token: text(&answer, "access_token"),
            refresh_token: text(&answer, "refresh_token"),
        }
    }

    /// The token of another session.
    async fn elsewhere(&self, fleet: &Fleet) -> String {
        text(&people::log_in(fleet.issuer(), &self.email).await.expect(200).json(), "access_token")
    }

    /// As this person at some replica.
    fn at(&self, fleet: &Fleet) -> Client {
        fleet.issuer().with_token(&self.token)
    }
}

/// The header (0) or the claims (1) of a token.
pub(crate) fn part(token: &str, number: usize) -> Value {
    let part = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap();
    serde_json::from_slice(&part).unwrap()
}

async fn logout(fleet: &Fleet) -> Case {
    let person = Person::new(fleet).await;
    let revoking = person.at(fleet).post("/auth/logout", json!({}));
    Case { token: person.token, doors: fleet.doors(), revoking, status: 204 }
}

async fn logout_all(fleet: &Fleet) -> Case {
    let person = Person::new(fleet).await;
    let token = person.elsewhere(fleet).await;
    Case {
        token,
        doors: fleet.doors(),
        revoking: person.at(fleet).post("/auth/logout-all", json!({})),
        status: 204,
    }
}

async fn by_id(fleet: &Fleet) -> Case {
    let person = Person::new(fleet).await;
    let token = person.elsewhere(fleet).await;
    let session = text(&part(&token, 1), "sid");
    Case {
        token,
        doors: fleet.doors(),
        revoking: person.at(fleet).delete(&format!("/auth/sessions/{session}")),
        status: 204,
    }
}

async fn password(fleet: &Fleet) -> Case {
    let person = Person::new(fleet).await;
    let token = person.elsewhere(fleet).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "another horse, another battery 9!" });
    Case {
        token,
        doors: fleet.doors(),
        revoking: person.at(fleet).post("/auth/password", change),
        status: 204,
    }
}

async fn roles(fleet: &Fleet) -> Case {
    let person = Person::new(fleet).await;
    let path = format!("/auth/admin/users/{}/roles", person.id);
    let revoking = fleet.admin().put(&path, json!({ "roles": ["customer", "provider"] }));
    Case { token: person.token, doors: fleet.doors(), revoking, status: 200 }
}

async fn disable(fleet: &Fleet) -> Case {
    let person = Person::new(fleet).await;
    let path = format!("/auth/admin/users/{}/disable", person.id);
    Case {
        token: person.token,
        doors: fleet.doors(),
        revoking: fleet.admin().post(&path, json!({})),
        status: 200,
    }
}

/// Who stole the first refresh token presents it when its owner is two ahead.
async fn theft(fleet: &Fleet) -> Case {
    let person = Person::new(fleet).await;
    let mut answer = json!({ "refresh_token": person.refresh_token });
    for _ in 0..2 {
        let last = text(&answer, "refresh_token");
        answer = people::refresh(fleet.issuer(), &last).await.expect(200).json();
    }
    let revoking = fleet.issuer().post("/auth/refresh", json!({ "refresh_token": person.refresh_token }));
    Case { token: text(&answer, "access_token"), doors: fleet.doors(), revoking, status: 401 }
}

async fn token(fleet: &Fleet) -> Case {
    let token = Person::new(fleet).await.token;
    let body = json!({ "jti": text(&part(&token, 1), "jti") });
    Case {
        token,
        doors: fleet.doors(),
        revoking: fleet.admin().post("/auth/admin/tokens/revoke", body),
        status: 204,
    }
}

/// RFC 7009, by a client that may end what was issued to others.
async fn found_token(fleet: &Fleet) -> Case {
    let token = Person::new(fleet).await.token;
    let revoking =
        form(fleet.issuer(), "/oauth2/revoke", &format!("scanner:{SECRET}"), &format!("token={token}"));
    Case { token, doors: fleet.doors(), revoking, status: 200 }
}

/// The token of a client, which has no business at the issuer.
async fn client(fleet: &Fleet) -> Case {
    let id = fleet.new_email().replace(['@', '.'], "-");
    let audiences = ["users", "appointments", "payments"];
    let wanted = json!({ "id": id, "scopes": ["revocations"], "audiences": audiences });
    let registered = fleet.admin().post("/auth/admin/clients", wanted).await.expect(201).json();
    let credentials = format!("{id}:{}", text(&registered, "client_secret"));
    let granted = form(fleet.issuer(), "/oauth2/token", &credentials, "grant_type=client_credentials").await;
    let token = text(&granted.expect(200).json(), "access_token");
    let revoking = fleet.admin().post(&format!("/auth/admin/clients/{id}/disable"), json!({}));
    Case { token, doors: fleet.services(), revoking, status: 200 }
}

async fn key(fleet: &Fleet) -> Case {
    fleet.renew_admin().await;
    let token = Person::new(fleet).await.token;
    let path = format!("/auth/admin/keys/{}/revoke", text(&part(&token, 0), "kid"));
    Case { token, doors: fleet.doors(), revoking: fleet.admin().post(&path, json!({})), status: 200 }
}

/// A form that a client sends.
fn form(issuer: &Client, path: &str, credentials: &str, body: &str) -> Request {
    let authorization = format!("Basic {}", BASE64_STANDARD.encode(credentials));
    let request = issuer.request(Method::POST, path).header("authorization", &authorization);
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}
