//! `GET /appointments`

use testkit::{Client, each_engine};

use crate::app::{App, text};

async fn ids(client: &Client, query: &str) -> (Vec<String>, Option<String>) {
    let page = client.get(&format!("/appointments{query}")).await.expect(200).json();
    let ids = page["items"].as_array().unwrap().iter().map(|item| text(item, "id")).collect();
    (ids, page["next"].as_str().map(str::to_owned))
}

each_engine! {
    async fn each_party_lists_its_own(database: TestDatabase) {
        let app = App::start(database).await;
        let (studio, other) = (app.studio().await, app.studio().await);
        let offering = app.offering(&studio, 60, 0).await;
        let elsewhere = app.offering(&other, 60, 0).await;
        let (ada, eve) = (app.issuer.customer(), app.issuer.customer());
        let mut booked = Vec::new();
        for (person, offering, starts_at) in [
            (&ada, &offering, "2027-01-18T08:00:00Z"),
            (&eve, &offering, "2027-01-18T09:00:00Z"),
            (&ada, &elsewhere, "2027-01-18T10:00:00Z"),
            (&studio.owner, &elsewhere, "2027-01-18T11:00:00Z"),
        ] {
            booked.push(text(&app.booked(person, offering, starts_at).await, "id"));
        }
        // Ids of one instant are in no order: compare as sets, newest first is for another test.
        let sorted = |mut ids: Vec<String>| { ids.sort(); ids };
        let expect = |indexes: &[usize]| sorted(indexes.iter().map(|&index| booked[index].clone()).collect());
        let (ada, owner) = (app.client.as_(&ada), app.client.as_(&studio.owner));
        assert_eq!(sorted(ids(&ada, "").await.0), expect(&[0, 2]));
        assert_eq!(sorted(ids(&ada, "?as=customer").await.0), expect(&[0, 2]));
        assert!(ids(&ada, "?as=provider").await.0.is_empty());
        assert_eq!(sorted(ids(&owner, "?as=provider").await.0), expect(&[0, 1]));
        assert_eq!(sorted(ids(&owner, "").await.0), expect(&[3]));
        ada.get("/appointments?as=admin").await.problem(400, "invalid_request");
        ada.get("/appointments?customer=1").await.problem(400, "invalid_request");
        ada.get("/appointments?limit=101").await.problem(422, "validation_failed");
        ada.get("/appointments?after=x").await.problem(422, "validation_failed");
        app.stop().await;
    }

    async fn the_list_comes_in_pages_latest_booked_first(database: TestDatabase) {
        let app = App::start(database).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 0).await;
        let ada = app.issuer.customer();
        let mut booked = Vec::new();
        for hour in 8..13 {
            app.wait(1);
            let appointment = app.booked(&ada, &offering, &format!("2027-01-18T{hour:02}:00:00Z")).await;
            booked.insert(0, text(&appointment, "id"));
        }
        let client = app.client.as_(&app.issuer.renew(&ada));
        let (mut listed, mut query) = (Vec::new(), "?limit=2".to_owned());
        let mut pages = 0;
        loop {
            let (ids, next) = ids(&client, &query).await;
            listed.extend(ids);
            pages += 1;
            let Some(next) = next else { break };
            query = format!("?limit=2&after={next}");
        }
        assert_eq!((listed, pages), (booked, 3));
        app.stop().await;
    }
}
