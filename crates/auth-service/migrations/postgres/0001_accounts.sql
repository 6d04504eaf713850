CREATE TABLE users (
    user_id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    -- Space-separated.
    roles text NOT NULL,
    -- Raised when every token issued before must end.
    version bigint NOT NULL DEFAULT 0,
    disabled_at timestamptz,
    registered_at timestamptz NOT NULL
);

CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    -- Only the refresh token that carries this number renews the session.
    generation bigint NOT NULL DEFAULT 0,
    rotated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    user_agent text,
    address text NOT NULL
);

CREATE INDEX sessions_of_user ON sessions (user_id, session_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);
