-- A JSON Web Key by which the client shows who it is; then its secret_hash is that of a secret which nobody knows.
ALTER TABLE clients ADD COLUMN public_key text;

-- Assertions that were presented: each is taken once, by whichever replica.
CREATE TABLE client_assertions (
    client_id text NOT NULL,
    jti text NOT NULL,
    -- When it has expired by itself.
    forget_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, jti)
);

CREATE INDEX client_assertions_by_end ON client_assertions (forget_at);
