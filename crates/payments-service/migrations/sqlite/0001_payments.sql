CREATE TABLE payments (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    appointment_id BLOB NOT NULL UNIQUE CHECK (length(appointment_id) = 16),
    customer_id BLOB NOT NULL CHECK (length(customer_id) = 16),
    provider_id BLOB NOT NULL CHECK (length(provider_id) = 16),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('requires_confirmation', 'processing', 'succeeded', 'failed', 'cancelled')),
    failure TEXT,
    -- The booking ended while a charge was under way.
    released INTEGER NOT NULL CHECK (released IN (0, 1)),
    charge_id BLOB CHECK (length(charge_id) = 16),
    card_last_four TEXT CHECK (card_last_four GLOB '[0-9][0-9][0-9][0-9]'),
    -- The last line: whatever the program believes, nobody is given back more than they paid.
    refunded_minor INTEGER NOT NULL CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    -- When something has to be done about it although nobody asks.
    due_at INTEGER,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX payments_by_customer ON payments (customer_id, id);
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE refunds (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    payment_id BLOB NOT NULL REFERENCES payments,
    charge_id BLOB NOT NULL CHECK (length(charge_id) = 16),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    -- Null when a booking's end gave the money back.
    requested_by BLOB CHECK (length(requested_by) = 16),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refunds_by_payment ON refunds (payment_id);

-- Bookings that have ended, each at most once, also those no payment was ever made for.
CREATE TABLE releases (
    appointment_id BLOB NOT NULL PRIMARY KEY CHECK (length(appointment_id) = 16),
    refund_minor INTEGER NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
