//! `signet.payments.v1.Releases`, asked by appointments-service in its own name.

use chassis::{
    rpc,
    trace::{self, Tracer},
};
use identity::scope;
use tonic::{Request, Response, Status};
use verifier::Verifier;
use wire::payments::v1::{ReleaseAnswer, ReleaseRequest, releases_server};

use super::{invalid, parse, shortened};
use crate::cashier::{Cashier, Release};

/// What the method is called in traces.
const RELEASE: &str = "signet.payments.v1.Releases/Release";

pub(super) struct Releases {
    pub(super) cashier: Cashier,
    pub(super) verifier: Verifier,
    pub(super) tracer: Tracer,
}

#[tonic::async_trait]
impl releases_server::Releases for Releases {
    async fn release(&self, request: Request<ReleaseRequest>) -> Result<Response<ReleaseAnswer>, Status> {
        let metadata = request.metadata().clone();
        trace::serve(&self.tracer, RELEASE, &metadata, self.carry_out(request)).await
    }
}

impl Releases {
    async fn carry_out(&self, request: Request<ReleaseRequest>) -> Result<Response<ReleaseAnswer>, Status> {
        // Only appointments-service is granted this scope.
        rpc::caller::<scope::PaymentsRelease>(&self.verifier, request.metadata()).await?;
        let ReleaseRequest { appointment_id, refund_minor, reason } = request.into_inner();
        if refund_minor < 0 {
            return Err(invalid("refund_minor", "must not be negative"));
        }
        let appointment_id = parse("appointment_id", &appointment_id)?;
        let release = Release { appointment_id, refund_minor, reason: shortened(&reason) };
        self.cashier.release(&release).await.map_err(|error| rpc::status(&error.into()))?;
        Ok(Response::new(ReleaseAnswer {}))
    }
}
