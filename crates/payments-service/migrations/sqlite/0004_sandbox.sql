-- The sandbox's own books: the rest of the service never reads them, as it could not read a bank's.
CREATE TABLE sandbox_charges (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    -- Null: approved.
    failure TEXT,
    -- Null: decided at once.
    settles_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sandbox_refunds (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    charge_id BLOB NOT NULL REFERENCES sandbox_charges,
    amount_minor INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
