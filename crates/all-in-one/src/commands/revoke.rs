//! `signet revoke`: ending what was granted, before its time.

use chassis::{Ambient, settings::Environment};

use super::{Failure, admin::open};
use crate::cli::RevokeCommand;

/// Ends a session, a subject's tokens or one token. Replicas look for it each second.
pub(crate) async fn run(
    environment: &Environment,
    ambient: Ambient,
    what: RevokeCommand,
) -> Result<(), Failure> {
    let administration = open(environment, ambient).await?.administration;
    match what {
        RevokeCommand::Session { id } => {
            if !administration.end_session(id).await? {
                return Err("there is no such session, or it has ended already".into());
            }
            println!("session {id} is ended");
        }
        RevokeCommand::Subject { id } => {
            if !administration.end_subject(id).await? {
                return Err("there is neither a user nor a client of this id".into());
            }
            println!("every token that {id} had is ended");
        }
        RevokeCommand::Token { id } => {
            administration.revoke_token(id.clone()).await?;
            println!("token {id} is ended");
        }
    }
    Ok(())
}
