//! The route table.

use std::sync::Arc;

use actix_web::web::Data;
use chassis::http::{Mount, Routes, ServiceConfig};

use crate::{
    app::App,
    handlers::{
        admin::{
            claim::claim,
            claim_page::claim_page,
            clients::{
                disable::disable_client, enable::enable_client, list::list_clients,
                new_secret::new_client_secret, register::register_client, remove::remove_client,
            },
            disable_user::disable_user,
            enable_user::enable_user,
            list_audit::list_audit,
            list_keys::list_keys,
            list_users::list_users,
            logout_user::logout_user,
            revoke_key::revoke_key,
            revoke_session::revoke_session,
            revoke_token::revoke_token,
            rotate_keys::rotate_keys,
            set_roles::set_roles,
        },
        change_password::change_password,
        end_session::end_session,
        key_set::key_set,
        list_sessions::list_sessions,
        login::login,
        logout::logout,
        logout_all::logout_all,
        metadata::{authorization_server_metadata, openid_configuration},
        oauth::{introspect::introspect, revoke::revoke, token::token},
        refresh::refresh,
        register::register,
    },
};

/// Everything under `/auth`, `/oauth2` and `/.well-known`.
pub(crate) fn routes(mount: Mount, app: Arc<App>) -> Routes {
    let app = Data::from(app);
    Arc::new(move |config| {
        mount.under("/.well-known", config, |config| {
            config.app_data(app.clone());
            config.service(key_set).service(authorization_server_metadata).service(openid_configuration);
        });
        mount.under("/oauth2", config, |config| {
            config.app_data(app.clone());
            config.service(token).service(revoke).service(introspect);
        });
        mount.under("/auth", config, |config| {
            config.app_data(app.clone());
            config.service(register).service(login).service(refresh);
            config.service(logout).service(logout_all).service(change_password);
            config.service(list_sessions).service(end_session);
            administration(config);
        });
    })
}

fn administration(config: &mut ServiceConfig) {
    config.service(claim_page).service(claim);
    config.service(list_users).service(set_roles);
    config.service(disable_user).service(enable_user);
    config.service(list_audit);
    config.service(list_keys).service(rotate_keys).service(revoke_key);
    config.service(logout_user).service(revoke_session).service(revoke_token);
    config.service(list_clients).service(register_client).service(new_client_secret);
    config.service(disable_client).service(enable_client).service(remove_client);
}
