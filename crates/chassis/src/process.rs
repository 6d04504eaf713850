//! How the process of one service begins and ends, and the few things that can be asked of it instead.

mod arguments;
mod healthcheck;

use std::{error::Error, io, process::ExitCode, time::Duration};

use actix_web::http::header::InvalidHeaderValue;
use tokio::runtime::Runtime;
use verifier::InvalidLimits;

use crate::{
    ambient::Ambient,
    database,
    problem::Chain,
    settings::{self, Environment, Settings},
    shutdown::Shutdown,
    telemetry,
};

pub use healthcheck::{Readiness, check, own_address};

/// The exit code for settings that cannot be used: starting again without changing them is of no use.
pub const MISTAKEN: u8 = 2;
/// How long threads that block, such as on resolving a name, hold up the end of the process.
const LINGER: Duration = Duration::from_millis(200);

/// Why a service could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Its database cannot be opened.
    #[error("the database cannot be opened")]
    Database(#[from] database::Error),
    /// Its verifier cannot be made.
    #[error("tokens could not be verified")]
    Verifier(#[from] InvalidLimits),
    /// The instance's name cannot stand in a header.
    #[error("the instance's name cannot stand in a header")]
    Instance(#[from] InvalidHeaderValue),
    /// A port cannot be had.
    #[error(transparent)]
    Listen(#[from] io::Error),
}

/// The process of the service called `name`. Without arguments it runs `serve` until a signal ends it; it can also
/// be asked for its readiness, its settings and its version (see `--help`).
///
/// Mistakes in settings go to standard error, all together, and the process exits with 2. Other failures are
/// logged and it exits with 1.
pub fn run<S: Settings>(
    name: &str,
    serve: impl AsyncFnOnce(S, Ambient, Shutdown) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> ExitCode {
    let environment = Environment::from_process();
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if let Some(answer) = arguments::answer::<S>(name, &arguments, &environment) {
        return answer;
    }
    block_on(serve_with(&environment, serve))
}

/// Runs `main` in a runtime of its own. Its end does not wait for threads that block.
pub fn block_on(main: impl Future<Output = ExitCode>) -> ExitCode {
    match Runtime::new() {
        Ok(runtime) => {
            let code = runtime.block_on(main);
            runtime.shutdown_timeout(LINGER);
            code
        }
        Err(error) => {
            eprintln!("threads cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve_with<S: Settings>(
    environment: &Environment,
    serve: impl AsyncFnOnce(S, Ambient, Shutdown) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> ExitCode {
    let started = telemetry::start(environment);
    let (telemetry, settings) = match (started, settings::load::<S>(environment)) {
        (Ok(telemetry), Ok(settings)) => (telemetry, settings),
        (started, settings) => {
            let mistakes = [started.err(), settings.err()].into_iter().flatten();
            mistakes.for_each(|mistakes| eprintln!("{mistakes}"));
            return ExitCode::from(MISTAKEN);
        }
    };
    let ambient = Ambient { tracer: telemetry.tracer(), ..Ambient::system() };
    let served = match Shutdown::on_signals() {
        Ok(shutdown) => serve(settings, ambient, shutdown).await,
        Err(error) => Err(error.into()),
    };
    telemetry.finish().await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %Chain(error.as_ref()), "the service ended");
            ExitCode::FAILURE
        }
    }
}
