//! `signet clients`: software that acts for itself, such as a service that follows the feed of revocations.

use auth_service::ClientId;
use chassis::{Ambient, database::Error, settings::Environment};
use secrecy::ExposeSecret;

use super::{Failure, admin::open};
use crate::cli::{NewClient, Word};

/// Registers a client and prints its secret, this once.
pub(crate) async fn register(
    environment: &Environment,
    ambient: Ambient,
    client: NewClient,
) -> Result<(), Failure> {
    let NewClient { id, name, scopes, audiences } = client;
    let name = name.unwrap_or_else(|| id.to_string());
    let scopes = scopes.iter().map(Word::as_str).collect();
    let audiences = audiences.iter().map(|word| word.as_str().to_owned()).collect();
    let administration = open(environment, ambient).await?.administration;
    let secret = administration.register_client(id.clone(), name, scopes, audiences).await;
    let secret = secret.map_err(|error| match error {
        Error::Taken(_) => format!("there is a client called {id}").into(),
        other => Failure::from(other),
    })?;
    println!("{}", secret.expose_secret());
    Ok(())
}

/// Gives a client another secret and prints it, this once.
pub(crate) async fn new_secret(
    environment: &Environment,
    ambient: Ambient,
    id: &ClientId,
) -> Result<(), Failure> {
    let administration = open(environment, ambient).await?.administration;
    let secret = administration.change_client_secret(id).await?;
    println!("{}", secret.ok_or_else(|| format!("there is no client called {id}"))?.expose_secret());
    Ok(())
}
