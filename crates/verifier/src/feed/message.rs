//! What a feed says, read strictly: half a word about a revocation is no word.

use identity::TokenId;
use wire::auth::v1::{self as message, Update, revocation::What};

use crate::{Revocation, Revoked};

/// One message.
pub(super) struct News {
    pub(super) epoch: String,
    pub(super) after_seq: u64,
    pub(super) last_seq: u64,
    pub(super) complete: bool,
    pub(super) revocations: Vec<Revocation>,
}

/// It is not known what was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a revocation in the feed cannot be read")]
pub(super) struct Unreadable;

impl News {
    pub(super) fn parse(update: Update) -> Result<Self, Unreadable> {
        let Update { epoch, after_seq, last_seq, complete, revocations } = update;
        let revocations = revocations.into_iter().map(revocation).collect::<Result<_, _>>()?;
        Ok(Self { epoch, after_seq, last_seq, complete, revocations })
    }
}

fn revocation(line: message::Revocation) -> Result<Revocation, Unreadable> {
    let what = match line.what.ok_or(Unreadable)? {
        What::Session(session) => Revoked::Session(session.parse().map_err(|_| Unreadable)?),
        What::Subject(message::Subject { subject, least_version }) => {
            Revoked::Subject { subject: subject.parse().map_err(|_| Unreadable)?, least_version }
        }
        What::Token(token) => Revoked::Token(TokenId(token)),
        What::Client(client) => Revoked::Client(client),
        What::Key(kid) => Revoked::Key(kid),
    };
    Ok(Revocation { what, forget_at: line.forget_at })
}
