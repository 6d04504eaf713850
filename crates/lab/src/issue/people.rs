//! Who asks the issuer, and how: requests as bytes. Where next: `load`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;

use super::program::Program;
use crate::{Outcome, load::Connection};

/// Asks for the key set.
pub(crate) fn ask_for_the_keys() -> Vec<u8> {
    b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: auth.example\r\nAccept: */*\r\n\r\n".to_vec()
}

fn post(path: &str, content_type: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: auth.example\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         {headers}\r\n{body}"
    )
    .into_bytes()
}

/// A registered client that shows its secret.
pub(crate) struct Client {
    request: Vec<u8>,
}

impl Client {
    pub(crate) fn register(program: &Program) -> Outcome<Self> {
        let arguments = ["clients", "register", "lab", "--scope", "revocations", "--audience", "auth"];
        let said = String::from_utf8(program.signet(&arguments)?.stdout)?;
        let credentials = STANDARD.encode(format!("lab:{}", said.trim()));
        let request = post(
            "/oauth2/token",
            "application/x-www-form-urlencoded",
            &format!("Authorization: Basic {credentials}\r\n"),
            "grant_type=client_credentials",
        );
        Ok(Self { request })
    }

    pub(crate) fn asks_for_a_token(&self) -> Vec<u8> {
        self.request.clone()
    }
}

/// Somebody with a session.
pub(crate) struct Person {
    email: String,
    access_token: String,
    refresh_token: String,
}

const PASSWORD: &str = "correct horse battery staple";

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    refresh_token: String,
}

impl Person {
    pub(crate) fn register(on: &mut Connection) -> Outcome<Self> {
        let email = format!("{}@example.com", on.local_port()?);
        let body = json!({ "email": email, "name": "Ada", "password": PASSWORD });
        on.send(&Self::post("/auth/register", &body.to_string()))?;
        let status = on.receive()?;
        if status != 201 {
            return Err(format!("{status} instead of 201").into());
        }
        let Granted { access_token, refresh_token } = serde_json::from_slice(on.body())?;
        Ok(Self { email, access_token, refresh_token })
    }

    /// The next request, by the answer to the one before; the first one of a turn has none.
    pub(crate) fn asks_for_the_next(&mut self, answer: &[u8]) -> Outcome<Vec<u8>> {
        if !answer.is_empty() {
            let Granted { refresh_token, .. } = serde_json::from_slice(answer)?;
            if refresh_token == self.refresh_token {
                return Err("the session was not renewed".into());
            }
            self.refresh_token = refresh_token;
        }
        Ok(Self::post("/auth/refresh", &json!({ "refresh_token": self.refresh_token }).to_string()))
    }

    /// Logs in once more.
    pub(crate) fn logs_in(&self) -> Vec<u8> {
        let body = json!({ "email": self.email, "password": PASSWORD });
        Self::post("/auth/login", &body.to_string())
    }

    /// Shows the access token where it earns nothing.
    pub(crate) fn asks_to_be_verified(&self) -> Vec<u8> {
        let token = &self.access_token;
        format!(
            "GET /auth/admin/users HTTP/1.1\r\nHost: auth.example\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .into_bytes()
    }

    fn post(path: &str, body: &str) -> Vec<u8> {
        post(path, "application/json", "X-Refresh-Transport: body\r\n", body)
    }
}
