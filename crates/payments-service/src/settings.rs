//! The variables that begin with `PAYMENTS_`.

use std::{net::SocketAddr, time::Duration};

use chassis::{
    database::DatabaseSettings,
    http::HttpSettings,
    keys::TrustSettings,
    peer::PeerKey,
    settings::{self, Reader},
};
use url::Url;

use crate::idempotency::FingerprintKey;

/// Everything the service can be told.
#[derive(Clone)]
pub struct Settings {
    /// Where it listens for HTTP.
    pub http: HttpSettings,
    /// Where it listens for gRPC.
    pub rpc_listen: SocketAddr,
    /// Where it keeps payments.
    pub database: DatabaseSettings,
    /// Whose tokens it accepts.
    pub trust: TrustSettings,
    /// Where appointments-service is told how payments ended.
    pub appointments_url: Url,
    /// Signs and verifies messages between the two.
    pub appointments_key: PeerKey,
    /// Tells repeated requests from reused keys; derived from the same secret.
    pub fingerprint_key: FingerprintKey,
    /// How long the sandbox's slow cards take.
    pub sandbox_delay: Duration,
}

impl settings::Settings for Settings {
    const PREFIX: &'static str = "PAYMENTS";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        const HOUR: Duration = Duration::from_hours(1);
        let http = HttpSettings::read(reader, 3004);
        let rpc_listen =
            reader.or("RPC_LISTEN", "Address and port for gRPC.", SocketAddr::from(([127, 0, 0, 1], 4004)));
        let database = DatabaseSettings::read(reader);
        let trust = TrustSettings::read(reader);
        let appointments_url = reader.or(
            "APPOINTMENTS_URL",
            "The gRPC address of appointments-service.",
            Url::parse("http://127.0.0.1:4003").ok()?,
        );
        let secret = reader.secret(
            "APPOINTMENTS_KEY",
            "The key shared with appointments-service: at least 32 random bytes in base64.",
        );
        let keys = secret.and_then(|secret| match PeerKey::parse(&secret) {
            Ok(key) => Some((key, FingerprintKey::derive(&secret))),
            Err(error) => {
                reader.mistake("APPOINTMENTS_KEY", error.to_string());
                None
            }
        });
        let sandbox_delay = reader.duration(
            "SANDBOX_DELAY",
            "How long the sandbox's slow cards take.",
            Duration::from_secs(5),
            Duration::ZERO..=HOUR,
        );
        let (appointments_key, fingerprint_key) = keys?;
        Some(Self {
            http,
            rpc_listen,
            database: database?,
            trust: trust?,
            appointments_url,
            appointments_key,
            fingerprint_key,
            sandbox_delay,
        })
    }
}

#[cfg(test)]
mod tests {
    use chassis::settings::{Environment, load};

    use super::*;

    fn environment(key: &str) -> Environment {
        let needed = [
            ("PAYMENTS_DATABASE_URL", "sqlite:payments.db"),
            ("PAYMENTS_ISSUER", "http://127.0.0.1:3000"),
            ("PAYMENTS_JWKS_URL", "http://127.0.0.1:3001/.well-known/jwks.json"),
            ("PAYMENTS_APPOINTMENTS_KEY", key),
        ];
        needed.into_iter().collect()
    }

    #[test]
    fn the_ports_are_those_of_the_house() {
        let settings =
            load::<Settings>(&environment("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")).unwrap();
        assert_eq!((settings.http.listen.port(), settings.rpc_listen.port()), (3004, 4004));
        assert_eq!(settings.appointments_url.as_str(), "http://127.0.0.1:4003/");
        assert_eq!(settings.sandbox_delay, Duration::from_secs(5));
    }

    #[test]
    fn a_weak_key_is_refused_and_not_repeated() {
        let mistakes = load::<Settings>(&environment("Y2FuYXJ5")).err().unwrap().to_string();
        assert!(mistakes.contains("PAYMENTS_APPOINTMENTS_KEY: must be at least 32"), "{mistakes}");
        assert!(!mistakes.contains("Y2FuYXJ5"), "{mistakes}");
    }
}
