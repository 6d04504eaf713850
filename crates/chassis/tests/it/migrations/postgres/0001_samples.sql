CREATE TABLE samples (
    id uuid PRIMARY KEY,
    flag boolean,
    number bigint,
    words text,
    bytes bytea,
    at timestamptz
);

CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    topic text NOT NULL,
    payload bytea NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts bigint NOT NULL,
    traceparent text
);
