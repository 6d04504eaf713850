//! What every route refuses, and whether what it takes is documented.

use testkit::{each_engine, refusals};

use crate::app::{App, text};

const PUBLIC: &[&str] =
    &["GET /providers", "GET /providers/{id}", "GET /providers/{id}/offerings", "GET /providers/{id}/slots"];

each_engine! {
    async fn every_operation_refuses_what_it_must(database: TestDatabase) {
        let app = App::start(database).await;
        refusals::check(app.client.base_url(), &app.issuer, PUBLIC).await;
        app.stop().await;
    }
}

each_engine! {
    async fn every_query_parameter_is_documented(database: TestDatabase) {
        let app = App::start(database).await;
        let document = app.client.get("/openapi.json").await.expect(200).json();
        let parameters = |path: &str| {
            let all = document["paths"][path]["get"]["parameters"].as_array().cloned().unwrap_or_default();
            all.iter().map(|parameter| text(parameter, "name")).collect::<Vec<_>>()
        };
        assert_eq!(parameters("/appointments"), ["as", "after", "limit"]);
        assert_eq!(parameters("/providers"), ["after", "limit"]);
        assert_eq!(parameters("/providers/me/offerings"), ["after", "limit"]);
        assert_eq!(parameters("/providers/{id}/offerings"), ["id", "after", "limit"]);
        assert_eq!(parameters("/providers/{id}/slots"), ["id", "offering", "from", "to"]);
        app.stop().await;
    }
}
