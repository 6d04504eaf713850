//! The command line. Everything else is settings, which `signet doctor` explains.

use clap::{Parser, Subcommand};
use identity::Email;
use url::Url;

/// Stateless authentication for systems of several services.
#[derive(Parser)]
#[command(name = "signet", version, disable_version_flag = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run everything in this process (the default).
    Up {
        /// Also make two providers with offerings and a customer, and print their logins.
        #[arg(long)]
        demo: bool,
    },
    /// Make the first administrator.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Check a token as a service would, and show what it says.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Explain every setting: its value, its default, what is wrong with it.
    Doctor,
    /// Ask a running instance whether it is ready; exit status 0 when it is.
    Healthcheck {
        /// The instance.
        #[arg(default_value = "http://127.0.0.1:3000")]
        url: Url,
    },
    /// Print the OpenAPI document of all services together.
    Openapi,
    /// Print the version.
    Version,
}

#[derive(Subcommand)]
pub(crate) enum AdminCommand {
    /// Print a link that makes its first user administrator; valid for an hour, once.
    Link,
    /// Make an administrator without a browser. The password is asked for, or read from standard input.
    Create {
        #[arg(long)]
        email: Email,
        #[arg(long)]
        name: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Verify the access token on standard input.
    Verify {
        /// The issuer it must name.
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        issuer: String,
        /// The service it must be meant for.
        #[arg(long)]
        audience: String,
        /// Where the issuer publishes its keys; by default below the issuer.
        #[arg(long)]
        jwks_url: Option<Url>,
    },
}
