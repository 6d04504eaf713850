//! One operation a file: what it takes, what it answers, what it does.

pub(crate) mod list_users;
mod profile_body;
pub(crate) mod read_me;
pub(crate) mod read_user;
pub(crate) mod update_me;

pub(crate) use profile_body::ProfileBody;
