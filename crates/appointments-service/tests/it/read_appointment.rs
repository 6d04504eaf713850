//! `GET /appointments/{id}`, and who may see and touch an appointment at all.

use serde_json::json;
use testkit::each_engine;

use crate::app::{App, path};

each_engine! {
    async fn an_appointment_exists_for_its_two_parties_only(database: TestDatabase) {
        let app = App::start(database).await;
        let (studio, other) = (app.studio().await, app.studio().await);
        let offering = app.offering(&studio, 60, 0).await;
        let ada = app.issuer.customer();
        let appointment = app.booked(&ada, &offering, "2027-01-18T08:00:00Z").await;
        assert_eq!(app.read(&ada, &appointment).await, appointment);
        assert_eq!(app.read(&studio.owner, &appointment).await, appointment);

        let path = path(&appointment);
        for stranger in [app.issuer.customer(), other.owner.clone(), app.issuer.admin()] {
            let client = app.client.as_(&stranger);
            client.get(&path).await.problem(404, "not_found");
            client.post_empty(&format!("{path}/cancel")).await.problem(404, "not_found");
            let later = json!({ "starts_at": "2027-01-18T09:00:00Z" });
            client.post(&format!("{path}/reschedule"), later).await.problem(404, "not_found");
        }
        assert_eq!(app.read(&ada, &appointment).await, appointment);
        app.client.as_(&ada).get("/appointments/1").await.problem(404, "not_found");
        app.stop().await;
    }
}
