//! The variables that begin with `AUTH_`.

use std::{net::SocketAddr, time::Duration};

use chassis::{
    database::DatabaseSettings,
    http::HttpSettings,
    settings::{self, FromText, Reader},
};
use secrecy::ExposeSecret;
use url::{Host, Url};

use crate::{limits::Quotas, master_key::MasterKeys, redis_server::RedisServer, signing::key};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Everything the service can be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub http: HttpSettings,
    /// Where it listens for gRPC.
    pub rpc_listen: SocketAddr,
    /// Who it says it is (`iss`): the public origin, without a path.
    pub issuer: Issuer,
    /// Where its own verifier fetches the keys; its own address when not given.
    pub jwks_url: Option<Url>,
    /// Where accounts, sessions and sealed keys are kept.
    pub database: DatabaseSettings,
    /// Protect everything secret at rest.
    pub master_keys: MasterKeys,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// How often one may try.
    pub(crate) quotas: Quotas,
    /// Where replicas count that together and wake each other.
    pub(crate) redis: Option<RedisServer>,
    /// Origins besides the issuer's whose pages may act with the refresh cookie.
    pub allowed_origins: Vec<Url>,
    /// Length of new signing keys.
    pub rsa_bits: u32,
    /// Passwords hashed at once.
    pub hash_threads: usize,
    /// Passwords that may wait for that.
    pub hash_queue: usize,
}

/// How long tokens, sessions and published keys live.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// Of an access token, before jitter shortens it.
    pub access_token: Duration,
    /// In which the refresh token before the newest still earns the same successor.
    pub refresh_grace: Duration,
    /// Of a session that is not renewed.
    pub session_idle: Duration,
    /// Of a session however often it is renewed.
    pub session_absolute: Duration,
    /// For which verifiers may keep the key set without asking.
    pub jwks_max_age: Duration,
    /// Of a signing key, from its first signature to its last.
    pub signing_key: Duration,
    /// Of an entry in the audit log.
    pub audit: Duration,
}

/// The issuer: an origin such as `https://auth.example`, compared exactly (RFC 8414 §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(Url);

impl Issuer {
    /// The `iss` of tokens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The issuer as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether cookies can be `Secure`: always, but for plain HTTP within one machine.
    pub(crate) fn has_secure_cookies(&self) -> bool {
        let loopback = match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.0.scheme() != "http" || !loopback
    }
}

impl FromText for Issuer {
    const EXPECTED: &'static str = "an origin such as https://auth.example, without path and trailing slash";

    fn from_text(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
        // Tokens carry the text, verifiers compare it byte by byte: there must be one spelling.
        (url.origin().ascii_serialization() == text).then_some(Self(url))
    }

    fn to_text(&self) -> String {
        self.as_str().to_owned()
    }
}

impl settings::Settings for Settings {
    const PREFIX: &'static str = "AUTH";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let http = HttpSettings::read(reader, 3001);
        let rpc_listen =
            reader.or("RPC_LISTEN", "Address and port for gRPC.", SocketAddr::from(([127, 0, 0, 1], 4001)));
        let issuer = reader.required("ISSUER", "The public origin of this service, as tokens name it (iss).");
        let jwks_url = reader
            .optional("JWKS_URL", "Where this service fetches its own keys; its own address if not set.");
        let database = DatabaseSettings::read(reader);
        let master_keys = master_keys(reader);
        let lifetimes = Lifetimes::read(reader);
        let quotas = Quotas::read(reader);
        let redis = RedisServer::read(reader);
        let allowed_origins = reader.or(
            "ALLOWED_ORIGINS",
            "Origins besides the issuer's whose pages may act with the refresh cookie, comma-separated.",
            Vec::new(),
        );
        let rsa_bits = reader.or("RSA_BITS", "Length of new signing keys: 2048, 3072 or 4096.", 2048);
        if !key::BITS.contains(&rsa_bits) {
            reader.mistake("RSA_BITS", format!("{rsa_bits} must be 2048, 3072 or 4096"));
        }
        let hash_threads = reader.by_cores_but_one(
            "HASH_THREADS",
            "Passwords hashed at once, in 12 MiB each; in twice that on a machine that others keep busy.",
            64,
        );
        let hash_queue = reader.within("HASH_QUEUE", "Logins that may wait for that.", 64, 1..=10_000);
        Some(Self {
            http,
            rpc_listen,
            issuer: issuer?,
            jwks_url,
            database: database?,
            master_keys: master_keys?,
            lifetimes,
            quotas,
            redis,
            allowed_origins,
            rsa_bits,
            hash_threads,
            hash_queue,
        })
    }
}

fn master_keys(reader: &mut Reader<'_>) -> Option<MasterKeys> {
    let text = reader
        .secret("MASTER_KEY", "32 random bytes as base64 or hex: protects everything secret at rest. Several, one a line: the first protects what is new, all open what is there.")?;
    let key = text.expose_secret().parse();
    key.map_err(|error: crate::InvalidMasterKey| reader.mistake("MASTER_KEY", error.to_string())).ok()
}

impl Lifetimes {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            access_token: reader.duration(
                "ACCESS_TOKEN_LIFETIME",
                "How long an access token lives; up to 5 % less, at random.",
                10 * MINUTE,
                MINUTE..=60 * MINUTE,
            ),
            refresh_grace: reader.duration(
                "REFRESH_GRACE",
                "How long the refresh token before the newest still earns the same successor.",
                10 * SECOND,
                Duration::ZERO..=MINUTE,
            ),
            session_idle: reader.duration(
                "SESSION_IDLE",
                "How long a session lives without being renewed.",
                7 * DAY,
                5 * MINUTE..=365 * DAY,
            ),
            session_absolute: reader.duration(
                "SESSION_ABSOLUTE",
                "How long a session lives however often it is renewed.",
                30 * DAY,
                5 * MINUTE..=365 * DAY,
            ),
            jwks_max_age: reader.duration(
                "JWKS_MAX_AGE",
                "How long verifiers may keep the key set without asking.",
                5 * MINUTE,
                // No less than what verifiers keep it for in any case.
                10 * SECOND..=60 * MINUTE,
            ),
            signing_key: reader.duration(
                "KEY_ROTATION",
                "How long one key signs before another takes its place.",
                30 * DAY,
                60 * MINUTE..=3650 * DAY,
            ),
            audit: reader.duration(
                "AUDIT_RETENTION",
                "How long the audit log remembers.",
                365 * DAY,
                DAY..=3650 * DAY,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use chassis::settings::{Environment, load};

    use super::*;

    const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn read(more: &[(&str, &str)]) -> Result<Settings, String> {
        let required = [
            ("AUTH_ISSUER", "https://auth.example"),
            ("AUTH_DATABASE_URL", "sqlite:x"),
            ("AUTH_MASTER_KEY", KEY),
        ];
        let kept = required.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        let environment: Environment = kept.chain(more.iter().copied()).collect();
        load(&environment).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn defaults_are_those_of_the_documentation() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.http.listen.to_string(), "127.0.0.1:3001");
        assert_eq!(settings.lifetimes.access_token, Duration::from_mins(10));
        assert_eq!(settings.lifetimes.refresh_grace, Duration::from_secs(10));
        assert_eq!((settings.issuer.as_str(), settings.rsa_bits), ("https://auth.example", 2048));
    }

    #[test]
    fn there_is_no_default_for_what_identifies_or_protects() {
        for name in ["AUTH_ISSUER", "AUTH_DATABASE_URL", "AUTH_MASTER_KEY"] {
            assert!(read(&[(name, "")]).unwrap_err().contains(name));
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        for (name, value) in [
            ("AUTH_ACCESS_TOKEN_LIFETIME", "61m"),
            ("AUTH_ACCESS_TOKEN_LIFETIME", "30s"),
            ("AUTH_REFRESH_GRACE", "61s"),
            ("AUTH_RSA_BITS", "1024"),
            ("AUTH_MASTER_KEY", "changeme"),
            ("AUTH_LOGIN_LIMIT_ADDRESS", "many"),
            ("AUTH_REDIS_URL", "http://localhost"),
            ("AUTH_REDIS_URL", "localhost:6379"),
            ("AUTH_REDIS_TIMEOUT", "2s"),
            ("AUTH_ISSUER", "https://auth.example/"),
            ("AUTH_ISSUER", "https://auth.example/path"),
            ("AUTH_ISSUER", "https://AUTH.example"),
            ("AUTH_ISSUER", "ftp://auth.example"),
        ] {
            let mistakes = read(&[(name, value)]).unwrap_err();
            assert!(mistakes.contains(name), "{name}={value}: {mistakes}");
        }
    }

    #[test]
    fn the_master_key_is_in_no_message() {
        let settings = read(&[]).unwrap();
        assert!(!format!("{settings:?}").contains("0e0f"));
        let slipped = format!("{KEY}0");
        assert!(!read(&[("AUTH_MASTER_KEY", &slipped)]).unwrap_err().contains("0e0f"));
    }

    #[test]
    fn the_password_of_redis_is_in_no_message() {
        let settings = read(&[("AUTH_REDIS_URL", "rediss://signet:canary@redis.example:6380/2")]).unwrap();
        assert!(settings.redis.is_some() && !format!("{settings:?}").contains("canary"));
        assert!(
            !read(&[("AUTH_REDIS_URL", "redis://signet:canary@redis:port")]).unwrap_err().contains("canary")
        );
    }

    #[test]
    fn only_plain_http_within_one_machine_drops_secure() {
        for (issuer, secure) in [
            ("https://auth.example", true),
            ("http://auth.example", true),
            ("https://localhost", true),
            ("http://localhost:3000", false),
            ("http://127.0.0.1:3000", false),
            ("http://[::1]:3000", false),
            ("http://localhost.example", true),
        ] {
            assert_eq!(
                read(&[("AUTH_ISSUER", issuer)]).unwrap().issuer.has_secure_cookies(),
                secure,
                "{issuer}"
            );
        }
    }
}
