//! What a feed says, read strictly: half a word about a revocation is no word.

use identity::TokenId;
use wire::auth::v1::{self as message, Update, revocation::What};

use crate::{Revocation, Revoked};

/// It is not known what was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a revocation in the feed cannot be read")]
pub(super) struct Unreadable;

/// What one message tells of.
pub(super) fn revocations(update: &Update) -> Result<Vec<Revocation>, Unreadable> {
    update.revocations.iter().map(revocation).collect()
}

fn revocation(line: &message::Revocation) -> Result<Revocation, Unreadable> {
    let what = match line.what.as_ref().ok_or(Unreadable)? {
        What::Session(session) => Revoked::Session(session.parse().map_err(|_| Unreadable)?),
        What::Subject(message::Subject { subject, least_version }) => Revoked::Subject {
            subject: subject.parse().map_err(|_| Unreadable)?,
            least_version: *least_version,
        },
        What::Token(token) => Revoked::Token(TokenId(token.as_str().into())),
        What::Client(client) => Revoked::Client(client.clone()),
        What::Key(kid) => Revoked::Key(kid.clone()),
    };
    Ok(Revocation { what, forget_at: line.forget_at })
}
