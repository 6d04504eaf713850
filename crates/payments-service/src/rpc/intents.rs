//! `signet.payments.v1.Intents`, asked with the customer's own access token.

use chassis::{
    Caller, rpc,
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
    pub(super) tracer: Tracer,
}

#[tonic::async_trait]
impl intents_server::Intents for Intents {
    async fn create(&self, request: Request<CreateIntentRequest>) -> Result<Response<Intent>, Status> {
        trace::serve(&self.tracer, CREATE, request.metadata(), self.open(&request)).await
    }
}

impl Intents {
    /// The token is verified again here and means this service too: nobody asks in another's name.
    async fn open(&self, request: &Request<CreateIntentRequest>) -> Result<Response<Intent>, Status> {
        let caller: Caller<scope::Payments> = rpc::caller(&self.verifier, request.metadata()).await?;
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
