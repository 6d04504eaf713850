//! Plays appointments-service: a gRPC server that takes outcomes, and may be down at first.

use std::{net::SocketAddr, sync::Arc};

use chassis::rpc;
use identity::scope;
use testkit::Issuer;
use tokio::{
    net::TcpListener,
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::JoinHandle,
    time::timeout,
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};
use verifier::Verifier;
use wire::appointments::v1::{
    PaymentOutcome, ReportAnswer, payment_outcome,
    payment_outcomes_server::{PaymentOutcomes, PaymentOutcomesServer},
};

use crate::app::{PATIENCE, Paying};

/// Outcomes as they arrive.
pub(crate) struct Appointments {
    pub(crate) address: SocketAddr,
    outcomes: UnboundedReceiver<PaymentOutcome>,
    refused: Arc<Notify>,
    up: Arc<Notify>,
    server: JoinHandle<()>,
}

struct Outcomes {
    verifier: Verifier,
    sender: UnboundedSender<PaymentOutcome>,
}

#[tonic::async_trait]
impl PaymentOutcomes for Outcomes {
    async fn report(&self, request: Request<PaymentOutcome>) -> Result<Response<ReportAnswer>, Status> {
        let caller = rpc::caller::<scope::AppointmentsReport>(&self.verifier, request.metadata()).await?;
        assert_eq!((caller.client_id.as_str(), caller.audience.len()), ("payments-service", 1));
        let _ = self.sender.send(request.into_inner());
        Ok(Response::new(ReportAnswer {}))
    }
}

impl Appointments {
    /// Hangs up on everybody until it is [told otherwise](Self::come_up).
    pub(crate) async fn down(issuer: &Issuer) -> Self {
        let verifier = issuer.trust().verifier("appointments", &issuer.ambient()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, outcomes) = unbounded_channel();
        let (refused, up) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let server = tokio::spawn({
            let (refused, up) = (refused.clone(), up.clone());
            async move {
                loop {
                    tokio::select! {
                        accepted = listener.accept() => drop(accepted.unwrap()),
                        () = up.notified() => break,
                    }
                    refused.notify_one();
                }
                let refresh = verifier.clone();
                tokio::spawn(async move { refresh.run().await });
                verifier.until_usable().await;
                let outcomes = PaymentOutcomesServer::new(Outcomes { verifier, sender });
                let incoming = TcpListenerStream::new(listener);
                Server::builder().add_service(outcomes).serve_with_incoming(incoming).await.unwrap();
            }
        });
        Self { address, outcomes, refused, up, server }
    }

    pub(crate) fn come_up(&self) {
        self.up.notify_one();
    }

    /// Returns once somebody was hung up on.
    pub(crate) async fn refused(&self) {
        timeout(PATIENCE, self.refused.notified()).await.expect("somebody calls");
    }

    /// The next outcome must be this.
    pub(crate) async fn expect(&mut self, paying: &Paying, result: payment_outcome::Result) {
        let outcome = timeout(PATIENCE, self.outcomes.recv()).await.expect("an outcome in time").unwrap();
        let expected = PaymentOutcome {
            payment_id: paying.id.clone(),
            appointment_id: paying.appointment_id.clone(),
            result: result.into(),
        };
        assert_eq!(outcome, expected);
    }

    /// Nothing that has arrived is left.
    pub(crate) fn expect_nothing(&mut self) {
        assert!(self.outcomes.try_recv().is_err(), "an outcome too many");
    }
}

impl Drop for Appointments {
    fn drop(&mut self) {
        self.server.abort();
    }
}
