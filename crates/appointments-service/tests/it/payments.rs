//! A payments-service that does as it is told, on a real port.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use chassis::{Ambient, Shutdown, rpc, rpc::RpcServer};
use identity::{scope, uuid_v7};
use testkit::Issuer;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};
use tonic::{Code, Request, Response, Status, service::Routes};
use uuid::Uuid;
use verifier::{Verified, Verifier};
use wire::{
    appointments::v1::{PaymentOutcome, payment_outcomes_client::PaymentOutcomesClient},
    payments::v1::{
        CreateIntentRequest, Intent, ReleaseAnswer, ReleaseRequest,
        intents_server::{Intents, IntentsServer},
        releases_server::{Releases, ReleasesServer},
    },
};

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What it answers when asked for an intent.
#[derive(Clone, Copy)]
pub(crate) enum Mood {
    /// The payment.
    Willing,
    /// That it cannot be had now.
    Unwilling,
    /// Nothing, ever.
    Silent,
}

/// A request for an intent, with what the token says that came along.
pub(crate) struct Asked {
    pub(crate) token: Verified,
    pub(crate) request: CreateIntentRequest,
}

pub(crate) struct Payments {
    pub(crate) address: SocketAddr,
    desk: Desk,
    released: tokio::sync::Mutex<UnboundedReceiver<ReleaseRequest>>,
    shutdown: Shutdown,
}

#[derive(Clone)]
struct Desk {
    ambient: Ambient,
    verifier: Verifier,
    mood: Arc<Mutex<Mood>>,
    payments: Arc<Mutex<HashMap<String, Uuid>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    releases: UnboundedSender<ReleaseRequest>,
}

impl Payments {
    pub(crate) async fn start(issuer: &Issuer) -> Self {
        let ambient = issuer.ambient();
        let verifier = issuer.trust().verifier("payments", &ambient).unwrap();
        let refresh = verifier.clone();
        tokio::spawn(async move { refresh.run().await });
        let server = RpcServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let (address, shutdown) = (server.address().unwrap(), Shutdown::new());
        let (sender, receiver) = unbounded_channel();
        let mood = Arc::new(Mutex::new(Mood::Willing));
        let (payments, asked) = (Arc::default(), Arc::default());
        let desk = Desk { ambient, verifier, mood, payments, asked, releases: sender };
        let routes =
            Routes::new(IntentsServer::new(desk.clone())).add_service(ReleasesServer::new(desk.clone()));
        tokio::spawn(server.serve(routes, shutdown.clone()));
        Self { address, desk, released: tokio::sync::Mutex::new(receiver), shutdown }
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.desk.mood.lock().unwrap() = mood;
    }

    /// The requests for intents since this was last asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.desk.asked.lock().unwrap())
    }

    /// The next release that arrives: whose, and how much comes back.
    pub(crate) async fn released(&self) -> (String, i64) {
        let release = timeout(PATIENCE, async { self.released.lock().await.recv().await }).await;
        let release = release.unwrap().unwrap();
        assert!(!release.reason.is_empty());
        (release.appointment_id, release.refund_minor)
    }

    /// Whether a release has arrived that nobody has asked about.
    pub(crate) async fn has_released(&self) -> bool {
        self.released.lock().await.try_recv().is_ok()
    }

    /// Tells the service at `rpc` how a payment ended, with this token.
    pub(crate) async fn report(&self, rpc: SocketAddr, token: &str, outcome: PaymentOutcome) -> Code {
        let mut request = Request::new(outcome);
        if !token.is_empty() {
            request.metadata_mut().insert("authorization", rpc::bearer(token).unwrap());
        }
        let channel = rpc::connect(&format!("http://{rpc}").parse().unwrap()).unwrap();
        let answer = PaymentOutcomesClient::new(channel).report(request).await;
        answer.map_or_else(|status| status.code(), |_| Code::Ok)
    }
}

impl Drop for Payments {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

#[tonic::async_trait]
impl Intents for Desk {
    async fn create(&self, request: Request<CreateIntentRequest>) -> Result<Response<Intent>, Status> {
        let token = request.metadata().get("authorization").unwrap().to_str().unwrap();
        self.verifier.until_usable().await;
        let token = self.verifier.verify(token.strip_prefix("Bearer ").unwrap()).await.unwrap();
        let request = request.into_inner();
        let appointment = request.appointment_id.clone();
        self.asked.lock().unwrap().push(Asked { token, request });
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Unwilling => return Err(Status::unavailable("unavailable")),
            Mood::Silent => std::future::pending().await,
            Mood::Willing => {}
        }
        let fresh = || uuid_v7(self.ambient.clock.as_ref(), self.ambient.entropy.as_ref());
        let payment = *self.payments.lock().unwrap().entry(appointment).or_insert_with(fresh);
        let status = "requires_confirmation".to_owned();
        Ok(Response::new(Intent { payment_id: payment.to_string(), status }))
    }
}

#[tonic::async_trait]
impl Releases for Desk {
    async fn release(&self, request: Request<ReleaseRequest>) -> Result<Response<ReleaseAnswer>, Status> {
        self.verifier.until_usable().await;
        rpc::caller::<scope::PaymentsRelease>(&self.verifier, request.metadata()).await?;
        self.releases.send(request.into_inner()).unwrap();
        Ok(Response::new(ReleaseAnswer {}))
    }
}
