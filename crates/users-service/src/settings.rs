//! The variables that begin with `USERS_`.

use chassis::{
    database::DatabaseSettings,
    http::HttpSettings,
    keys::TrustSettings,
    settings::{self, Reader},
};

/// Everything the service can be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub http: HttpSettings,
    /// Where it keeps profiles.
    pub database: DatabaseSettings,
    /// Whose tokens it accepts.
    pub trust: TrustSettings,
}

impl settings::Settings for Settings {
    const PREFIX: &'static str = "USERS";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let http = HttpSettings::read(reader, 3002);
        let database = DatabaseSettings::read(reader);
        let trust = TrustSettings::read(reader);
        Some(Self { http, database: database?, trust: trust? })
    }
}
