//! `signet.payments.v1.Intents`, asked with the customer's own access token.

use chassis::{Caller, rpc};
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

pub(super) struct Intents {
    pub(super) cashier: Cashier,
    pub(super) verifier: Verifier,
}

#[tonic::async_trait]
impl intents_server::Intents for Intents {
    /// The token is verified again here and means this service too: nobody asks in another's name.
    async fn create(&self, request: Request<CreateIntentRequest>) -> Result<Response<Intent>, Status> {
        let caller: Caller<scope::Payments> = rpc::caller(&self.verifier, request.metadata()).await?;
        let opening = opening(caller.user_id(), request.get_ref())?;
        let payment = self.cashier.open(opening).await.map_err(|problem| rpc::status(&problem))?;
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
