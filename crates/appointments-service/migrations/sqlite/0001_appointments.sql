CREATE TABLE providers (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    -- JSON, by weekday: read and written as a whole, never searched.
    opening_hours TEXT NOT NULL,
    free_until_hours INTEGER NOT NULL CHECK (free_until_hours >= 0),
    late_refund_percent INTEGER NOT NULL CHECK (late_refund_percent BETWEEN 0 AND 100),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE offerings (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    provider_id BLOB NOT NULL REFERENCES providers (id),
    name TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes > 0),
    price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
    currency TEXT NOT NULL,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX offerings_of_provider ON offerings (provider_id, id);

CREATE TABLE appointments (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    provider_id BLOB NOT NULL REFERENCES providers (id),
    customer_id BLOB NOT NULL,
    offering_id BLOB NOT NULL REFERENCES offerings (id),
    offering_name TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at > starts_at),
    price_minor INTEGER NOT NULL CHECK (price_minor >= 0),
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending_payment', 'confirmed', 'lapsed', 'cancelled')),
    hold_expires_at INTEGER CHECK (hold_expires_at IS NOT NULL OR status <> 'pending_payment'),
    payment_id BLOB,
    paid_at INTEGER,
    free_until_hours INTEGER NOT NULL,
    late_refund_percent INTEGER NOT NULL,
    free_until INTEGER NOT NULL,
    refund_minor INTEGER CHECK (refund_minor BETWEEN 0 AND price_minor),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a booking looks at, what each party lists, and what the sweeper looks for.
CREATE INDEX appointments_live ON appointments (provider_id, starts_at)
    WHERE status IN ('pending_payment', 'confirmed');
CREATE INDEX appointments_of_provider ON appointments (provider_id, id);
CREATE INDEX appointments_of_customer ON appointments (customer_id, id);
CREATE INDEX appointments_held ON appointments (hold_expires_at) WHERE status = 'pending_payment';

CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (next_attempt_at);
