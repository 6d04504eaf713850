//! PostgreSQL is gone for a while: routes that need it say so within a second, others do not notice, and all goes on
//! when it is back.

use std::time::{Duration, Instant};

use testkit::{
    TestDatabase,
    proxy::{Network, Proxy},
};

use crate::app::{App, booking, path};

const BOUND: Duration = Duration::from_secs(1);
const MONDAY_AT_NINE: &str = "2027-01-18T08:00:00Z";

#[test]
fn a_dead_database_costs_nobody_a_second() {
    testkit::database::on_postgres(async |database: TestDatabase| {
        let (proxy, behind) = Proxy::before(&database.settings()).await;
        let app = App::start_with(database, |settings| settings.database = behind).await;
        let (studio, ada) = (app.studio().await, app.issuer.customer());
        let offering = app.offering(&studio, 60, 3000).await;
        let appointment = app.booked(&ada, &offering, MONDAY_AT_NINE).await;
        let client = app.client.as_(&ada);

        for network in [Network::Hung, Network::Cut, Network::Refused] {
            proxy.be(network);
            // At first nobody knows, later everybody does.
            for _ in 0..3 {
                let began = Instant::now();
                let list = client.get("/appointments").into_future();
                let book =
                    client.post("/appointments", booking(&offering, "2027-01-18T09:00:00Z")).into_future();
                let slots = format!(
                    "/providers/{}/slots?offering={offering}&from=2027-01-18&to=2027-01-18",
                    studio.id
                );
                let slots = app.client.get(&slots).into_future();
                for answer in futures_util::future::join_all([list, book, slots]).await {
                    assert!(answer.header("retry-after").is_some(), "{answer:?}");
                    answer.problem(503, "unavailable");
                }
                assert!(began.elapsed() < BOUND, "{network:?}: {:?}", began.elapsed());
            }
            let began = Instant::now();
            app.client.get("/readyz").await.expect(200);
            app.client.get("/openapi.json").await.expect(200);
            app.client.get("/appointments").await.problem(401, "unauthenticated");
            client.get("/appointments/none").await.problem(404, "not_found");
            let down = r#"database_up{service="appointments-service"} 0"#;
            while !app.client.get("/metrics").await.expect(200).text.contains(down) {
                assert!(began.elapsed() < BOUND, "the metrics do not know");
            }
            assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());

            proxy.be(Network::Up);
            let began = Instant::now();
            while client.get("/appointments").await.status != 200 {
                assert!(began.elapsed() < BOUND, "{network:?}: it is not used again");
            }
        }
        // What works in the background has survived it.
        client.post_empty(&format!("{}/cancel", path(&appointment))).await.expect(200);
        app.payments.released().await;
        app.stop().await;
    });
}
