//! The payments service as a process of its own.

use std::process::ExitCode;

use chassis::process;
use payments_service::{Service, Settings};

fn main() -> ExitCode {
    process::run("payments-service", async |settings: Settings, ambient, shutdown| {
        let service = Service::build(settings, ambient).await?;
        let (http, rpc) = (service.http_address(), service.rpc_address());
        tracing::info!(%http, %rpc, "payments-service is up");
        service.run(shutdown).await?;
        Ok(())
    })
}
