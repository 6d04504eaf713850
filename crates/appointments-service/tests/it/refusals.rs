//! What every route refuses.

use testkit::{each_engine, refusals};

use crate::app::App;

const PUBLIC: &[&str] =
    &["GET /providers", "GET /providers/{id}", "GET /providers/{id}/offerings", "GET /providers/{id}/slots"];

each_engine! {
    async fn every_operation_refuses_what_it_must(database: TestDatabase) {
        let app = App::start(database).await;
        refusals::check(app.client.base_url(), &app.issuer, PUBLIC).await;
        app.stop().await;
    }
}
