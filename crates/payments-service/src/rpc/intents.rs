//! `signet.payments.v1.Intents`, asked by appointments-service for a customer, whose own token would not do.

use chassis::{
    Caller,
    problem::{Problem, codes},
    rpc,
    trace::{self, Tracer},
};
use identity::{UserId, scope};
use jiff::Timestamp;
use tonic::{Request, Response, Status};
use verifier::Verifier;
use wire::payments::v1::{CreateIntentRequest, Intent, intents_server};

use super::{invalid, parse, shortened};
use crate::{
    cashier::{Cashier, Opening},
    domain::Money,
};

/// What the method is called in traces.
const CREATE: &str = "signet.payments.v1.Intents/Create";

pub(super) struct Intents {
    pub(super) cashier: Cashier,
    pub(super) verifier: Verifier,
    /// Who alone may ask.
    pub(super) client: String,
    pub(super) tracer: Tracer,
}

#[tonic::async_trait]
impl intents_server::Intents for Intents {
    async fn create(&self, request: Request<CreateIntentRequest>) -> Result<Response<Intent>, Status> {
        trace::serve(&self.tracer, CREATE, request.metadata(), self.open(&request)).await
    }
}

impl Intents {
    /// The customer is whoever the token speaks for, and what is to be paid is not theirs to say: so it must come from
    /// the one who takes bookings, and name it as the actor.
    async fn open(&self, request: &Request<CreateIntentRequest>) -> Result<Response<Intent>, Status> {
        let caller: Caller<scope::Payments> = rpc::caller(&self.verifier, request.metadata()).await?;
        if caller.actor.as_ref().is_none_or(|actor| actor.client_id != self.client) {
            return Err(rpc::status(&Problem::new(&codes::FORBIDDEN)));
        }
        let opening = opening(caller.user_id(), request.get_ref())?;
        let payment = self.cashier.open(opening).await.map_err(|problem| rpc::status(&problem))?;
        trace::set("signet.payment.id", payment.id.0);
        Ok(Response::new(Intent {
            payment_id: payment.id.to_string(),
            status: payment.state.status().to_string(),
        }))
    }
}

fn opening(customer_id: UserId, request: &CreateIntentRequest) -> Result<Opening, Status> {
    let currency = parse("currency", &request.currency)?;
    let amount =
        Money::parse(request.amount_minor, currency).map_err(|error| invalid("amount_minor", error))?;
    let expires_at = Timestamp::from_second(request.expires_at);
    Ok(Opening {
        appointment_id: parse("appointment_id", &request.appointment_id)?,
        customer_id,
        provider_id: parse("provider_id", &request.provider_id)?,
        amount,
        description: shortened(&request.description),
        expires_at: expires_at.map_err(|error| invalid("expires_at", error))?,
    })
}
