//! The service as its callers meet it, with an issuer, a payments-service and a database of its own.

use std::{net::SocketAddr, time::Duration};

use appointments_service::{PaymentsSettings, Service, Settings};
use chassis::{
    database::{Database, Migrations, sql},
    http::HttpSettings,
};
use serde_json::{Value, json};
use testkit::{Client, Issuer, Person, Running, TestDatabase};
use tokio::time::timeout;

use crate::payments::Payments;

/// How long messages may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct App {
    /// A caller that is nobody.
    pub(crate) client: Client,
    pub(crate) issuer: Issuer,
    pub(crate) payments: Payments,
    /// Where payments-service reports.
    pub(crate) rpc: SocketAddr,
    settings: Settings,
    running: Vec<Running>,
    /// Dropped last: the service works on it.
    _database: TestDatabase,
}

/// Somebody who is open on weekdays from nine to five in Berlin, and cancels for free until a day before, for half
/// the price later.
pub(crate) struct Studio {
    pub(crate) owner: Person,
    pub(crate) id: String,
}

impl App {
    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::start_with(database, |_| ()).await
    }

    pub(crate) async fn start_with(database: TestDatabase, adjust: impl FnOnce(&mut Settings)) -> Self {
        let issuer = Issuer::start().await;
        let payments = Payments::start(&issuer).await;
        let address = payments.address;
        Self::start_by(database, issuer, payments, address, adjust).await
    }

    async fn start_by(
        database: TestDatabase,
        issuer: Issuer,
        payments: Payments,
        address: SocketAddr,
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Settings {
            http: HttpSettings::ephemeral(),
            rpc_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: database.settings(),
            trust: issuer.trust(),
            client: issuer.client("appointments-service"),
            payments: PaymentsSettings {
                url: format!("http://{address}").parse().unwrap(),
                timeout: Duration::from_secs(5),
            },
            hold: Duration::from_mins(10),
            // The sweeper looks once, at the start, unless a test is about it.
            sweep_interval: Duration::from_mins(10),
        };
        adjust(&mut settings);
        let (client, rpc, running) = run(&settings, &issuer).await;
        Self { client, issuer, payments, rpc, settings, running: vec![running], _database: database }
    }

    /// With a payments-service that is reached by the address which `front` makes of its own.
    pub(crate) async fn start_behind(
        database: TestDatabase,
        issuer: Issuer,
        front: impl AsyncFnOnce(SocketAddr) -> SocketAddr,
    ) -> Self {
        let payments = Payments::start(&issuer).await;
        let address = front(payments.address).await;
        Self::start_by(database, issuer, payments, address, |_| ()).await
    }

    /// Another instance of the service on the same database.
    pub(crate) async fn another(&mut self) -> Client {
        let (client, _, running) = run(&self.settings, &self.issuer).await;
        self.running.push(running);
        client
    }

    /// Ends the service, and does `work` before its database goes.
    pub(crate) async fn stop_but(mut self, work: impl Future<Output = ()>) {
        for running in std::mem::take(&mut self.running) {
            running.stop().await;
        }
        work.await;
    }

    pub(crate) async fn stop(self) {
        for running in self.running {
            running.stop().await;
        }
    }

    /// Asserts that payments-service was told of no end but those that were asked about.
    pub(crate) async fn released_nothing_else(&self) {
        let database = self.database().await;
        // A message is gone from the outbox when it has arrived.
        let waiting = async || {
            let mut connection = database.read().await.unwrap();
            sql("SELECT 1 FROM outbox LIMIT 1").fetch_optional(&mut connection).await.unwrap().is_some()
        };
        let delivered = async { while waiting().await {} };
        timeout(PATIENCE, delivered).await.unwrap();
        assert!(!self.payments.has_released().await, "an unexpected release");
    }

    /// The database itself.
    pub(crate) async fn database(&self) -> Database {
        let migrations = Migrations {
            sqlite: sqlx::migrate!("migrations/sqlite"),
            postgres: sqlx::migrate!("migrations/postgres"),
        };
        Database::open(&self.settings.database, &migrations).await.unwrap()
    }

    /// Moves time, which ends tokens too: take fresh ones with [`Issuer::renew`].
    pub(crate) fn wait(&self, minutes: u64) {
        self.issuer.clock().advance(Duration::from_mins(minutes));
    }

    pub(crate) async fn studio(&self) -> Studio {
        let weekday = json!([{ "from": "09:00", "until": "17:00" }]);
        let hours = json!({
            "monday": weekday, "tuesday": weekday, "wednesday": weekday, "thursday": weekday, "friday": weekday,
        });
        self.studio_in("Europe/Berlin", hours).await
    }

    pub(crate) async fn studio_in(&self, time_zone: &str, hours: Value) -> Studio {
        let owner = self.issuer.provider();
        let client = self.client.as_(&owner);
        let cancellation = json!({ "free_until_hours": 24, "late_refund_percent": 50 });
        let me = json!({ "name": "Ada's studio", "time_zone": time_zone, "cancellation": cancellation });
        client.put("/providers/me", me).await.expect(200);
        client.put("/providers/me/opening-hours", hours).await.expect(200);
        let id = owner.user_id.to_string();
        Studio { owner, id }
    }

    /// A new offering of the studio; its id.
    pub(crate) async fn offering(&self, studio: &Studio, minutes: u32, price_minor: i64) -> String {
        let terms =
            json!({ "name": "Haircut", "minutes": minutes, "price_minor": price_minor, "currency": "EUR" });
        let client = self.client.as_(&self.issuer.renew(&studio.owner));
        let offering = client.post("/providers/me/offerings", terms).await.expect(201);
        text(&offering.json(), "id")
    }

    /// Books as `person`; the appointment.
    pub(crate) async fn booked(&self, person: &Person, offering: &str, starts_at: &str) -> Value {
        let client = self.client.as_(&self.issuer.renew(person));
        client.post("/appointments", booking(offering, starts_at)).await.expect(201).json()
    }

    /// The appointment as `person` sees it now.
    pub(crate) async fn read(&self, person: &Person, appointment: &Value) -> Value {
        let client = self.client.as_(&self.issuer.renew(person));
        client.get(&path(appointment)).await.expect(200).json()
    }

    /// When the slots of an offering begin on a day.
    pub(crate) async fn slots(&self, studio: &Studio, offering: &str, date: &str) -> Vec<String> {
        let path = format!("/providers/{}/slots?offering={offering}&from={date}&to={date}", studio.id);
        let answer = self.client.get(&path).await.expect(200).json();
        answer["slots"].as_array().unwrap().iter().map(|slot| text(slot, "starts_at")).collect()
    }
}

/// What books.
pub(crate) fn booking(offering: &str, starts_at: &str) -> Value {
    json!({ "offering_id": offering, "starts_at": starts_at })
}

/// Where an appointment is.
pub(crate) fn path(appointment: &Value) -> String {
    format!("/appointments/{}", text(appointment, "id"))
}

/// A member that is text.
pub(crate) fn text(object: &Value, member: &str) -> String {
    object[member].as_str().unwrap_or_else(|| panic!("no {member} in {object}")).to_owned()
}

async fn run(settings: &Settings, issuer: &Issuer) -> (Client, SocketAddr, Running) {
    let service = Service::build(settings.clone(), issuer.ambient()).await.unwrap();
    let (http, rpc) = (service.http_address(), service.rpc_address());
    let running = Running::start(service.health(), |shutdown| service.run(shutdown)).await;
    (Client::new(format!("http://{http}")), rpc, running)
}
