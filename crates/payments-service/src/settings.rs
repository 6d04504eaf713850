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
