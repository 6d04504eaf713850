//! What an operator at the machine may do without signing in, because they hold the master key and the database.

mod clients;
mod endings;
mod keys;

use std::{sync::Arc, time::Duration};

use chassis::{Ambient, database};
use identity::{Email, Role, Roles, UserId, uuid_v7};
use secrecy::SecretString;

pub use clients::ClientSummary;
pub use keys::SigningKeyInfo;

use crate::{
    BuildError, Settings,
    accounts::{AccountError, NewAccount},
    app::App,
    domain::{lifetime::later, user::Name},
    service::build_app,
    store::{
        admin_links,
        audit::{self, Action, Deed},
        users,
    },
};

/// How long a link for the first administrator lives.
const LINK_LIFETIME: Duration = Duration::from_hours(1);

/// A door for the command line, usable while the service runs and without it. Clones open the same door.
#[derive(Clone)]
pub struct Administration(pub(crate) Arc<App>);

impl Administration {
    /// Opens the door without a running service.
    ///
    /// # Errors
    /// When the database or the keys in it cannot be used.
    pub async fn open(settings: &Settings, ambient: &Ambient) -> Result<Self, BuildError> {
        Ok(Self(Arc::new(build_app(settings, ambient).await?)))
    }

    /// The secret of the link `/auth/admin/claim#<secret>` that makes the first administrator; `None` once there is
    /// one.
    ///
    /// It lives for an hour and works once. Asking again gives the same secret while it is valid, and then a
    /// new one; older ones are dead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn first_admin_secret(&self) -> Result<Option<SecretString>, database::Error> {
        let app = &self.0;
        let now = app.now();
        let mut connection = app.database.read().await?;
        if users::has_active_admin(&mut connection).await? {
            return Ok(None);
        }
        if let Some(valid) = admin_links::valid(&mut connection, now).await? {
            return Ok(Some(app.admin_links.secret(valid)));
        }
        drop(connection);
        let id = uuid_v7(app.ambient.clock.as_ref(), app.ambient.entropy.as_ref());
        let mut transaction = app.database.begin().await?;
        admin_links::replace(&mut transaction, id, now, later(now, LINK_LIFETIME)).await?;
        audit::record(&mut transaction, Deed::new(Action::AdminLinkMade), None, &app.ambient).await?;
        transaction.commit().await?;
        Ok(Some(app.admin_links.secret(id)))
    }

    /// Makes an administrator.
    ///
    /// # Errors
    /// When the e-mail address is taken or the password is not acceptable.
    pub async fn create_admin(
        &self,
        email: Email,
        name: Name,
        password: SecretString,
    ) -> Result<UserId, AccountError> {
        self.create_account(email, name, password, [Role::Customer, Role::Admin].into_iter().collect()).await
    }

    /// Makes an account with the given roles.
    ///
    /// # Errors
    /// When the e-mail address is taken or the password is not acceptable.
    pub async fn create_account(
        &self,
        email: Email,
        name: Name,
        password: SecretString,
        roles: Roles,
    ) -> Result<UserId, AccountError> {
        let app = &self.0;
        app.check_password(&password, &email, &name).await?;
        let action = if roles.contains(Role::Admin) { Action::AdminCreated } else { Action::Registered };
        let account = app.prepare(NewAccount { email, name, password, roles }).await?;
        let mut transaction = app.database.begin().await?;
        account.insert(&mut transaction).await?;
        let deed = Deed::new(action).to(Some(account.user.id));
        audit::record(&mut transaction, deed, None, &app.ambient).await?;
        transaction.commit().await?;
        Ok(account.user.id)
    }
}
