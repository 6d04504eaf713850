//! Where a service listens.

use std::{net::SocketAddr, time::Duration};

use super::TrustedProxies;
use crate::{lifecycle::LONGEST_NOTICE, settings::Reader};

/// How a service is reached.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Address and port; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The name of this replica in `X-Served-By`.
    pub instance: String,
    /// Threads that handle requests.
    pub workers: usize,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// How long it goes on serving after it has said that it is about to end.
    pub drain_notice: Duration,
}

impl HttpSettings {
    /// Reads `LISTEN`, `INSTANCE`, `WORKERS`, `TRUSTED_PROXIES` and `DRAIN_NOTICE`.
    pub fn read(reader: &mut Reader<'_>, port: u16) -> Self {
        Self {
            listen: reader.or(
                "LISTEN",
                "Address and port for HTTP.",
                SocketAddr::from(([127, 0, 0, 1], port)),
            ),
            instance: reader.or("INSTANCE", "This replica's name in X-Served-By.", "1".to_owned()),
            workers: reader.by_cores("WORKERS", "Threads that handle requests.", 256),
            trusted_proxies: TrustedProxies(reader.or(
                "TRUSTED_PROXIES",
                "Networks whose X-Forwarded-For is believed, comma-separated.",
                Vec::new(),
            )),
            drain_notice: reader.duration(
                "DRAIN_NOTICE",
                "How long load balancers have, after SIGTERM, to see that it is not ready any more.",
                Duration::ZERO,
                Duration::ZERO..=LONGEST_NOTICE,
            ),
        }
    }

    /// Any free port on the loopback interface.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            instance: "1".to_owned(),
            workers: 1,
            trusted_proxies: TrustedProxies::default(),
            drain_notice: Duration::ZERO,
        }
    }
}
