-- What callers have asked for under a key of theirs, and what they were answered. Kept for a day.
CREATE TABLE idempotency_keys (
    caller_id BLOB NOT NULL CHECK (length(caller_id) = 16),
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Names this request wherever it leaves traces.
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    -- A keyed hash of what was asked: a plain one of a card's number could be undone by trying.
    fingerprint BLOB NOT NULL,
    -- Counts those who tried to answer; only the last may.
    attempt INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    status INTEGER,
    body BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (caller_id, operation, key),
    CHECK ((status IS NULL) = (body IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
