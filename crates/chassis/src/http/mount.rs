//! A service's routes under a path prefix, carrying what its handlers and the observer need.
//!
//! Everything hangs on the scope and nothing on the application, so that one process can serve the routes of
//! several services on one port and each still sees its own verifier and its own name.

use actix_web::http::header::{HeaderValue, InvalidHeaderValue};
use utoipa_actix_web::scope;
use verifier::Verifier;

use super::{Description, HttpSettings, TrustedProxies};

/// What [`Routes`](super::Routes) configure.
pub type ServiceConfig<'c> = utoipa_actix_web::service_config::ServiceConfig<'c>;

/// The value of `X-Served-By`: `<service>/<instance>`.
#[derive(Debug, Clone)]
pub(super) struct ServedBy(pub(super) HeaderValue);

/// What the routes of one service have in common.
#[derive(Clone)]
pub struct Mount {
    served_by: ServedBy,
    trusted_proxies: TrustedProxies,
    verifier: Verifier,
}

impl ServedBy {
    pub(super) fn new(name: &str, instance: &str) -> Result<Self, InvalidHeaderValue> {
        HeaderValue::try_from(format!("{name}/{instance}")).map(Self)
    }
}

impl Mount {
    /// # Errors
    /// When the instance's name cannot stand in a header.
    pub fn new(
        description: &Description,
        settings: &HttpSettings,
        verifier: Verifier,
    ) -> Result<Self, InvalidHeaderValue> {
        let served_by = ServedBy::new(description.name, &settings.instance)?;
        Ok(Self { served_by, trusted_proxies: settings.trusted_proxies.clone(), verifier })
    }

    /// Adds `routes` below `prefix`.
    pub fn under(&self, prefix: &str, config: &mut ServiceConfig, routes: impl FnOnce(&mut ServiceConfig)) {
        let scope = scope(prefix)
            .app_data(self.served_by.clone())
            .app_data(self.trusted_proxies.clone())
            .app_data(self.verifier.clone());
        config.service(scope.configure(routes));
    }
}
