//! One operation a file: what it takes, what it answers, what it does.
//!
//! `token_answer` is what login, registration and refreshing have in common. Where next: `login`, then `refresh`.

pub(crate) mod admin;
pub(crate) mod change_password;
mod client_body;
pub(crate) mod end_session;
pub(crate) mod key_set;
pub(crate) mod list_sessions;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod logout_all;
pub(crate) mod metadata;
pub(crate) mod oauth;
pub(crate) mod refresh;
pub(crate) mod register;
mod token_answer;
mod user_body;
