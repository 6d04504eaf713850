CREATE TABLE users (
    user_id BLOB NOT NULL PRIMARY KEY CHECK (length(user_id) = 16),
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    -- Space-separated.
    roles TEXT NOT NULL,
    -- Raised when every token issued before must end.
    version INTEGER NOT NULL DEFAULT 0,
    disabled_at INTEGER,
    registered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    session_id BLOB NOT NULL PRIMARY KEY CHECK (length(session_id) = 16),
    user_id BLOB NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    -- Only the refresh token that carries this number renews the session.
    generation INTEGER NOT NULL DEFAULT 0,
    rotated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    user_agent TEXT,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_of_user ON sessions (user_id, session_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);
