//! Making accounts: what registration, the first administrator's link and the command line have in common.

use chassis::{
    database::{self, Transaction},
    problem::Problem,
};
use identity::{Email, Roles, UserId};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    app::App,
    domain::{
        password,
        user::{Name, User},
    },
    passwords::Overloaded,
    problems,
    store::users,
};

/// What an account is made of.
pub(crate) struct NewAccount {
    pub(crate) email: Email,
    pub(crate) name: Name,
    /// Has been [checked](App::check_password).
    pub(crate) password: SecretString,
    pub(crate) roles: Roles,
}

/// An account that only needs to be stored.
pub(crate) struct Prepared {
    pub(crate) user: User,
    password_hash: String,
}

/// Why an account is not made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody has the e-mail address.
    #[error("there is an account with this e-mail address")]
    EmailTaken,
    /// The password is too short, too long or too easy to guess; says which.
    #[error("{0}")]
    PasswordUnacceptable(String),
    /// Passwords cannot be hashed at this moment.
    #[error("the password cannot be hashed")]
    NotHashed(#[source] Overloaded),
    /// The database does not do it.
    #[error(transparent)]
    Database(#[from] database::Error),
}

impl App {
    /// Judges a chosen password, on the hashing pool: judging is costly too.
    pub(crate) async fn check_password(
        &self,
        password: &SecretString,
        email: &Email,
        name: &Name,
    ) -> Result<(), AccountError> {
        let (password, email, name) = (password.clone(), email.clone(), name.clone());
        let judge = move || password::check(password.expose_secret(), &email, name.as_str());
        let verdict = self.passwords.do_as_costly(judge).await?;
        verdict.map_err(|reason| AccountError::PasswordUnacceptable(reason.to_string()))
    }

    /// Hashes the password and gives the account its id.
    pub(crate) async fn prepare(&self, account: NewAccount) -> Result<Prepared, AccountError> {
        let NewAccount { email, name, password, roles } = account;
        let password_hash = self.passwords.hash(password).await?;
        let id = UserId::generate(self.ambient.clock.as_ref(), self.ambient.entropy.as_ref());
        let registered_at = self.now();
        let user = User { id, email, name, roles, version: 0, disabled_at: None, registered_at };
        Ok(Prepared { user, password_hash })
    }
}

impl Prepared {
    /// Stores the account, unless its e-mail address is taken.
    pub(crate) async fn insert(&self, on: &mut Transaction) -> Result<(), AccountError> {
        users::insert(on, &self.user, &self.password_hash)
            .await
            .map_err(|error| if error.is_taken() { AccountError::EmailTaken } else { error.into() })
    }
}

impl From<Overloaded> for AccountError {
    fn from(overloaded: Overloaded) -> Self {
        Self::NotHashed(overloaded)
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::EmailTaken => Self::new(&problems::EMAIL_TAKEN),
            AccountError::PasswordUnacceptable(reason) => {
                Self::new(&problems::PASSWORD_UNACCEPTABLE).detail(reason)
            }
            AccountError::NotHashed(overloaded) => overloaded.into(),
            AccountError::Database(error) => error.into(),
        }
    }
}
