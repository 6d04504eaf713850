//! One file per command.

mod admin;
mod clients;
mod demo;
mod doctor;
mod healthcheck;
mod keys;
mod openapi;
mod revoke;
mod settings;
mod token;
mod up;

use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
    time::Duration,
};

use chassis::{Ambient, settings::Environment};
use clients::Change;

use crate::cli::{AdminCommand, Cli, ClientsCommand, Command, KeysCommand, TokenCommand};

/// Why a command failed, for its user to read.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that was asked for.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let (environment, ambient) = (Environment::from_process(), Ambient::system());
    match cli.command.unwrap_or(Command::Up { demo: false }) {
        Command::Up { demo } => up::run(&environment, ambient, demo).await?,
        Command::Demo { url } => demo::run(&environment, ambient, &url).await?,
        Command::Admin { command: AdminCommand::Link } => admin::link(&environment, ambient).await?,
        Command::Admin { command: AdminCommand::Create { email, name } } => {
            admin::create(&environment, ambient, email, name).await?;
        }
        Command::Clients { command: ClientsCommand::Register { client, name, jwk } } => {
            clients::register(&environment, ambient, client, name, jwk.as_deref()).await?;
        }
        Command::Clients { command: ClientsCommand::Ensure { client, secret_file } } => {
            clients::ensure(&environment, ambient, client, &secret_file).await?;
        }
        Command::Clients { command: ClientsCommand::NewSecret { id } } => {
            clients::new_secret(&environment, ambient, &id).await?;
        }
        Command::Keys { command: KeysCommand::List } => keys::list(&environment, ambient).await?,
        Command::Keys { command: KeysCommand::Rotate } => keys::rotate(&environment, ambient).await?,
        Command::Keys { command: KeysCommand::Revoke { kid } } => {
            keys::revoke(&environment, ambient, &kid).await?;
        }
        Command::Keys { command: KeysCommand::Import { file } } => {
            keys::import(&environment, ambient, file.as_deref()).await?;
        }
        Command::Clients { command: ClientsCommand::List } => clients::list(&environment, ambient).await?,
        Command::Clients { command: ClientsCommand::Disable { id } } => {
            clients::change(&environment, ambient, &id, Change::Disable).await?;
        }
        Command::Clients { command: ClientsCommand::Enable { id } } => {
            clients::change(&environment, ambient, &id, Change::Enable).await?;
        }
        Command::Clients { command: ClientsCommand::Remove { id } } => {
            clients::change(&environment, ambient, &id, Change::Remove).await?;
        }
        Command::Revoke { command } => revoke::run(&environment, ambient, command).await?,
        Command::Keys { command: KeysCommand::ExportPublic { jwks_url, directory, slots, every } } => {
            let every = every.map(Duration::from_secs);
            keys::export_public(jwks_url, directory.as_deref(), slots, every).await?;
        }
        Command::Token { command: TokenCommand::Verify { issuer, audience, jwks_url } } => {
            return token::verify(issuer, audience, jwks_url, &ambient).await;
        }
        Command::Settings => settings::run()?,
        Command::Doctor => return doctor::run(environment, &ambient),
        Command::Healthcheck { url } => return healthcheck::run(url.as_ref(), &environment),
        Command::Openapi => openapi::run(ambient).await?,
        Command::Version => println!("signet {}", env!("CARGO_PKG_VERSION")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a text that may be long. Whoever reads it may stop before its end, as `head` does.
fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
