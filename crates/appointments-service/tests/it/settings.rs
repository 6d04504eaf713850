//! The variables that begin with `APPOINTMENTS_`.

use std::time::Duration;

use appointments_service::Settings;
use chassis::settings::{Environment, examine, load};

const CANARY: &str = "canary-canary-canary";

const REQUIRED: [(&str, &str); 5] = [
    ("APPOINTMENTS_DATABASE_URL", "sqlite:appointments.db"),
    ("APPOINTMENTS_ISSUER", "https://auth.example"),
    ("APPOINTMENTS_JWKS_URL", "https://auth.example/.well-known/jwks.json"),
    ("APPOINTMENTS_CLIENT_ID", "appointments-service"),
    ("APPOINTMENTS_CLIENT_SECRET", CANARY),
];

fn with(name: &str, value: &str) -> Environment {
    REQUIRED.into_iter().filter(|(other, _)| *other != name).chain([(name, value)]).collect()
}

fn mistaken(environment: &Environment) -> Vec<String> {
    let mistakes = load::<Settings>(environment).err().unwrap();
    mistakes.0.into_iter().map(|mistake| mistake.variable).collect()
}

#[test]
fn five_variables_are_enough() {
    let settings = load::<Settings>(&REQUIRED.into_iter().collect()).ok().unwrap();
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:3003");
    assert_eq!(settings.rpc_listen.to_string(), "127.0.0.1:4003");
    assert_eq!(settings.payments.url.as_str(), "http://127.0.0.1:4004/");
    assert_eq!(settings.client.token_url.as_str(), "https://auth.example/oauth2/token");
    assert_eq!(settings.hold, Duration::from_mins(10));
}

#[test]
fn each_of_them_is_needed() {
    for (missing, _) in REQUIRED {
        let others: Environment = REQUIRED.into_iter().filter(|(name, _)| *name != missing).collect();
        assert_eq!(mistaken(&others), [missing]);
    }
}

#[test]
fn values_out_of_range_are_named() {
    for (name, value) in [
        ("APPOINTMENTS_TOKEN_URL", "nowhere"),
        ("APPOINTMENTS_PAYMENTS_TIMEOUT", "6s"),
        ("APPOINTMENTS_HOLD", "59s"),
        ("APPOINTMENTS_SWEEP_INTERVAL", "11m"),
        ("APPOINTMENTS_HOLDD", "10m"),
    ] {
        assert_eq!(mistaken(&with(name, value)), [name]);
    }
}

#[test]
fn the_secret_is_not_shown() {
    let shown = format!("{:?}", examine::<Settings>(&REQUIRED.into_iter().collect()).variables);
    assert!(shown.contains("APPOINTMENTS_CLIENT_SECRET") && !shown.contains(CANARY), "{shown}");
}
