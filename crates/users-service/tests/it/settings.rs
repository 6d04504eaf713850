//! The variables that begin with `USERS_`.

use chassis::settings::{Environment, examine, load};
use users_service::Settings;

const REQUIRED: [(&str, &str); 3] = [
    ("USERS_DATABASE_URL", "sqlite:users.db"),
    ("USERS_ISSUER", "https://auth.example"),
    ("USERS_JWKS_URL", "https://auth.example/.well-known/jwks.json"),
];

#[test]
fn three_variables_are_enough() {
    let settings = load::<Settings>(&REQUIRED.into_iter().collect()).unwrap();
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:3002");
    assert_eq!(settings.trust.issuer, "https://auth.example");
}

#[test]
fn each_of_them_is_needed() {
    for (missing, _) in REQUIRED {
        let others: Environment = REQUIRED.into_iter().filter(|(name, _)| *name != missing).collect();
        let mistakes = load::<Settings>(&others).unwrap_err();
        let named: Vec<_> = mistakes.0.iter().map(|mistake| mistake.variable.as_str()).collect();
        assert_eq!(named, [missing]);
    }
}

#[test]
fn a_password_in_the_database_url_is_not_shown() {
    let mut environment: Environment =
        [("USERS_DATABASE_URL", "postgres://users:canary@db/users")].into_iter().collect();
    for (name, value) in REQUIRED {
        environment.set_default(name, value);
    }
    let reading = examine::<Settings>(&environment);
    let shown = format!("{:?} {:?}", reading.variables, reading.settings.unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}
