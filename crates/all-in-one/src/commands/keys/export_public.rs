//! `signet keys export-public`: the issuer's public keys for programs that read no JWKS, such as a load balancer
//! that verifies tokens.

use std::{fs, path::Path, time::Duration};

use auth_service::public_key_pem;
use serde::Deserialize;
use tokio::time::sleep;
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

/// Prints the published keys as PEM, or writes each into a file of its own in `directory`; with `every` again and again,
/// until it is ended.
pub(crate) async fn export_public(
    jwks_url: Url,
    directory: Option<&Path>,
    slots: usize,
    every: Option<Duration>,
) -> Result<(), Failure> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let Some(directory) = directory else {
        return print(fetch(&client, &jwks_url).await?.concat().trim_end());
    };
    let Some(every) = every else {
        return write(directory, &fetch(&client, &jwks_url).await?, slots);
    };
    let mut failing = false;
    loop {
        let outcome = fetch(&client, &jwks_url).await.and_then(|pems| write(directory, &pems, slots));
        // What was written before stays good for as long as anybody can tell.
        if let (Err(failure), false) = (&outcome, failing) {
            eprintln!("the keys cannot be written, trying again every {} s: {failure}", every.as_secs());
        }
        failing = outcome.is_err();
        sleep(every).await;
    }
}

/// The published keys as PEM.
async fn fetch(client: &reqwest::Client, jwks_url: &Url) -> Result<Vec<String>, Failure> {
    let set: KeySet = client.get(jwks_url.clone()).send().await?.error_for_status()?.json().await?;
    set.keys.iter().map(|key| Ok(public_key_pem(&key.n, &key.e)?)).collect()
}

/// Writes `1.pem` up to `slots`, those that are to be different. A program whose settings name a fixed number of files finds
/// them all: when there are fewer keys, the first stands in for those that are not there.
fn write(directory: &Path, pems: &[String], slots: usize) -> Result<(), Failure> {
    let first = pems.first().ok_or("the issuer publishes no key")?;
    if pems.len() > slots {
        return Err(format!("the issuer publishes {} keys, there is room for {slots}", pems.len()).into());
    }
    for slot in 1..=slots {
        let pem = pems.get(slot - 1).unwrap_or(first);
        let file = directory.join(format!("{slot}.pem"));
        if fs::read(&file).is_ok_and(|written| written == pem.as_bytes()) {
            continue;
        }
        let part = directory.join(format!("{slot}.pem.part"));
        fs::write(&part, pem)?;
        fs::rename(&part, file)?;
    }
    Ok(())
}
