//! `signet token verify`: what a service would make of a token.

use std::{io::Read, process::ExitCode, time::Duration};

use chassis::Ambient;
use url::Url;
use verifier::{Trust, Verifier};

use super::Failure;

/// The longest input that is looked at, in bytes.
const MAX_INPUT: u64 = 16 * 1024;

/// Prints the claims of the token on standard input, or why it is refused.
pub(crate) async fn verify(
    issuer: String,
    audience: String,
    jwks_url: Option<Url>,
    ambient: &Ambient,
) -> Result<ExitCode, Failure> {
    let mut token = String::new();
    std::io::stdin().take(MAX_INPUT).read_to_string(&mut token)?;
    let jwks_url = match jwks_url {
        Some(url) => url,
        None => format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/')).parse()?,
    };
    let verifier = Verifier::builder(Trust::new(issuer, audience, jwks_url))
        .clock(ambient.clock.clone())
        .entropy(ambient.entropy.clone())
        .build()?;
    tokio::select! {
        () = verifier.run() => {}
        () = verifier.until_usable() => {}
        () = tokio::time::sleep(Duration::from_secs(5)) => return Err("the issuer's keys cannot be fetched".into()),
    }
    match verifier.verify(token.trim()).await {
        Ok(token) => println!("{}", serde_json::to_string_pretty(token.claims())?),
        Err(rejection) => {
            println!("refused: {rejection}");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
