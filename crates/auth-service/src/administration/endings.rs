//! What the operator may end.

use chassis::database::Error;
use identity::{SessionId, TokenId, UserId};

use super::Administration;

impl Administration {
    /// Ends a session with all its tokens. False if there is none such, or it has ended already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_session(&self, id: SessionId) -> Result<bool, Error> {
        self.0.end_session_of_anybody(id, None).await
    }

    /// Ends every token that a subject, a user or a client, was given so far, and a user's sessions. False if there
    /// is no such subject.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_subject(&self, id: UserId) -> Result<bool, Error> {
        Ok(self.0.log_out_user(id, None).await? || self.0.end_client_tokens(id, None).await?)
    }

    /// Has the token of this name refused everywhere.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_token(&self, id: TokenId) -> Result<(), Error> {
        self.0.revoke_token(id, None).await
    }
}
