//! `signet keys export-public`: the issuer's public keys for programs that read no JWKS, such as a load balancer
//! that verifies tokens.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use auth_service::public_key_pem;
use serde::Deserialize;
use url::Url;

use crate::commands::{Failure, print};

/// How long fetching may take.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    n: String,
    e: String,
}

/// Prints the published keys as PEM, or writes each into a file of its own in `directory`.
pub(crate) async fn export_public(
    jwks_url: Url,
    directory: Option<PathBuf>,
    slots: usize,
) -> Result<(), Failure> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let set: KeySet = client.get(jwks_url).send().await?.error_for_status()?.json().await?;
    let pems = set.keys.iter().map(|key| public_key_pem(&key.n, &key.e)).collect::<Result<Vec<_>, _>>()?;
    match directory {
        None => print(pems.concat().trim_end()),
        Some(directory) => write(&directory, &pems, slots),
    }
}

/// Writes `1.pem` up to `slots`. A program whose settings name a fixed number of files finds them all: when there
/// are fewer keys, the first stands in for those that are not there.
fn write(directory: &Path, pems: &[String], slots: usize) -> Result<(), Failure> {
    let first = pems.first().ok_or("the issuer publishes no key")?;
    if pems.len() > slots {
        return Err(format!("the issuer publishes {} keys, there is room for {slots}", pems.len()).into());
    }
    for slot in 1..=slots {
        let pem = pems.get(slot - 1).unwrap_or(first);
        let part = directory.join(format!("{slot}.pem.part"));
        fs::write(&part, pem)?;
        fs::rename(&part, directory.join(format!("{slot}.pem")))?;
    }
    Ok(())
}
