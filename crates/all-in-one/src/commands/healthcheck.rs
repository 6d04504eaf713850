//! `signet healthcheck`: readiness for those who have no curl, such as a container.

use std::{process::ExitCode, time::Duration};

use url::Url;

use super::Failure;

/// Prints what `/readyz` says; exit status 1 when it does not say ready.
pub(crate) async fn run(url: Url) -> Result<ExitCode, Failure> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(3)).build()?;
    let response = client.get(url.join("/readyz")?).send().await?;
    let ready = response.status().is_success();
    println!("{}", response.text().await?);
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
