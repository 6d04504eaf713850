-- Who did what to whom. Ids only: no e-mail address, no secret.
CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor_id BLOB,
    subject_id BLOB,
    session_id BLOB,
    address TEXT,
    trace_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
