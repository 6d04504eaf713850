CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('next', 'active', 'retiring', 'gone')),
    -- Modulus and exponent, base64url, as they are published.
    modulus TEXT NOT NULL,
    exponent TEXT NOT NULL,
    -- PKCS#8 under the master key; none once the key signs no more.
    sealed_private BLOB,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- However many replicas start at once, one key signs.
CREATE UNIQUE INDEX one_signing_key_is_active ON signing_keys (state) WHERE state = 'active';
