//! The auth service as a process of its own.

use std::process::ExitCode;

use auth_service::{Service, Settings};
use chassis::process;

#[tokio::main]
async fn main() -> ExitCode {
    process::run(async |settings: Settings, ambient, shutdown| {
        let service = Service::build(settings, ambient).await?;
        tracing::info!(http = %service.http_address(), "auth-service is up");
        service.run(shutdown).await?;
        Ok(())
    })
    .await
}
