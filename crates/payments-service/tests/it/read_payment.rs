//! `GET /payments/{id}`

use serde_json::json;
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn customer_and_provider_see_the_same(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let path = format!("/payments/{}", paying.id);
        let seen = app.client.as_(&paying.customer).get(&path).await.expect(200).json();
        assert_eq!(seen, json!({
            "id": paying.id,
            "appointment_id": paying.appointment_id,
            "customer_id": paying.customer.user_id,
            "provider_id": paying.provider.user_id,
            "amount_minor": 5000,
            "currency": "EUR",
            "description": "Haircut",
            "status": "requires_confirmation",
            "refunded_minor": 0,
            "expires_at": "2027-01-15T08:10:00Z",
            "created_at": "2027-01-15T08:00:00Z",
            "updated_at": "2027-01-15T08:00:00Z",
        }));
        assert_eq!(app.client.as_(&paying.provider).get(&path).await.expect(200).json(), seen);
        app.stop().await;
    }

    async fn to_everybody_else_it_does_not_exist(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let path = format!("/payments/{}", paying.id);
        for stranger in [app.issuer.customer(), app.issuer.provider(), app.issuer.admin()] {
            let client = app.client.as_(&stranger);
            let mut hidden = client.get(&path).await.problem(404, "not_found");
            let mut absent = client.get(&format!("/payments/{}", app.new_id())).await.problem(404, "not_found");
            hidden["trace_id"].take();
            absent["trace_id"].take();
            assert_eq!(hidden, absent);
        }
        app.stop().await;
    }
}
