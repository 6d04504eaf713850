//! What payments-service tells: how the payment of a booking ended. See `proto/signet/appointments`.

use chassis::{
    problem::{Problem, codes},
    rpc,
    trace::{self, Tracer},
};
use identity::scope;
use tonic::{Request, Response, Status, service::Routes};
use uuid::Uuid;
use verifier::Verifier;
use wire::appointments::v1::{
    PaymentOutcome, ReportAnswer,
    payment_outcome::Result as Ended,
    payment_outcomes_server::{PaymentOutcomes, PaymentOutcomesServer},
};

use crate::{
    calendar::Calendar,
    domain::{AppointmentId, Outcome},
};

/// What the method is called in traces.
const METHOD: &str = "signet.appointments.v1.PaymentOutcomes/Report";
/// Two ids and a number take far less.
const LARGEST_MESSAGE: usize = 4 * 1024;

struct Reports {
    calendar: Calendar,
    verifier: Verifier,
    tracer: Tracer,
}

/// The gRPC methods of this service.
pub(crate) fn routes(calendar: Calendar, verifier: Verifier, tracer: Tracer) -> Routes {
    let server = PaymentOutcomesServer::new(Reports { calendar, verifier, tracer });
    Routes::new(server.max_decoding_message_size(LARGEST_MESSAGE))
}

#[tonic::async_trait]
impl PaymentOutcomes for Reports {
    async fn report(&self, request: Request<PaymentOutcome>) -> Result<Response<ReportAnswer>, Status> {
        trace::serve(&self.tracer, METHOD, request.metadata(), self.take(&request)).await
    }
}

impl Reports {
    async fn take(&self, request: &Request<PaymentOutcome>) -> Result<Response<ReportAnswer>, Status> {
        // Only payments-service is granted this scope.
        rpc::caller::<scope::AppointmentsReport>(&self.verifier, request.metadata()).await?;
        let (appointment, payment, outcome) =
            read(request.get_ref()).ok_or_else(|| rpc::status(&Problem::new(&codes::VALIDATION_FAILED)))?;
        trace::set("signet.appointment.id", appointment.0);
        let settled = self.calendar.settle(appointment, payment, outcome).await;
        settled.map_err(|problem| rpc::status(&problem))?;
        Ok(Response::new(ReportAnswer {}))
    }
}

fn read(message: &PaymentOutcome) -> Option<(AppointmentId, Uuid, Outcome)> {
    let outcome = match message.result() {
        Ended::Succeeded => Outcome::Succeeded,
        Ended::Cancelled => Outcome::Cancelled,
        Ended::Unspecified => return None,
    };
    Some((message.appointment_id.parse().ok()?, message.payment_id.parse().ok()?, outcome))
}
