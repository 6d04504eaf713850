//! The route table.

use std::sync::Arc;

use actix_web::web::Data;
use chassis::http::{Mount, Routes};
use identity::Clock;

use crate::{
    handlers::{list_users::list_users, read_me::read_me, read_user::read_user, update_me::update_me},
    store::Profiles,
};

/// Everything under `/users`.
pub(crate) fn routes(mount: Mount, profiles: Profiles, clock: Arc<dyn Clock>) -> Routes {
    let (profiles, clock) = (Data::new(profiles), Data::from(clock));
    Arc::new(move |config| {
        mount.under("/users", config, |config| {
            config.app_data(profiles.clone()).app_data(clock.clone());
            // `/me` stands before `/{id}`, which would match it as well.
            config.service(read_me).service(update_me);
            config.service(list_users).service(read_user);
        });
    })
}
