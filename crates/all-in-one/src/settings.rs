//! The settings of one process, and what they make of the settings of each service in it.

use std::{io, path::PathBuf};

use chassis::{
    Ambient,
    http::HttpSettings,
    settings::{Environment, Mistakes, Reader, Settings, load},
};

use crate::data_dir::DataDir;

/// The variables that begin with `SIGNET_`.
#[derive(Clone)]
pub(crate) struct SignetSettings {
    /// Where everything is served together.
    pub(crate) http: HttpSettings,
    /// Where everything is kept.
    pub(crate) data_dir: PathBuf,
}

impl Settings for SignetSettings {
    const PREFIX: &'static str = "SIGNET";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let http = HttpSettings::read(reader, 3000);
        let data_dir = reader.or("DATA_DIR", "Folder for databases and secrets.", PathBuf::from("./.signet"));
        Some(Self { http, data_dir })
    }
}

/// Settings of every service in this process.
pub(crate) struct Composition {
    pub(crate) signet: SignetSettings,
    pub(crate) auth: auth_service::Settings,
    pub(crate) users: users_service::Settings,
    pub(crate) appointments: appointments_service::Settings,
    pub(crate) payments: payments_service::Settings,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompositionError {
    /// The data folder or a secret in it.
    #[error("the data folder cannot be used")]
    DataDir(#[from] io::Error),
    /// Some variables.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

/// Reads all settings after giving each service its place in this process.
pub(crate) fn compose(environment: &Environment, ambient: &Ambient) -> Result<Composition, CompositionError> {
    let signet = load::<SignetSettings>(environment)?;
    let data = DataDir::open(&signet.data_dir)?;
    let environment = complete(environment.clone(), &signet, &data, ambient)?;

    let mut mistakes = Vec::new();
    let auth = keep(load(&environment), &mut mistakes);
    let users = keep(load(&environment), &mut mistakes);
    let appointments = keep(load(&environment), &mut mistakes);
    let payments = keep(load(&environment), &mut mistakes);
    match (auth, users, appointments, payments) {
        (Some(auth), Some(users), Some(appointments), Some(payments)) => {
            Ok(Composition { signet, auth, users, appointments, payments })
        }
        _ => Err(Mistakes(mistakes).into()),
    }
}

fn keep<S>(loaded: Result<S, Mistakes>, mistakes: &mut Vec<chassis::settings::Mistake>) -> Option<S> {
    loaded.map_err(|more| mistakes.extend(more.0)).ok()
}

/// Whatever is not set takes the value that makes the four services find one another.
pub(crate) fn complete(
    mut environment: Environment,
    signet: &SignetSettings,
    data: &DataDir,
    ambient: &Ambient,
) -> io::Result<Environment> {
    let master = data.secret("master", ambient.entropy.as_ref())?.display().to_string();
    let at = |environment: &Environment, name: &str, default: &str| {
        format!("http://{}", environment.get(name).unwrap_or(default))
    };
    environment.set_default("AUTH_ISSUER", format!("http://{}", signet.http.listen));
    let issuer = environment.get("AUTH_ISSUER").unwrap_or_default().to_owned();
    let keys = at(&environment, "AUTH_LISTEN", "127.0.0.1:3001") + "/.well-known/jwks.json";
    let feed = at(&environment, "AUTH_RPC_LISTEN", "127.0.0.1:4001");
    let appointments = at(&environment, "APPOINTMENTS_RPC_LISTEN", "127.0.0.1:4003");
    let payments = at(&environment, "PAYMENTS_RPC_LISTEN", "127.0.0.1:4004");

    for name in ["auth", "users", "appointments", "payments"] {
        environment.set_default(format!("{}_DATABASE_URL", name.to_uppercase()), data.database_url(name));
    }
    // What stands before the gateway stands before every service, and all end together.
    for name in ["INSTANCE", "TRUSTED_PROXIES", "DRAIN_NOTICE"] {
        if let Some(value) = environment.get(&format!("SIGNET_{name}")).map(str::to_owned) {
            for prefix in ["AUTH", "USERS", "APPOINTMENTS", "PAYMENTS"] {
                environment.set_default(format!("{prefix}_{name}"), value.clone());
            }
        }
    }
    for name in ["users", "appointments", "payments"] {
        let prefix = name.to_uppercase();
        environment.set_default(format!("{prefix}_ISSUER"), issuer.clone());
        environment.set_default(format!("{prefix}_JWKS_URL"), keys.clone());
        environment.set_default(format!("{prefix}_KEYS_DIR"), data.keys(name));
        environment.set_default(format!("{prefix}_FEED_URL"), feed.clone());
        environment.set_default(format!("{prefix}_CLIENT_ID"), format!("{name}-service"));
        let secret = data.secret(&format!("{name}-client"), ambient.entropy.as_ref())?;
        environment.set_default_file(&format!("{prefix}_CLIENT_SECRET"), secret.display().to_string());
    }
    environment.set_default_file("AUTH_MASTER_KEY", master);
    environment.set_default("APPOINTMENTS_PAYMENTS_URL", payments);
    environment.set_default("PAYMENTS_APPOINTMENTS_URL", appointments);
    Ok(environment)
}
