//! What every route refuses.

use testkit::{Issuer, each_engine, refusals};

use crate::app::App;

const PUBLIC: [&str; 11] = [
    "GET /.well-known/jwks.json",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/openid-configuration",
    "POST /auth/register",
    "POST /auth/login",
    "POST /auth/refresh",
    "GET /auth/admin/claim",
    "POST /auth/admin/claim",
    // Want a client's secret.
    "POST /oauth2/token",
    "POST /oauth2/revoke",
    "POST /oauth2/introspect",
];

each_engine! {
    async fn every_operation_refuses_what_it_must(database: TestDatabase) {
        let issuer = Issuer::start().await;
        let app = App::start_trusting(database, &issuer).await;
        refusals::check(app.client.base_url(), &issuer, &PUBLIC).await;
        app.stop().await;
    }
}
