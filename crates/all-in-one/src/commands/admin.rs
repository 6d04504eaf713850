//! `signet admin`: the first administrator, with or without a browser.

use std::io::{IsTerminal, Read};

use auth_service::{Administration, Issuer, Name};
use chassis::{
    Ambient,
    settings::{Environment, load},
};
use identity::Email;
use secrecy::{ExposeSecret, SecretString};

use super::Failure;
use crate::{
    data_dir::DataDir,
    settings::{SignetSettings, complete},
};

/// The longest password that is read, in bytes; which ones are acceptable the service decides.
const MAX_PASSWORD: u64 = 1024;

/// Prints the link that makes the first administrator.
pub(crate) async fn link(environment: &Environment, ambient: Ambient) -> Result<(), Failure> {
    let Opened { administration, issuer } = open(environment, ambient).await?;
    match administration.first_admin_secret().await? {
        Some(secret) => println!("{}", claim_link(&issuer, &secret)),
        None => return Err("there is an administrator already, who can give others that role".into()),
    }
    Ok(())
}

/// Makes an administrator with a password from the terminal or from standard input.
pub(crate) async fn create(
    environment: &Environment,
    ambient: Ambient,
    email: Email,
    name: String,
) -> Result<(), Failure> {
    let name: Name = name.parse()?;
    let password = password()?;
    let Opened { administration, .. } = open(environment, ambient).await?;
    let id = administration.create_admin(email, name, password).await?;
    println!("{id} is an administrator");
    Ok(())
}

/// Where a browser redeems the secret. It stands in the fragment, which browsers send to nobody.
pub(crate) fn claim_link(issuer: &Issuer, secret: &SecretString) -> String {
    format!("{}/auth/admin/claim#{}", issuer.as_str(), secret.expose_secret())
}

/// The accounts of a system that may be running elsewhere.
pub(super) struct Opened {
    pub(super) administration: Administration,
    issuer: Issuer,
}

/// Opens the database that the settings name.
pub(super) async fn open(environment: &Environment, ambient: Ambient) -> Result<Opened, Failure> {
    let signet = load::<SignetSettings>(environment)?;
    let data = DataDir::open(&signet.data_dir)?;
    let settings: auth_service::Settings = load(&complete(environment.clone(), &signet, &data, &ambient)?)?;
    let administration = Administration::open(&settings, &ambient).await?;
    Ok(Opened { administration, issuer: settings.issuer })
}

/// Never from the arguments: those are visible to every user of the machine.
fn password() -> Result<SecretString, Failure> {
    if std::io::stdin().is_terminal() {
        let password = SecretString::from(rpassword::prompt_password("Password: ")?);
        let again = SecretString::from(rpassword::prompt_password("Again: ")?);
        if password.expose_secret() != again.expose_secret() {
            return Err("the two passwords differ".into());
        }
        return Ok(password);
    }
    let mut password = String::new();
    std::io::stdin().take(MAX_PASSWORD).read_to_string(&mut password)?;
    Ok(SecretString::from(password.trim_end_matches(['\r', '\n']).to_owned()))
}
