//! `signet up`: everything in this process, until Ctrl-C.

use std::time::{Duration, Instant};

use chassis::{Ambient, Shutdown, settings::Environment, telemetry};

use super::{Failure, admin::claim_link, demo};
use crate::{settings::compose, system::System};

/// How long the parts may take to become ready.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the system, after a table of addresses, and with what `--demo` makes if asked for.
pub(crate) async fn run(environment: &Environment, ambient: Ambient, with_demo: bool) -> Result<(), Failure> {
    let began = Instant::now();
    let telemetry = telemetry::start(environment)?;
    let ambient = Ambient { tracer: telemetry.tracer(), ..ambient };
    let settings = compose(environment, &ambient)?;
    let (signet, issuer) = (settings.signet.clone(), settings.auth.issuer.clone());
    let system = System::build(settings, ambient.clone()).await?;
    let (addresses, health, administration) =
        (system.addresses()?, system.health(), system.auth.administration());

    let shutdown = Shutdown::on_signals()?;
    let mut running = tokio::spawn(system.run(shutdown.clone()));
    tokio::select! {
        ended = &mut running => return ended?,
        ready = tokio::time::timeout(PATIENCE, health.until_ready()) => ready.map_err(|_| "not ready in time")?,
    }

    println!("Signet {} is ready after {} ms.\n", env!("CARGO_PKG_VERSION"), began.elapsed().as_millis());
    println!("{addresses}  {:<14} {}\n", "data", signet.data_dir.display());
    println!("  Documentation: http://{}/docs/", signet.http.listen);
    if let Some(secret) = administration.first_admin_secret().await? {
        println!("  First administrator (once, within an hour): {}", claim_link(&issuer, &secret));
    }
    if with_demo {
        let url = format!("http://{}", signet.http.listen).parse()?;
        println!("\n{}", demo::seed(&administration, &url, ambient.entropy.as_ref()).await?);
    }
    let ended = running.await;
    telemetry.finish().await;
    ended?
}
