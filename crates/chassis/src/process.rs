//! How the process of one service begins and ends.

use std::{error::Error, io, process::ExitCode};

use actix_web::http::header::InvalidHeaderValue;
use verifier::InvalidLimits;

use crate::{
    ambient::Ambient,
    database,
    problem::Chain,
    settings::{self, Environment, Settings},
    shutdown::Shutdown,
    telemetry,
};

/// The exit code for settings that cannot be used: starting again without changing them is of no use.
pub const MISTAKEN: u8 = 2;

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

/// Reads the environment, starts the logs, loads the settings and runs `serve` with them until a signal ends it.
///
/// Mistakes in settings go to standard error, all together, and the process exits with 2. Other failures are
/// logged and it exits with 1.
pub async fn run<S: Settings>(
    serve: impl AsyncFnOnce(S, Ambient, Shutdown) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> ExitCode {
    let environment = Environment::from_process();
    let started = telemetry::start(&environment);
    let settings = match (started, settings::load::<S>(&environment)) {
        (Ok(()), Ok(settings)) => settings,
        (started, settings) => {
            let mistakes = [started.err(), settings.err()].into_iter().flatten();
            mistakes.for_each(|mistakes| eprintln!("{mistakes}"));
            return ExitCode::from(MISTAKEN);
        }
    };
    let served = match Shutdown::on_signals() {
        Ok(shutdown) => serve(settings, Ambient::system(), shutdown).await,
        Err(error) => Err(error.into()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %Chain(error.as_ref()), "the service ended");
            ExitCode::FAILURE
        }
    }
}
