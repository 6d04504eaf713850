CREATE TABLE payments (
    id uuid PRIMARY KEY,
    appointment_id uuid NOT NULL UNIQUE,
    customer_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    description text NOT NULL,
    status text NOT NULL
        CHECK (status IN ('requires_confirmation', 'processing', 'succeeded', 'failed', 'cancelled')),
    failure text,
    -- The booking ended while a charge was under way.
    released boolean NOT NULL,
    charge_id uuid,
    card_last_four text CHECK (card_last_four ~ '^[0-9]{4}$'),
    -- The last line: whatever the program believes, nobody is given back more than they paid.
    refunded_minor bigint NOT NULL CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    -- When something has to be done about it although nobody asks.
    due_at timestamptz,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX payments_by_customer ON payments (customer_id, id);
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE refunds (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments,
    charge_id uuid NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    -- Null when a booking's end gave the money back.
    requested_by uuid,
    created_at timestamptz NOT NULL
);
CREATE INDEX refunds_by_payment ON refunds (payment_id);

-- Bookings that have ended, each at most once, also those no payment was ever made for.
CREATE TABLE releases (
    appointment_id uuid PRIMARY KEY,
    refund_minor bigint NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL
);
