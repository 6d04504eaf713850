//! The auth service as a process of its own.

use std::process::ExitCode;

use auth_service::{Service, Settings};
use chassis::process;

fn main() -> ExitCode {
    process::run("auth-service", async |settings: Settings, ambient, shutdown| {
        let service = Service::build(settings, ambient).await?;
        tracing::info!(http = %service.http_address(), "auth-service is up");
        service.run(shutdown).await?;
        Ok(())
    })
}
