CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('next', 'active', 'retiring', 'gone')),
    -- Modulus and exponent, base64url, as they are published.
    modulus text NOT NULL,
    exponent text NOT NULL,
    -- PKCS#8 under the master key; none once the key signs no more.
    sealed_private bytea,
    created_at timestamptz NOT NULL
);

-- However many replicas start at once, one key signs.
CREATE UNIQUE INDEX one_signing_key_is_active ON signing_keys (state) WHERE state = 'active';
