-- Equality beside overlap in one exclusion constraint. A trusted extension: the database's owner may create it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE providers (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    time_zone text NOT NULL,
    -- JSON, by weekday: read and written as a whole, never searched.
    opening_hours text NOT NULL,
    free_until_hours bigint NOT NULL CHECK (free_until_hours >= 0),
    late_refund_percent bigint NOT NULL CHECK (late_refund_percent BETWEEN 0 AND 100),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE offerings (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES providers (id),
    name text NOT NULL,
    minutes bigint NOT NULL CHECK (minutes > 0),
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    currency text NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX offerings_of_provider ON offerings (provider_id, id);

CREATE TABLE appointments (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES providers (id),
    customer_id uuid NOT NULL,
    offering_id uuid NOT NULL REFERENCES offerings (id),
    offering_name text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending_payment', 'confirmed', 'lapsed', 'cancelled')),
    hold_expires_at timestamptz CHECK (hold_expires_at IS NOT NULL OR status <> 'pending_payment'),
    payment_id uuid,
    paid_at timestamptz,
    free_until_hours bigint NOT NULL,
    late_refund_percent bigint NOT NULL,
    free_until timestamptz NOT NULL,
    refund_minor bigint CHECK (refund_minor BETWEEN 0 AND price_minor),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- The last line: whoever books holds the provider's row and has looked before, so this never has to refuse.
    CONSTRAINT appointments_apart EXCLUDE USING gist (
        provider_id WITH =,
        tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (status IN ('pending_payment', 'confirmed'))
);

-- What each party lists, and what the sweeper looks for.
CREATE INDEX appointments_of_provider ON appointments (provider_id, id);
CREATE INDEX appointments_of_customer ON appointments (customer_id, id);
CREATE INDEX appointments_held ON appointments (hold_expires_at) WHERE status = 'pending_payment';

-- What a booking looks at.
CREATE INDEX appointments_live ON appointments (provider_id, starts_at)
    WHERE status IN ('pending_payment', 'confirmed');

CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    topic text NOT NULL,
    payload bytea NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts bigint NOT NULL
);

CREATE INDEX outbox_due ON outbox (next_attempt_at);
