//! `signet healthcheck`: readiness for those who have no curl, such as a container.

use std::process::ExitCode;

use chassis::{process, settings::Environment};
use url::Url;

use super::{Failure, print};
use crate::settings::SignetSettings;

/// Prints what `/readyz` of the instance says, by default that of this environment's settings; exit status 1 when it
/// does not say ready.
pub(crate) fn run(url: Option<&Url>, environment: &Environment) -> Result<ExitCode, Failure> {
    let address = match url {
        Some(url) if url.scheme() != "http" => return Err("only http:// can be asked".into()),
        Some(url) => url.socket_addrs(|| None)?.into_iter().next(),
        None => process::own_address::<SignetSettings>(environment),
    };
    let readiness = process::check(address.ok_or("SIGNET_LISTEN is not an address and port")?)?;
    print(&readiness.text)?;
    Ok(if readiness.is_ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
