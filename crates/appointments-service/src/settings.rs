//! The variables that begin with `APPOINTMENTS_`.

use std::{net::SocketAddr, time::Duration};

use chassis::{
    client::ClientSettings,
    database::DatabaseSettings,
    http::HttpSettings,
    keys::TrustSettings,
    settings::{self, Reader},
};
use url::Url;

/// Everything the service can be told.
#[derive(Clone)]
pub struct Settings {
    /// Where it listens for people.
    pub http: HttpSettings,
    /// Where it listens for payments-service.
    pub rpc_listen: SocketAddr,
    /// Where it keeps appointments.
    pub database: DatabaseSettings,
    /// Whose tokens it accepts.
    pub trust: TrustSettings,
    /// Who it is there when it calls payments-service.
    pub client: ClientSettings,
    /// How it reaches payments-service.
    pub payments: PaymentsSettings,
    /// How long an unpaid appointment keeps its time.
    pub hold: Duration,
    /// How often it looks for holds that have expired.
    pub sweep_interval: Duration,
}

/// How to reach payments-service.
#[derive(Clone)]
pub struct PaymentsSettings {
    /// Its gRPC server.
    pub url: Url,
    /// How long it, and the issuer before it, may take to answer.
    pub timeout: Duration,
}

impl settings::Settings for Settings {
    const PREFIX: &'static str = "APPOINTMENTS";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        const MINUTE: Duration = Duration::from_mins(1);
        const SECOND: Duration = Duration::from_secs(1);
        let http = HttpSettings::read(reader, 3003);
        let rpc_listen = SocketAddr::from(([127, 0, 0, 1], 4003));
        let rpc_listen = reader.or("RPC_LISTEN", "Address and port for gRPC.", rpc_listen);
        let database = DatabaseSettings::read(reader);
        let trust = TrustSettings::read_as_client(reader);
        let payments = PaymentsSettings::read(reader);
        let hold = reader.duration(
            "HOLD",
            "How long an unpaid appointment keeps its time.",
            10 * MINUTE,
            MINUTE..=24 * 60 * MINUTE,
        );
        let sweep_interval = reader.duration(
            "SWEEP_INTERVAL",
            "How often holds that have expired are looked for. They block nobody meanwhile.",
            5 * SECOND,
            SECOND / 10..=10 * MINUTE,
        );
        let (database, (trust, client), payments) = (database?, trust?, payments?);
        Some(Self { http, rpc_listen, database, trust, client, payments, hold, sweep_interval })
    }
}

impl PaymentsSettings {
    /// Reads `PAYMENTS_URL` and `PAYMENTS_TIMEOUT`.
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        const SECOND: Duration = Duration::from_secs(1);
        let default = Url::parse("http://127.0.0.1:4004").ok()?;
        let url = reader.or("PAYMENTS_URL", "The gRPC server of payments-service.", default);
        let timeout = reader.duration(
            "PAYMENTS_TIMEOUT",
            "How long the issuer and payments-service together may take to prepare a payment.",
            3 * SECOND,
            SECOND / 20..=5 * SECOND,
        );
        Some(Self { url, timeout })
    }
}
