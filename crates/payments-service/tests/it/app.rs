//! The service as its callers meet it, with an issuer, a database and a neighbour of its own.

use std::{net::SocketAddr, time::Duration};

use chassis::{
    http::HttpSettings,
    keys::{FeedSettings, TrustSettings},
};
use payments_service::{FingerprintKey, Service, Settings};
use serde_json::{Value, json};
use testkit::{Client, Issuer, Person, Running, TestDatabase, http::Request};
use tonic::{Status, transport::Channel};
use wire::payments::v1::{
    CreateIntentRequest, Intent, ReleaseRequest, intents_client::IntentsClient,
    releases_client::ReleasesClient,
};

use crate::{appointments::Appointments, books::Books, feed::Feed};

/// How long anything may take that is awaited.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// What every slow card takes, in the issuer's time.
pub(crate) const DELAY: Duration = Duration::from_secs(5);
/// How long a payment may be confirmed, in the issuer's time.
pub(crate) const PAYABLE: Duration = Duration::from_mins(10);
/// Who asks for payments.
pub(crate) const NEIGHBOUR: &str = "appointments-service";

pub(crate) const GOOD: &str = "4242424242424242";
pub(crate) const DECLINED: &str = "4000000000000002";
pub(crate) const POOR: &str = "4000000000009995";
pub(crate) const SLOW: &str = "4000000000000077";
pub(crate) const SLOW_AND_DECLINED: &str = "4000000000000341";

pub(crate) struct App {
    /// A caller that is nobody.
    pub(crate) client: Client,
    pub(crate) issuer: Issuer,
    pub(crate) appointments: Appointments,
    pub(crate) books: Books,
    pub(crate) rpc: SocketAddr,
    running: Running,
    /// Dropped last: the service works on it.
    database: TestDatabase,
}

/// Somebody with a payment to make.
pub(crate) struct Paying {
    pub(crate) id: String,
    pub(crate) appointment_id: String,
    pub(crate) customer: Person,
    pub(crate) provider: Person,
}

impl App {
    pub(crate) async fn start(database: TestDatabase) -> Self {
        let app = Self::start_alone(database).await;
        app.appointments.come_up();
        app
    }

    /// With appointments-service down.
    pub(crate) async fn start_alone(database: TestDatabase) -> Self {
        let issuer = Issuer::start().await;
        let appointments = Appointments::down(&issuer).await;
        Self::start_with(issuer, appointments, database).await
    }

    /// Told of what is revoked by `feed`.
    pub(crate) async fn start_following(database: TestDatabase, feed: &Feed) -> Self {
        let issuer = Issuer::start().await;
        let appointments = Appointments::down(&issuer).await;
        let url = format!("http://{}", feed.address).parse().unwrap();
        let feed = Some(FeedSettings { url, client: issuer.client("payments-service") });
        let trust = TrustSettings { feed, ..issuer.trust() };
        Self::start_trusting(trust, issuer, appointments, database).await
    }

    async fn start_with(issuer: Issuer, appointments: Appointments, database: TestDatabase) -> Self {
        Self::start_trusting(issuer.trust(), issuer, appointments, database).await
    }

    async fn start_trusting(
        trust: TrustSettings,
        issuer: Issuer,
        appointments: Appointments,
        database: TestDatabase,
    ) -> Self {
        let books = Books::open(&database.settings()).await;
        let settings = Settings {
            http: HttpSettings { workers: 2, ..HttpSettings::ephemeral() },
            rpc_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: database.settings(),
            trust,
            appointments_url: format!("http://{}", appointments.address).parse().unwrap(),
            appointments_client: NEIGHBOUR.to_owned(),
            client: issuer.client("payments-service"),
            fingerprint_key: FingerprintKey::derive(&"a secret".into()),
            sandbox_delay: DELAY,
        };
        let service = Service::build(settings, issuer.ambient()).await.unwrap();
        let (url, rpc) = (format!("http://{}", service.http_address()), service.rpc_address());
        let running = Running::start(service.health(), |shutdown| service.run(shutdown)).await;
        Self { client: Client::new(url), issuer, appointments, books, rpc, running, database }
    }

    pub(crate) async fn restart(self) -> Self {
        self.running.stop().await;
        self.books.close().await;
        Self::start_with(self.issuer, self.appointments, self.database).await
    }

    /// Ends the service; its database goes when what is returned goes.
    pub(crate) async fn stop(self) -> TestDatabase {
        self.running.stop().await;
        self.books.close().await;
        self.database
    }

    /// A payment of € 50.00 that a new customer owes a new provider.
    pub(crate) async fn payment(&self) -> Paying {
        self.payment_of(&self.issuer.customer()).await
    }

    pub(crate) async fn payment_of(&self, customer: &Person) -> Paying {
        let provider = self.issuer.provider();
        let appointment_id = self.new_id();
        let order = self.order(&appointment_id, &provider);
        let intent = self.create(customer, order).await.unwrap();
        assert_eq!(intent.status, "requires_confirmation");
        Paying { id: intent.payment_id, appointment_id, customer: customer.clone(), provider }
    }

    /// What appointments-service asks for.
    pub(crate) fn order(&self, appointment_id: &str, provider: &Person) -> CreateIntentRequest {
        let expires_at = self.issuer.ambient().clock.now() + PAYABLE;
        CreateIntentRequest {
            appointment_id: appointment_id.to_owned(),
            provider_id: provider.user_id.to_string(),
            amount_minor: 5000,
            currency: "EUR".into(),
            description: "Haircut".into(),
            expires_at: expires_at.as_second(),
        }
    }

    /// As appointments-service asks for a customer.
    pub(crate) async fn create(
        &self,
        customer: &Person,
        order: CreateIntentRequest,
    ) -> Result<Intent, Status> {
        let token = self.issuer.acting(NEIGHBOUR, &customer.token, "payments", "payments");
        self.create_with(&token.mint(), order).await
    }

    /// The same with another token.
    pub(crate) async fn create_with(
        &self,
        token: &str,
        order: CreateIntentRequest,
    ) -> Result<Intent, Status> {
        let mut request = tonic::Request::new(order);
        if !token.is_empty() {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let created = IntentsClient::new(self.channel().await).create(request).await?;
        Ok(created.into_inner())
    }

    pub(crate) async fn release(&self, appointment_id: &str, refund_minor: i64) -> Result<(), Status> {
        self.send_release(release_request(appointment_id, refund_minor)).await
    }

    /// As appointments-service sends it.
    pub(crate) async fn send_release(&self, message: ReleaseRequest) -> Result<(), Status> {
        self.send_release_with(&self.issuer.own(NEIGHBOUR, "payments", "payments:release").mint(), message)
            .await
    }

    /// The same with another token.
    pub(crate) async fn send_release_with(&self, token: &str, message: ReleaseRequest) -> Result<(), Status> {
        let mut request = tonic::Request::new(message);
        if !token.is_empty() {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        ReleasesClient::new(self.channel().await).release(request).await.map(drop)
    }

    /// The customer pays.
    pub(crate) fn confirm(&self, paying: &Paying, card: &str, key: &str) -> Request {
        let customer = self.issuer.renew(&paying.customer);
        self.client
            .as_(&customer)
            .post(&format!("/payments/{}/confirm", paying.id), json!({ "card_number": card }))
            .header("idempotency-key", key)
    }

    /// The provider gives back.
    pub(crate) fn refund(&self, paying: &Paying, body: Value, key: &str) -> Request {
        let provider = self.issuer.renew(&paying.provider);
        self.client
            .as_(&provider)
            .post(&format!("/payments/{}/refund", paying.id), body)
            .header("idempotency-key", key)
    }

    /// The payment as its customer sees it.
    pub(crate) async fn read(&self, paying: &Paying) -> Value {
        let customer = self.issuer.renew(&paying.customer);
        self.client.as_(&customer).get(&format!("/payments/{}", paying.id)).await.expect(200).json()
    }

    /// Waits until the payment's `field` is `value`.
    pub(crate) async fn until(&self, paying: &Paying, field: &str, value: &str) {
        eventually(async || self.read(paying).await[field] == value).await;
    }

    pub(crate) fn new_id(&self) -> String {
        let ambient = self.issuer.ambient();
        identity::uuid_v7(ambient.clock.as_ref(), ambient.entropy.as_ref()).to_string()
    }

    async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.rpc)).unwrap().connect().await.unwrap()
    }
}

pub(crate) fn release_request(appointment_id: &str, refund_minor: i64) -> ReleaseRequest {
    ReleaseRequest { appointment_id: appointment_id.to_owned(), refund_minor, reason: "cancelled".into() }
}

/// Asks again and again until the answer is yes.
pub(crate) async fn eventually(condition: impl AsyncFn() -> bool) {
    let asking = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("it happens in time");
}
