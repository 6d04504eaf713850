//! `signet demo` and `up --demo`: two providers with offerings and a customer, made the way users would make them.

use std::{fmt::Write, time::Duration};

use auth_service::{AccountError, Administration};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chassis::{Ambient, settings::Environment};
use identity::{Email, Entropy, Role};
use reqwest::{Client, Method};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::{Failure, admin};

/// Somebody the demo knows.
struct Account {
    email: &'static str,
    name: &'static str,
    role: Role,
}

const ACCOUNTS: [Account; 3] = [
    Account { email: "grace@demo.example", name: "Grace Hopper", role: Role::Provider },
    Account { email: "alan@demo.example", name: "Alan Turing", role: Role::Provider },
    Account { email: "ada@demo.example", name: "Ada Lovelace", role: Role::Customer },
];

/// What each provider offers, and where its clocks hang.
const OFFERINGS: [(&str, &str, u32, i64, &str); 3] = [
    ("grace@demo.example", "Compiler check-up", 30, 4500, "EUR"),
    ("grace@demo.example", "First conversation", 15, 0, "EUR"),
    ("alan@demo.example", "Code breaking", 60, 9000, "GBP"),
];

/// Makes what is missing in the system that answers at `url`.
pub(crate) async fn run(environment: &Environment, ambient: Ambient, url: &Url) -> Result<(), Failure> {
    let entropy = ambient.entropy.clone();
    let opened = admin::open(environment, ambient).await?;
    println!("{}", seed(&opened.administration, url, entropy.as_ref()).await?);
    Ok(())
}

/// Makes what is missing; the logins it made, as a table. Passwords are random and shown this once.
pub(crate) async fn seed(
    administration: &Administration,
    url: &Url,
    entropy: &dyn Entropy,
) -> Result<String, Failure> {
    let mut table = "  Demo logins:\n".to_owned();
    let http = Client::builder().timeout(Duration::from_secs(10)).no_proxy().build()?;
    let origin = url.origin().ascii_serialization();
    for account in ACCOUNTS {
        let password = random_password(entropy);
        let email: Email = account.email.parse()?;
        let roles = [Role::Customer, account.role].into_iter().collect();
        let secret = SecretString::from(password.clone());
        match administration.create_account(email, account.name.parse()?, secret, roles).await {
            Err(AccountError::EmailTaken) => {
                return Ok("  The demo accounts were made by an earlier start.".to_owned());
            }
            made => made.map(drop)?,
        }
        if account.role == Role::Provider {
            open_for_business(&Session::log_in(&http, &origin, account.email, &password).await?, &account)
                .await?;
        }
        writeln!(table, "  {:<10} {:<20} password {password}", account.role, account.email)?;
    }
    Ok(table.trim_end().to_owned())
}

async fn open_for_business(session: &Session<'_>, account: &Account) -> Result<(), Failure> {
    let zone = if account.email.starts_with("alan") { "Europe/London" } else { "Europe/Berlin" };
    let provider = json!({
        "name": account.name,
        "time_zone": zone,
        "cancellation": { "free_until_hours": 24, "late_refund_percent": 50 },
    });
    session.send(Method::PUT, "/providers/me", &provider).await?;
    let open = json!([{ "from": "09:00", "until": "17:00" }]);
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: Value = days.into_iter().map(|day| (day.to_owned(), open.clone())).collect();
    session.send(Method::PUT, "/providers/me/opening-hours", &week).await?;
    for (_, name, minutes, price_minor, currency) in
        OFFERINGS.iter().filter(|(email, ..)| *email == account.email)
    {
        let offering =
            json!({ "name": name, "minutes": minutes, "price_minor": price_minor, "currency": currency });
        session.send(Method::POST, "/providers/me/offerings", &offering).await?;
    }
    Ok(())
}

/// Somebody who is logged in.
struct Session<'h> {
    http: &'h Client,
    origin: &'h str,
    token: String,
}

impl<'h> Session<'h> {
    async fn log_in(http: &'h Client, origin: &'h str, email: &str, password: &str) -> Result<Self, Failure> {
        let login =
            http.post(format!("{origin}/auth/login")).json(&json!({ "email": email, "password": password }));
        let answer: Value = login.send().await?.error_for_status()?.json().await?;
        let token = answer.get("access_token").and_then(Value::as_str).ok_or("no access token")?;
        Ok(Self { http, origin, token: token.to_owned() })
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Result<(), Failure> {
        let request =
            self.http.request(method, format!("{}{path}", self.origin)).bearer_auth(&self.token).json(body);
        let answer = request.send().await?;
        if !answer.status().is_success() {
            return Err(format!("{path}: {}", answer.text().await?).into());
        }
        Ok(())
    }
}

/// 120 random bits.
fn random_password(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 15];
    entropy.fill(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
