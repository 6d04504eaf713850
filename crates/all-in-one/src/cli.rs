//! The command line. Everything else is settings, which `signet doctor` explains.

use std::{path::PathBuf, str::FromStr};

use auth_service::{Acting, ClientId, ClientRights, token_id};
use clap::{Args, Parser, Subcommand};
use identity::{Email, SessionId, TokenId, UserId, scope::is_scope_token};
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
    /// Make two providers with offerings and a customer in a running system, and print their logins.
    Demo {
        /// Where the system answers; its accounts are made where the settings that begin with AUTH_ say.
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        url: Url,
    },
    /// Make the first administrator.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Register software that acts for itself.
    Clients {
        #[command(subcommand)]
        command: ClientsCommand,
    },
    /// End what was granted, before its time and everywhere about a second later.
    Revoke {
        #[command(subcommand)]
        command: RevokeCommand,
    },
    /// Show the issuer's keys to programs that read no JWKS.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Check a token as a service would, and show what it says.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Explain every setting: its value, its default, what is wrong with it.
    Doctor,
    /// Print every setting of every program as a file to fill in.
    Settings,
    /// Ask a running instance whether it is ready; exit status 0 when it is.
    Healthcheck {
        /// The instance; by default the one that these settings run on this machine.
        url: Option<Url>,
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
pub(crate) enum ClientsCommand {
    /// Register a client and print its secret, this once, unless it has a key.
    Register {
        #[command(flatten)]
        client: NewClient,
        /// What people call it; the same as its name in tokens by default.
        #[arg(long)]
        name: Option<String>,
        /// A file with its public key, a JSON Web Key, by which it shows who it is instead of a secret.
        #[arg(long)]
        jwk: Option<PathBuf>,
    },
    /// Have a client with this secret and these rights, and no others, whether or not there was one.
    Ensure {
        #[command(flatten)]
        client: NewClient,
        /// A file that holds its secret: at least 32 characters, chosen at random.
        #[arg(long)]
        secret_file: PathBuf,
    },
    /// Give a client another secret and print it, this once; the old one is void.
    NewSecret {
        /// The client's name.
        id: ClientId,
    },
    /// Print every client: its name, what it may ask for, whom its tokens are meant for, where it may act for users,
    /// since when it is disabled.
    List,
    /// Give a client no more tokens; those that it has are refused everywhere about a second later.
    Disable {
        /// The client's name.
        id: ClientId,
    },
    /// Let a disabled client ask for tokens again.
    Enable {
        /// The client's name.
        id: ClientId,
    },
    /// Remove a client for good, with its tokens; its name cannot be registered again.
    Remove {
        /// The client's name.
        id: ClientId,
    },
}

#[derive(Subcommand)]
pub(crate) enum RevokeCommand {
    /// End a session with all its tokens.
    Session {
        /// The `sid` of its tokens.
        id: SessionId,
    },
    /// End every token that a user or a client was given so far, and a user's sessions.
    Subject {
        /// The `sub` of its tokens.
        id: UserId,
    },
    /// End one access token.
    Token {
        /// Its `jti`, never the token itself.
        #[arg(value_parser = token_id)]
        id: TokenId,
    },
}

#[derive(Args)]
pub(crate) struct NewClient {
    /// Its name in tokens: lower-case letters, digits and dashes.
    pub(crate) id: ClientId,
    /// What it may ask for; may be given several times.
    #[arg(long = "scope", required = true)]
    pub(crate) scopes: Vec<Word>,
    /// A service that its tokens are meant for; may be given several times.
    #[arg(long = "audience", required = true)]
    pub(crate) audiences: Vec<Word>,
    /// The name by which tokens mean it, if it is a service that acts for its users elsewhere.
    #[arg(long, requires = "acts_at")]
    pub(crate) service: Option<Word>,
    /// A service at which it may act for them; may be given several times.
    #[arg(long, requires = "service")]
    pub(crate) acts_at: Vec<Word>,
}

impl NewClient {
    /// What it may ask for.
    pub(crate) fn rights(&self) -> ClientRights {
        let texts = |words: &[Word]| words.iter().map(|word| word.as_str().to_owned()).collect();
        ClientRights {
            scopes: self.scopes.iter().map(Word::as_str).collect(),
            audiences: texts(&self.audiences),
            acting: self
                .service
                .as_ref()
                .map(|service| Acting { service: service.as_str().to_owned(), at: texts(&self.acts_at) }),
        }
    }
}

/// A text that can stand in a list of them: the scope-token of RFC 6749 §3.3.
#[derive(Clone)]
pub(crate) struct Word(String);

impl Word {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Word {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        is_scope_token(text)
            .then(|| Self(text.to_owned()))
            .ok_or("must be visible ASCII without blanks, quotes and backslashes")
    }
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

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Show the keys that sign, signed or will, the newest first.
    List,
    /// Have another key sign as soon as every verifier can know it.
    Rotate,
    /// Have everything refused that a key ever signed, everywhere about a second later.
    Revoke {
        /// The key, as `signet keys list` and token headers name it.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// Have a private RSA key that was made elsewhere be the next one that signs.
    Import {
        /// PEM, PKCS#8 or PKCS#1; standard input if not given.
        file: Option<PathBuf>,
    },
    /// Print the published keys as PEM, the one that signs first.
    ExportPublic {
        /// Where the issuer publishes them.
        #[arg(long, default_value = "http://127.0.0.1:3000/.well-known/jwks.json")]
        jwks_url: Url,
        /// Write 1.pem, 2.pem and so on here instead.
        #[arg(long)]
        directory: Option<PathBuf>,
        /// How many files; the first key fills those that no other key needs. There are never more than eight.
        #[arg(long, default_value_t = 8)]
        slots: usize,
        /// Go on, and write those files again whenever the keys change; look for it every so many seconds.
        #[arg(long, requires = "directory", value_parser = clap::value_parser!(u64).range(1..=3600))]
        every: Option<u64>,
    },
}
