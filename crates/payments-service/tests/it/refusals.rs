//! What every route refuses.

use testkit::{each_engine, refusals};

use crate::app::App;

each_engine! {
    async fn every_operation_refuses_what_it_must(database: TestDatabase) {
        let app = App::start(database).await;
        refusals::check(app.client.base_url(), &app.issuer, &[]).await;
        app.stop().await;
    }
}
