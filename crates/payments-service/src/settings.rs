//! The variables that begin with `PAYMENTS_`.

use std::{net::SocketAddr, time::Duration};

use chassis::{
    client::ClientSettings,
    database::DatabaseSettings,
    http::HttpSettings,
    keys::TrustSettings,
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
    /// Who it is there when it calls appointments-service.
    pub client: ClientSettings,
    /// Where appointments-service is told how payments ended.
    pub appointments_url: Url,
    /// Who may ask for payments, for whoever books.
    pub appointments_client: String,
    /// Tells repeated requests from reused keys; derived from what this service shows the issuer.
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
        let trust = TrustSettings::read_as_client(reader);
        let appointments_url = reader.or(
            "APPOINTMENTS_URL",
            "The gRPC address of appointments-service.",
            Url::parse("http://127.0.0.1:4003").ok()?,
        );
        let appointments_client = reader.or(
            "APPOINTMENTS_CLIENT",
            "The name of appointments-service at the issuer: it alone may ask for payments, for whoever books.",
            "appointments-service".to_owned(),
        );
        let sandbox_delay = reader.duration(
            "SANDBOX_DELAY",
            "How long the sandbox's slow cards take.",
            Duration::from_secs(5),
            Duration::ZERO..=HOUR,
        );
        let (trust, client) = trust?;
        Some(Self {
            http,
            rpc_listen,
            database: database?,
            trust,
            fingerprint_key: FingerprintKey::derive(&client.client_secret),
            client,
            appointments_url,
            appointments_client,
            sandbox_delay,
        })
    }
}

#[cfg(test)]
mod tests {
    use chassis::settings::{Environment, load};

    use super::*;

    const REQUIRED: [(&str, &str); 5] = [
        ("PAYMENTS_DATABASE_URL", "sqlite:payments.db"),
        ("PAYMENTS_ISSUER", "http://127.0.0.1:3000"),
        ("PAYMENTS_JWKS_URL", "http://127.0.0.1:3001/.well-known/jwks.json"),
        ("PAYMENTS_CLIENT_ID", "payments-service"),
        ("PAYMENTS_CLIENT_SECRET", "canary"),
    ];

    #[test]
    fn the_ports_are_those_of_the_house() {
        let settings = load::<Settings>(&REQUIRED.into_iter().collect()).unwrap();
        assert_eq!((settings.http.listen.port(), settings.rpc_listen.port()), (3004, 4004));
        assert_eq!(settings.appointments_url.as_str(), "http://127.0.0.1:4003/");
        assert_eq!(settings.client.token_url.as_str(), "http://127.0.0.1:3001/oauth2/token");
        assert_eq!(settings.appointments_client, "appointments-service");
        assert_eq!(settings.sandbox_delay, Duration::from_secs(5));
    }

    #[test]
    fn each_of_them_is_needed_and_no_secret_repeated() {
        for (missing, _) in REQUIRED {
            let others: Environment = REQUIRED.into_iter().filter(|(name, _)| *name != missing).collect();
            let mistakes = load::<Settings>(&others).err().unwrap().to_string();
            assert!(mistakes.contains(missing) && !mistakes.contains("canary"), "{mistakes}");
        }
    }
}
