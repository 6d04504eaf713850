//! `POST`, `GET`, `PUT` and `DELETE /providers/me/offerings…`, `GET /providers/{id}/offerings`

use serde_json::{Value, json};
use testkit::{Client, each_engine};

use crate::app::{App, booking, text};

fn terms(minutes: u32, price_minor: i64, currency: &str) -> Value {
    json!({ "name": "Haircut", "minutes": minutes, "price_minor": price_minor, "currency": currency })
}

async fn ids(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.expect(200).json();
    page["items"].as_array().unwrap().iter().map(|item| text(item, "id")).collect()
}

each_engine! {
    async fn what_is_offered_is_seen_by_everybody(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let client = app.client.as_(&studio.owner);
        let offering = client.post("/providers/me/offerings", terms(45, 3500, "EUR")).await.expect(201).json();
        assert_eq!(offering, json!({
            "id": offering["id"],
            "provider_id": studio.id,
            "name": "Haircut",
            "minutes": 45,
            "price_minor": 3500,
            "currency": "EUR",
            "active": true,
            "created_at": "2027-01-15T08:00:00Z",
            "updated_at": "2027-01-15T08:00:00Z",
        }));
        let page = app.client.get(&format!("/providers/{}/offerings", studio.id)).await.expect(200).json();
        assert_eq!(page, json!({ "items": [offering] }));
        let nobody = app.issuer.customer().user_id;
        app.client.get(&format!("/providers/{nobody}/offerings")).await.problem(404, "not_found");
        app.stop().await;
    }

    async fn what_makes_no_sense_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let client = app.client.as_(&studio.owner);
        for wrong in [terms(4, 0, "EUR"), terms(721, 0, "EUR"), terms(30, -1, "EUR"), terms(30, 1, "EURO")] {
            client.post("/providers/me/offerings", wrong).await.problem(422, "validation_failed");
        }
        let newcomer = app.client.as_(&app.issuer.provider());
        newcomer.post("/providers/me/offerings", terms(30, 0, "EUR")).await.problem(409, "no_provider");
        app.stop().await;
    }

    async fn an_offering_is_changed_by_its_provider_only(database: TestDatabase) {
        let app = App::start(database).await;
        let (studio, other) = (app.studio().await, app.studio().await);
        let id = app.offering(&studio, 30, 0).await;
        let path = format!("/providers/me/offerings/{id}");
        let client = app.client.as_(&studio.owner);
        let changed = client.put(&path, terms(60, 9900, "CHF")).await.expect(200).json();
        assert_eq!((&changed["minutes"], &changed["currency"]), (&json!(60), &json!("CHF")));

        let stranger = app.client.as_(&other.owner);
        stranger.put(&path, terms(60, 0, "CHF")).await.problem(404, "not_found");
        stranger.delete(&path).await.problem(404, "not_found");
        app.stop().await;
    }

    async fn what_is_withdrawn_is_neither_shown_nor_booked(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let kept = app.offering(&studio, 30, 0).await;
        app.wait(1);
        let withdrawn = app.offering(&studio, 60, 0).await;
        let (client, ada) = (app.client.as_(&studio.owner), app.issuer.customer());
        let appointment = app.booked(&ada, &withdrawn, "2027-01-18T08:00:00Z").await;
        client.delete(&format!("/providers/me/offerings/{withdrawn}")).await.expect(204);

        let public = format!("/providers/{}/offerings", studio.id);
        assert_eq!(ids(&app.client, &public).await, std::slice::from_ref(&kept));
        assert_eq!(ids(&client, "/providers/me/offerings").await, [kept, withdrawn.clone()]);
        let slots = format!("/providers/{}/slots?offering={withdrawn}", studio.id);
        app.client.get(&slots).await.problem(404, "not_found");
        let book = booking(&withdrawn, "2027-01-18T09:00:00Z");
        app.client.as_(&ada).post("/appointments", &book).await.problem(404, "not_found");
        assert_eq!(app.read(&ada, &appointment).await["status"], "confirmed");

        let again = client.put(&format!("/providers/me/offerings/{withdrawn}"), terms(60, 0, "EUR")).await;
        assert_eq!(again.expect(200).json()["active"], true);
        app.client.as_(&ada).post("/appointments", &book).await.expect(201);
        app.stop().await;
    }
}
