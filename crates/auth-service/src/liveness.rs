//! Whether a caller's session lives at this very moment.
//!
//! Resource services believe an access token until it expires or is revoked on their feed. This service has the
//! sessions at hand, so its own operations can and do ask: a logout, a disabled account or a change of roles
//! takes effect here with the next request. A test walks all signed-in operations so that none forgets to.

use chassis::problem::{Answer, Problem, codes};
use identity::Claims;

use crate::{app::App, store::sessions};

impl App {
    /// Lets only callers go on whose session has not ended, whose account is enabled, and whose roles are still
    /// those in the token.
    pub(crate) async fn demand_live(&self, claims: &Claims) -> Answer<()> {
        let found = sessions::find(&mut self.database.read().await?, claims.session_id).await?;
        let live = found.is_some_and(|(session, user)| {
            session.user_id == claims.subject
                && session.is_alive(self.now(), self.policy.limits.idle)
                && user.is_enabled()
                && claims.version >= user.version
        });
        if live {
            return Ok(());
        }
        Err(Problem::new(&codes::UNAUTHENTICATED)
            .challenge(r#"Bearer error="invalid_token""#)
            .cause("the session has ended or the user has changed"))
    }
}
