//! Ending what was granted to somebody else: what administrators and the command line have in common.

use chassis::database::Result;
use identity::{SessionId, TokenId, UserId};
use verifier::Revoked;

use crate::{
    app::{App, By},
    store::{
        audit::{Action, Deed},
        clients, sessions, users,
    },
};

impl App {
    /// Ends every session of a user, with all tokens; false if there is no such user. One line in the log ends them,
    /// however many there are.
    pub(crate) async fn log_out_user(&self, id: UserId, by: By<'_>) -> Result<bool> {
        let mut transaction = self.database.begin().await?;
        if users::lock(&mut transaction, id).await?.is_none() {
            return Ok(false);
        }
        let now = self.now();
        // Their tokens end with the version.
        sessions::end_all(&mut transaction, id, None, (now, now)).await?;
        let least_version = users::supersede(&mut transaction, id).await?;
        self.record_by(&mut transaction, Deed::new(Action::UserLoggedOut).to(Some(id)), by).await?;
        self.commit_and_revoke(transaction, vec![Revoked::Subject { subject: id, least_version }]).await?;
        Ok(true)
    }

    /// Ends every token that a client was given so far; false if there is no such client.
    pub(crate) async fn end_client_tokens(&self, subject: UserId, by: By<'_>) -> Result<bool> {
        let mut transaction = self.database.begin().await?;
        let Some(least_version) = clients::supersede(&mut transaction, subject.0).await? else {
            return Ok(false);
        };
        self.record_by(&mut transaction, Deed::new(Action::ClientTokensRevoked).to(Some(subject)), by)
            .await?;
        self.commit_and_revoke(transaction, vec![Revoked::Subject { subject, least_version }]).await?;
        Ok(true)
    }

    /// Ends a session, whoever's it is; false if there is none such, or it has ended already.
    pub(crate) async fn end_session_of_anybody(&self, id: SessionId, by: By<'_>) -> Result<bool> {
        let mut transaction = self.database.begin().await?;
        let Some(user) = sessions::end_of_anybody(&mut transaction, id, self.now()).await? else {
            return Ok(false);
        };
        let deed = Deed::new(Action::SessionEnded).to(Some(user)).in_session(id);
        self.record_by(&mut transaction, deed, by).await?;
        self.commit_and_revoke(transaction, vec![Revoked::Session(id)]).await?;
        Ok(true)
    }

    /// Has the token of this name refused everywhere. Whether there is one nobody knows: tokens are not stored.
    pub(crate) async fn revoke_token(&self, id: TokenId, by: By<'_>) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        self.record_by(&mut transaction, Deed::new(Action::TokenRevoked).about(Some(&id.0)), by).await?;
        self.commit_and_revoke(transaction, vec![Revoked::Token(id)]).await
    }
}
