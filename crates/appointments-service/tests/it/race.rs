//! Many people want overlapping time at once.
//!
//! A few rounds always; a thousand with `SIGNET_FULL=1 cargo nextest run --profile full -p appointments-service --test it race
//! --no-capture`.

use std::time::Instant;

use chassis::database::sql;
use jiff::{ToSpan, civil::date, tz::TimeZone};
use serde_json::json;
use testkit::{Client, each_engine};
use tokio::task::JoinSet;

use crate::app::{App, Studio, booking};

/// Lengths of offerings in minutes. Of each, the slot that covers 09:31 begins at another time or ends at another;
/// since all of them cover 09:31, each overlaps every other.
const LENGTHS: [u32; 8] = [10, 15, 20, 25, 30, 45, 60, 90];
const CUSTOMERS: usize = 4;
/// So many of the offerings cost something.
const PRICED: usize = 2;

#[derive(Default, Debug)]
struct Counts {
    won: usize,
    lost: usize,
    other: Vec<String>,
}

each_engine! {
    async fn of_many_who_want_overlapping_time_one_gets_it(database: TestDatabase) {
        let mut app = App::start(database).await;
        let clients = [app.client.clone(), app.another().await];
        let day = json!([{ "from": "09:00", "until": "12:00" }]);
        let hours = json!({ "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day,
            "saturday": day, "sunday": day });
        let studio = app.studio_in("Europe/Berlin", hours).await;
        let offerings = offerings(&app, &studio).await;
        let callers = callers(&app, &clients);

        let (rounds, began) = (rounds(), Instant::now());
        let mut total = Counts::default();
        for round in 0..rounds {
            let counts = race(&callers, &bookings(&offerings, round)).await;
            assert_eq!((counts.won, counts.other.len()), (1, 0), "round {round}: {counts:?}");
            total.won += counts.won;
            total.lost += counts.lost;
        }
        let seconds = began.elapsed().as_secs_f64();
        let engine = app.database().await.engine();
        println!("{engine:?}: {rounds} rounds, {} × 201, {} × 409, {seconds:.1} s", total.won, total.lost);
        assert_eq!((total.won, total.lost), (rounds, rounds * (LENGTHS.len() * CUSTOMERS - 1)));
        assert_eq!(live_and_overlapping(&app).await, (i64::try_from(rounds).unwrap(), 0));
        assert!(app.payments.asked().len() <= rounds, "who loses never sees a payment");
        app.stop().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "how thorough a test is, it is told from outside")]
fn rounds() -> usize {
    if std::env::var("SIGNET_FULL").is_ok_and(|full| full == "1") { 1000 } else { 25 }
}

async fn offerings(app: &App, studio: &Studio) -> Vec<(u32, String)> {
    let mut offerings = Vec::new();
    for (index, minutes) in LENGTHS.into_iter().enumerate() {
        let price = if index < PRICED { 3000 } else { 0 };
        offerings.push((minutes, app.offering(studio, minutes, price).await));
    }
    offerings
}

/// Everybody comes through another door than the next one.
fn callers(app: &App, clients: &[Client; 2]) -> Vec<Client> {
    let people = (0..LENGTHS.len() * CUSTOMERS).map(|_| app.issuer.customer());
    people.enumerate().map(|(index, person)| clients[index % 2].as_(&person)).collect()
}

/// For each offering, what books its slot that covers 09:31 on a day of this round's own.
fn bookings(offerings: &[(u32, String)], round: usize) -> Vec<serde_json::Value> {
    let nine = date(2027, 2, 1).at(9, 0, 0, 0) + i64::try_from(round).unwrap().days();
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let slot = |minutes: u32| nine + i64::from(31 / minutes * minutes).minutes();
    let instant = |minutes| slot(minutes).to_zoned(berlin.clone()).unwrap().timestamp().to_string();
    offerings.iter().map(|(minutes, id)| booking(id, &instant(*minutes))).collect()
}

async fn race(callers: &[Client], bookings: &[serde_json::Value]) -> Counts {
    let mut requests = JoinSet::new();
    for (index, caller) in callers.iter().enumerate() {
        // Neighbours come through different doors, so each offering is wanted at both.
        let booking = &bookings[index / 2 % bookings.len()];
        requests.spawn(caller.post("/appointments", booking).into_future());
    }
    let mut counts = Counts::default();
    for answer in requests.join_all().await {
        match answer.status {
            201 => counts.won += 1,
            409 if answer.json()["code"] == "slot_taken" => counts.lost += 1,
            status => counts.other.push(format!("{status}: {}", answer.text)),
        }
    }
    counts
}

/// How many appointments are live, and how many pairs of them overlap.
async fn live_and_overlapping(app: &App) -> (i64, i64) {
    let database = app.database().await;
    let mut connection = database.read().await.unwrap();
    let live =
        sql("SELECT COUNT(*) AS count FROM appointments WHERE status IN ('pending_payment', 'confirmed')");
    let overlapping = sql("SELECT COUNT(*) AS count FROM appointments a JOIN appointments b
                           ON a.provider_id = b.provider_id AND a.id < b.id
                              AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
                           WHERE a.status IN ('pending_payment', 'confirmed')
                             AND b.status IN ('pending_payment', 'confirmed')");
    let live = live.fetch_one(&mut connection).await.unwrap().get("count").unwrap();
    let overlapping = overlapping.fetch_one(&mut connection).await.unwrap().get("count").unwrap();
    (live, overlapping)
}
