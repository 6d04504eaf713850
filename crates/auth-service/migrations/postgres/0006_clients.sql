-- Software that acts for itself.
CREATE TABLE clients (
    client_id text PRIMARY KEY,
    -- The `sub` and `sid` of its own tokens.
    subject uuid NOT NULL UNIQUE,
    name text NOT NULL,
    -- SHA-256 of a secret of 256 random bits.
    secret_hash bytea NOT NULL,
    -- What it may ask for, and whom its tokens are meant for; space-separated.
    scopes text NOT NULL,
    audiences text NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);
