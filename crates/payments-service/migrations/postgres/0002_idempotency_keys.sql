-- What callers have asked for under a key of theirs, and what they were answered. Kept for a day.
CREATE TABLE idempotency_keys (
    caller_id uuid NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    -- Names this request wherever it leaves traces.
    id uuid NOT NULL UNIQUE,
    -- A keyed hash of what was asked: a plain one of a card's number could be undone by trying.
    fingerprint bytea NOT NULL,
    -- Counts those who tried to answer; only the last may.
    attempt bigint NOT NULL,
    leased_until timestamptz NOT NULL,
    status bigint,
    body bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (caller_id, operation, key),
    CHECK ((status IS NULL) = (body IS NULL))
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
