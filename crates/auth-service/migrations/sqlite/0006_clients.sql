-- Software that acts for itself.
CREATE TABLE clients (
    client_id TEXT NOT NULL PRIMARY KEY,
    -- The `sub` and `sid` of its own tokens.
    subject BLOB NOT NULL UNIQUE CHECK (length(subject) = 16),
    name TEXT NOT NULL,
    -- SHA-256 of a secret of 256 random bits.
    secret_hash BLOB NOT NULL,
    -- What it may ask for, and whom its tokens are meant for; space-separated.
    scopes TEXT NOT NULL,
    audiences TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT, WITHOUT ROWID;
