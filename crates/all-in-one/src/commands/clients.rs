//! `signet clients`: software that acts for itself, such as a service that follows the feed of revocations.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use auth_service::{Acting, ClientId, ClientKey, ClientRights};
use chassis::{Ambient, database::Error, settings::Environment};
use secrecy::{ExposeSecret, SecretString};

use super::{Failure, admin::open, print};
use crate::cli::NewClient;

/// The shortest secret that is taken from a file, in bytes: one SHA-256 keeps it, so nobody may be able to guess it.
const LEAST_SECRET: usize = 32;
/// The longest.
const MOST_SECRET: usize = 1024;

/// Registers a client and prints its secret, this once.
pub(crate) async fn register(
    environment: &Environment,
    ambient: Ambient,
    client: NewClient,
    name: Option<String>,
    jwk: Option<&Path>,
) -> Result<(), Failure> {
    let name = name.unwrap_or_else(|| client.id.to_string());
    let rights = client.rights();
    let NewClient { id, .. } = client;
    let key = jwk.map(|path| Ok::<_, Failure>(ClientKey::parse(&fs::read_to_string(path)?)?)).transpose()?;
    let administration = open(environment, ambient).await?.administration;
    let registered = administration.register_client(id.clone(), name, rights, key).await;
    let secret = registered.map_err(|error| match error {
        Error::Taken(_) => format!("there is, or was, a client called {id}").into(),
        other => Failure::from(other),
    })?;
    match secret {
        Some(secret) => println!("{}", secret.expose_secret()),
        None => println!("{id} is registered and shows who it is by its key"),
    }
    Ok(())
}

/// Has a client with the secret in a file, whether or not there was one.
pub(crate) async fn ensure(
    environment: &Environment,
    ambient: Ambient,
    client: NewClient,
    secret_file: &Path,
) -> Result<(), Failure> {
    let secret = read_secret(secret_file).map_err(|error| format!("{}: {error}", secret_file.display()))?;
    let rights = client.rights();
    let administration = open(environment, ambient).await?.administration;
    administration.ensure_client(client.id.clone(), &secret, rights).await?;
    println!("{} is registered", client.id);
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

/// Prints every client, newest first: its name, its scopes, its audiences, where it may act for users, and since when it is
/// disabled.
pub(crate) async fn list(environment: &Environment, ambient: Ambient) -> Result<(), Failure> {
    let clients = open(environment, ambient).await?.administration.clients().await?;
    let lines = clients.iter().map(|client| {
        let disabled = client.disabled_at.map(|since| format!("\tdisabled since {since:.0}"));
        let ClientRights { scopes, audiences, acting } = &client.rights;
        let acting = acting
            .as_ref()
            .map(|Acting { service, at }| format!("\tacts for users of {service} at {}", at.join(" ")));
        let more = [acting, disabled].into_iter().flatten().collect::<String>();
        format!("{}\t{}\t{}{more}", client.id, scopes.as_str(), audiences.join(" "))
    });
    print(&lines.collect::<Vec<_>>().join("\n"))
}

/// What can be done with a client.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    Disable,
    Enable,
    Remove,
}

/// Does it.
pub(crate) async fn change(
    environment: &Environment,
    ambient: Ambient,
    id: &ClientId,
    change: Change,
) -> Result<(), Failure> {
    let administration = open(environment, ambient).await?.administration;
    let (found, done) = match change {
        Change::Disable => (administration.disable_client(id).await?, "disabled"),
        Change::Enable => (administration.enable_client(id).await?, "enabled"),
        Change::Remove => (administration.remove_client(id).await?, "removed"),
    };
    if !found {
        return Err(format!("there is no client called {id}").into());
    }
    println!("{id} is {done}");
    Ok(())
}

/// As services read their `CLIENT_SECRET_FILE`: without what is blank at the end.
fn read_secret(path: &Path) -> Result<SecretString, Failure> {
    let mut text = String::new();
    File::open(path)?.take(MOST_SECRET as u64 + 2).read_to_string(&mut text)?;
    text.truncate(text.trim_end().len());
    match text.len() {
        0 => Err("is empty".into()),
        1..LEAST_SECRET => Err(format!("has less than {LEAST_SECRET} characters").into()),
        LEAST_SECRET..=MOST_SECRET if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(text.into()),
        LEAST_SECRET..=MOST_SECRET => Err("holds something other than one word in ASCII".into()),
        _ => Err(format!("has more than {MOST_SECRET} characters").into()),
    }
}
