//! `signet keys`: the keys that sign access tokens. But for `export-public`, works on the database, whether or not the
//! service runs; running replicas follow within a second.

mod export_public;

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read},
    path::Path,
};

use auth_service::{Administration, KeyringError};
use chassis::{Ambient, settings::Environment};
use secrecy::SecretString;

use super::{Failure, admin::open, print};
pub(super) use export_public::export_public;

/// More than any private key takes as PEM, in bytes.
const MAX_PEM: u64 = 16 * 1024;

/// Prints the keys that sign, signed or will.
pub(crate) async fn list(environment: &Environment, ambient: Ambient) -> Result<(), Failure> {
    show(&open(environment, ambient).await?.administration).await
}

/// Has another key sign as soon as every verifier can know it.
pub(crate) async fn rotate(environment: &Environment, ambient: Ambient) -> Result<(), Failure> {
    let administration = open(environment, ambient).await?.administration;
    match administration.rotate_signing_keys().await? {
        Some(time) => eprintln!("The next key signs from {time:.0} on."),
        None => eprintln!("Another key has begun to sign a moment ago; nothing was changed."),
    }
    show(&administration).await
}

/// Has everything refused that a key ever signed.
pub(crate) async fn revoke(environment: &Environment, ambient: Ambient, kid: &str) -> Result<(), Failure> {
    let administration = open(environment, ambient).await?.administration;
    let revoked = administration.revoke_signing_key(kid).await;
    revoked.map_err(|error| match error {
        KeyringError::Unknown => format!("there is no key called {kid}").into(),
        other => Failure::from(other),
    })?;
    show(&administration).await
}

/// Has a private key that was made elsewhere be the next one. It is read from a file or standard input, never from the
/// arguments, which every user of the machine can see.
pub(crate) async fn import(
    environment: &Environment,
    ambient: Ambient,
    file: Option<&Path>,
) -> Result<(), Failure> {
    let source: Box<dyn Read> = match file {
        Some(file) => Box::new(File::open(file).map_err(|error| format!("{}: {error}", file.display()))?),
        None => Box::new(io::stdin()),
    };
    let mut pem = String::new();
    source.take(MAX_PEM).read_to_string(&mut pem)?;
    let pem = SecretString::from(pem);
    let administration = open(environment, ambient).await?.administration;
    administration.import_signing_key(&pem).await?;
    show(&administration).await
}

async fn show(administration: &Administration) -> Result<(), Failure> {
    let mut table = String::new();
    for key in administration.signing_keys().await? {
        let until = key.changes_at.map_or_else(String::new, |at| format!(" until {at:.0}"));
        let _ = writeln!(table, "{}  {:<8}  since {:.0}{until}", key.kid, key.state, key.since);
    }
    print(table.trim_end())
}
