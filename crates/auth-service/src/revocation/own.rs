//! What this service's own verifier is told of the log. Where next: `tail`, from where it is told.

use uuid::Uuid;
use verifier::{Revoked, Verifier};

use super::tail::Tail;

/// How many lines are told at once.
const MOST_LINES: usize = 1_000;

impl Tail {
    /// Has `verifier` refuse what `issuer` has revoked, until it is dropped.
    ///
    /// Sessions and subjects are left out: whatever is done here in a user's name asks for those anyhow (`liveness`),
    /// but for logging out, which is no mistake when it is done twice.
    pub(crate) async fn tell(&self, verifier: &Verifier, issuer: &str) {
        let mut ends = self.ends();
        let (mut epoch, mut last_seq) = (Uuid::nil(), 0);
        loop {
            let end = *ends.borrow_and_update();
            if end.epoch != epoch || end.last_seq < last_seq {
                (epoch, last_seq) = (end.epoch, 0);
            }
            loop {
                let batch = self.after(last_seq, MOST_LINES);
                last_seq = batch.last_seq;
                let lines = batch.lines.iter().map(|line| line.revocation.clone());
                let ours =
                    lines.filter(|line| !matches!(line.what, Revoked::Session(_) | Revoked::Subject { .. }));
                if let Err(error) = verifier.revoke(issuer, ours) {
                    tracing::error!(%error, "this service's own verifier does not know what was revoked");
                }
                if batch.complete {
                    break;
                }
            }
            if ends.changed().await.is_err() {
                return;
            }
        }
    }
}
