//! `signet`: the whole system in one process, and the tools to look after it.
//!
//! `signet up` reads the settings (`settings`), builds the four services and a gateway over all of them
//! (`system`), and runs until told to stop. Each other command is a file under `commands`.

mod cli;
mod clients;
mod commands;
mod data_dir;
mod gateway;
mod settings;
mod system;

use std::process::ExitCode;

use chassis::{problem::Chain, process, settings::Mistakes};
use clap::Parser;

use settings::CompositionError;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    process::block_on(run(cli))
}

async fn run(cli: cli::Cli) -> ExitCode {
    match commands::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("signet: {}", Chain(error.as_ref()));
            let mistaken = error.is::<CompositionError>() || error.is::<Mistakes>();
            if mistaken { ExitCode::from(process::MISTAKEN) } else { ExitCode::FAILURE }
        }
    }
}
