//! The users service as a process of its own.

use std::process::ExitCode;

use chassis::process;
use users_service::{Service, Settings};

fn main() -> ExitCode {
    process::run("users-service", async |settings: Settings, ambient, shutdown| {
        let service = Service::build(settings, ambient).await?;
        tracing::info!(http = %service.http_address(), "users-service is up");
        service.run(shutdown).await?;
        Ok(())
    })
}
