CREATE TABLE samples (
    id BLOB PRIMARY KEY NOT NULL,
    flag INTEGER,
    number INTEGER,
    words TEXT,
    bytes BLOB,
    at INTEGER
) STRICT;

CREATE TABLE outbox (
    id BLOB PRIMARY KEY NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    traceparent TEXT
) STRICT;
