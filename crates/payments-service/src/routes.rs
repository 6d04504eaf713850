//! The route table.

use std::sync::Arc;

use actix_web::web::Data;
use chassis::http::{Mount, Routes};

use crate::{
    cashier::Cashier,
    handlers::{
        confirm_payment::confirm_payment, list_payments::list_payments, read_payment::read_payment,
        refund_payment::refund_payment,
    },
    idempotency::Idempotency,
};

/// Everything under `/payments`.
pub(crate) fn routes(mount: Mount, cashier: Cashier, idempotency: Idempotency) -> Routes {
    let (cashier, idempotency) = (Data::new(cashier), Data::new(idempotency));
    Arc::new(move |config| {
        mount.under("/payments", config, |config| {
            config.app_data(cashier.clone()).app_data(idempotency.clone());
            config.service(list_payments).service(read_payment);
            config.service(confirm_payment).service(refund_payment);
        });
    })
}
