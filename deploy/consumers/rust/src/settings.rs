//! What the environment says: `ISSUER`, `JWKS_URL`, `AUDIENCE`, `LISTEN`, and how long keys are kept. No default for whom to trust.
#![expect(clippy::disallowed_methods, reason = "others' services do not have our `chassis::settings`")]

use std::{
    env::{self, VarError},
    error::Error,
    time::Duration,
};

use verifier::{Limits, Trust};

pub(crate) struct Settings {
    pub(crate) trust: Trust,
    pub(crate) limits: Limits,
    pub(crate) listen: String,
}

impl Settings {
    pub(crate) fn from_environment() -> Result<Self, Box<dyn Error>> {
        let audience = env::var("AUDIENCE").unwrap_or_else(|_| "users".to_owned());
        let trust = Trust::new(needed("ISSUER")?, audience, needed("JWKS_URL")?.parse()?);
        let defaults = Limits::default();
        let max_age = seconds("JWKS_MAX_AGE_SECONDS", defaults.ttl_default)?;
        let cooldown = seconds("JWKS_COOLDOWN_SECONDS", defaults.on_demand_interval)?;
        let limits = Limits {
            ttl_least: defaults.ttl_least.min(max_age),
            ttl_default: max_age,
            ttl_most: max_age,
            on_demand_interval: cooldown,
            back_off_least: defaults.back_off_least.min(cooldown),
            back_off_most: cooldown.clamp(defaults.back_off_least.min(cooldown), defaults.back_off_most),
            ..defaults
        };
        Ok(Self { trust, limits, listen: listen() })
    }
}

pub(crate) fn listen() -> String {
    env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:5003".to_owned())
}

fn needed(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("the variable {name} is needed"))
}

fn seconds(name: &str, default: Duration) -> Result<Duration, Box<dyn Error>> {
    match env::var(name) {
        Ok(text) => Ok(Duration::try_from_secs_f64(text.parse()?)?),
        Err(VarError::NotPresent) => Ok(default),
        Err(error) => Err(error.into()),
    }
}
