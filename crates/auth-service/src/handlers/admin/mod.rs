//! What administrators do, and how the first of them comes to be.

pub(crate) mod claim;
pub(crate) mod claim_page;
pub(crate) mod clients;
pub(crate) mod disable_user;
pub(crate) mod enable_user;
pub(crate) mod list_audit;
pub(crate) mod list_keys;
pub(crate) mod list_users;
pub(crate) mod logout_user;
pub(crate) mod revoke_key;
pub(crate) mod revoke_session;
pub(crate) mod revoke_token;
pub(crate) mod rotate_keys;
pub(crate) mod set_roles;
