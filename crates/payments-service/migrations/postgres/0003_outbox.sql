CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    topic text NOT NULL,
    payload bytea NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts bigint NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_attempt_at);
