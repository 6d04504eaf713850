//! `signet openapi`: the contract of all services in one document.

use chassis::{Ambient, http::openapi, settings::Environment};

use super::{Failure, print};
use crate::{gateway, settings::compose, system::System};

/// Prints the document. Routes exist only in a built system, so one is built on an empty folder and any free
/// ports, beside whatever may be running.
pub(crate) async fn run(ambient: Ambient) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let mut environment = Environment::default();
    environment.set("SIGNET_DATA_DIR", folder.path().display().to_string());
    for name in ["SIGNET", "AUTH", "USERS", "APPOINTMENTS", "PAYMENTS", "APPOINTMENTS_RPC", "PAYMENTS_RPC"] {
        environment.set(format!("{name}_LISTEN"), "127.0.0.1:0");
    }
    let system = System::build(compose(&environment, &ambient)?, ambient).await?;
    print(&openapi(&gateway::DESCRIPTION, &system.routes()).to_pretty_json()?)
}
