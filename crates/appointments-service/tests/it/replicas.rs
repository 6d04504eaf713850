//! Several replicas of payments-service behind one name: one may end, or vanish, and nobody who books notices.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use testkit::{
    Issuer, Person, TestDatabase,
    proxy::{Network, Proxy},
};
use tokio::time::timeout;

use crate::{
    app::{App, Studio, booking},
    payments::{Mood, Payments},
};

const PATIENCE: Duration = Duration::from_secs(10);
const DAYS: [&str; 2] = ["2027-01-18", "2027-01-19"];
const CUSTOMERS_AT_ONCE: usize = 4;

/// A service whose payments-service is `first` as long as it takes connections, and then the one of the app.
async fn start(issuer: Issuer, first: std::net::SocketAddr) -> (App, Proxy) {
    let mut front = None;
    let app = App::start_behind(TestDatabase::sqlite(), issuer, async |payments| {
        let proxy = front.insert(Proxy::start(vec![first, payments]).await);
        proxy.address()
    })
    .await;
    (app, front.unwrap())
}

/// Books every slot, several at once, and calls `meanwhile` after a few.
async fn book_all(app: &App, studio: &Studio, offering: &str, mut meanwhile: impl FnMut()) {
    let customers: Vec<Person> = (0..CUSTOMERS_AT_ONCE).map(|_| app.issuer.customer()).collect();
    let mut slots = Vec::new();
    for day in DAYS {
        slots.extend(app.slots(studio, offering, day).await);
    }
    assert!(slots.len() > 50);
    let book = |(number, slot): (usize, String)| {
        let client = app.client.as_(&customers[number % CUSTOMERS_AT_ONCE]);
        async move { (number, client.post("/appointments", booking(offering, &slot)).await) }
    };
    let mut booked =
        stream::iter(slots.into_iter().enumerate()).map(book).buffer_unordered(CUSTOMERS_AT_ONCE);
    while let Some((number, answer)) = booked.next().await {
        answer.expect(201);
        if number == 8 {
            meanwhile();
        }
    }
}

#[tokio::test]
async fn a_replica_that_ends_costs_no_booking() {
    let issuer = Issuer::start().await;
    let mut first = Some(Payments::start(&issuer).await);
    let (app, front) = start(issuer, first.as_ref().unwrap().address).await;
    let studio = app.studio().await;
    let offering = app.offering(&studio, 15, 3000).await;
    book_all(&app, &studio, &offering, || drop(first.take())).await;
    assert!(!app.payments.asked().is_empty(), "the other replica has taken over");
    assert!(front.accepted() >= 2, "on a connection of its own");
    app.stop().await;
}

#[tokio::test]
async fn a_replica_that_is_killed_costs_no_booking() {
    let issuer = Issuer::start().await;
    let first = Arc::new(Payments::start(&issuer).await);
    let network = Arc::new(Proxy::start(vec![first.address]).await);
    let (app, _front) = start(issuer, network.address()).await;
    let studio = app.studio().await;
    let offering = app.offering(&studio, 15, 3000).await;
    book_all(&app, &studio, &offering, || {
        // It answers nobody any more, and as soon as somebody waits for that, it is gone.
        first.be(Mood::Silent);
        first.asked();
        let (first, network) = (first.clone(), network.clone());
        tokio::spawn(async move {
            while first.asked().is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            network.be(Network::Refused);
        });
    })
    .await;
    assert!(!app.payments.asked().is_empty(), "the other replica has taken over");
    app.stop().await;
}

#[tokio::test]
async fn a_replica_that_vanishes_is_noticed_in_two_seconds() {
    let issuer = Issuer::start().await;
    let first = Payments::start(&issuer).await;
    let (app, front) = start(issuer, first.address).await;
    let studio = app.studio().await;
    let offering = app.offering(&studio, 60, 3000).await;
    let ada = app.issuer.customer();
    app.booked(&ada, &offering, "2027-01-18T08:00:00Z").await;

    front.be(Network::Hung);
    let (connections, began) = (front.accepted(), Instant::now());
    let client = app.client.as_(&ada);
    let book = client.post("/appointments", booking(&offering, "2027-01-18T10:00:00Z")).into_future();
    let noticed = async {
        while front.accepted() == connections {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        front.be(Network::Up);
    };
    let (booked, ()) = timeout(PATIENCE, async { tokio::join!(book, noticed) }).await.unwrap();
    booked.expect(201);
    app.stop().await;
}
