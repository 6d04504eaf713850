//! One operation a file: what it takes, what it answers, what it does.

mod card_text;
pub(crate) mod confirm_payment;
pub(crate) mod list_payments;
mod payment_body;
pub(crate) mod read_payment;
pub(crate) mod refund_payment;

pub(crate) use payment_body::PaymentBody;
