//! The problems that only this service has.

chassis::problem_codes! {
    IDEMPOTENCY_KEY_MISSING = 400 "idempotency_key_missing" "An Idempotency-Key header is needed";
    IDEMPOTENCY_KEY_INVALID = 400 "idempotency_key_invalid" "The Idempotency-Key header cannot be used";
    CARD_DECLINED = 402 "card_declined" "The card was declined";
    INSUFFICIENT_FUNDS = 402 "insufficient_funds" "There is not enough money on the card's account";
    PROCESSING_ERROR = 402 "processing_error" "The charge was lost on its way and nothing was taken";
    IDEMPOTENCY_IN_FLIGHT = 409 "idempotency_in_flight" "The same request is being answered already";
    PAYMENT_NOT_CONFIRMABLE = 409 "payment_not_confirmable" "The payment cannot be paid now";
    PAYMENT_NOT_REFUNDABLE = 409 "payment_not_refundable" "There is nothing to give back";
    CARD_UNKNOWN = 422 "card_unknown" "The sandbox knows no such card";
    IDEMPOTENCY_KEY_REUSED = 422 "idempotency_key_reused" "The Idempotency-Key was used for another request";
    REFUND_EXCEEDS_PAYMENT = 422 "refund_exceeds_payment" "More cannot be given back than was paid";
}
