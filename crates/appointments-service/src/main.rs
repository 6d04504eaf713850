//! The appointments service as a process of its own.

use std::process::ExitCode;

use appointments_service::{Service, Settings};
use chassis::process;

fn main() -> ExitCode {
    process::run("appointments-service", async |settings: Settings, ambient, shutdown| {
        let service = Service::build(settings, ambient).await?;
        tracing::info!(http = %service.http_address(), rpc = %service.rpc_address(), "appointments-service is up");
        service.run(shutdown).await?;
        Ok(())
    })
}
