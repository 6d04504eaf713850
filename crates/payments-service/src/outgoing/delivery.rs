//! Carrying messages out of the outbox to those they are for.

use std::{error::Error, sync::Arc, time::Duration};

use chassis::{
    client::OwnToken,
    database::Database,
    outbox::{Deliver, Event},
    trace,
};
use prost::Message;
use tokio::time::timeout;
use tonic::{Code, transport::Channel};
use uuid::Uuid;
use wire::appointments::v1::{PaymentOutcome, payment_outcomes_client::PaymentOutcomesClient};

use super::{OUTCOME, REFUND};
use crate::{counters::Counters, domain::RefundId, processor::Processor, store::refunds};

/// What appointments-service's method is called in traces.
const REPORT: &str = "signet.appointments.v1.PaymentOutcomes/Report";
/// How long the processor has to answer.
const PATIENCE: Duration = Duration::from_secs(10);

type Delivered = Result<(), Box<dyn Error + Send + Sync>>;

/// Knows the way to every receiver.
pub(crate) struct Delivery {
    pub(crate) appointments: PaymentOutcomesClient<Channel>,
    /// For appointments-service.
    pub(crate) token: OwnToken,
    pub(crate) processor: Arc<dyn Processor>,
    pub(crate) database: Database,
    pub(crate) counters: Counters,
}

impl Deliver for Delivery {
    async fn deliver(&self, event: &Event) -> Delivered {
        match event.topic.as_str() {
            OUTCOME => self.report(event).await,
            REFUND => self.give_back(event).await,
            topic => {
                tracing::error!(id = %event.id, topic, "a message to nobody");
                Ok(())
            }
        }
    }
}

impl Delivery {
    async fn report(&self, event: &Event) -> Delivered {
        let outcome = PaymentOutcome::decode(event.payload.as_slice())?;
        let report = |request| {
            let mut appointments = self.appointments.clone();
            trace::call(REPORT, request, |request| async move { appointments.report(request).await })
        };
        match self.token.call(outcome, report).await {
            Ok(_) => Ok(()),
            // The message itself is at fault and will be every time.
            Err(status) if status.code() == Code::InvalidArgument => {
                tracing::error!(id = %event.id, %status, "appointments-service does not understand an outcome");
                Ok(())
            }
            Err(status) => Err(status.into()),
        }
    }

    async fn give_back(&self, event: &Event) -> Delivered {
        let id = RefundId(Uuid::from_slice(&event.payload)?);
        let refund = refunds::find(&mut self.database.read().await?, id).await?;
        let Some(refund) = refund else {
            tracing::error!(%id, "a refund is gone");
            return Ok(());
        };
        timeout(PATIENCE, self.processor.give_back(id, refund.charge_id, refund.minor)).await??;
        self.counters.refunded();
        Ok(())
    }
}
