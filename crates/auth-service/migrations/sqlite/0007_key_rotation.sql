CREATE TABLE rotated_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('next', 'active', 'retiring', 'gone', 'revoked')),
    -- Modulus and exponent, base64url, as they are published.
    modulus TEXT NOT NULL,
    exponent TEXT NOT NULL,
    -- PKCS#8 under the master key; none once the key signs no more.
    sealed_private BLOB,
    created_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    -- When it becomes active, or is gone, by itself.
    changes_at INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO rotated_keys (kid, state, modulus, exponent, sealed_private, created_at, since)
    SELECT kid, state, modulus, exponent, sealed_private, created_at, created_at FROM signing_keys;
DROP TABLE signing_keys;
ALTER TABLE rotated_keys RENAME TO signing_keys;

-- However many replicas start or rotate at once, one key signs and one is next.
CREATE UNIQUE INDEX one_signing_key_is_active ON signing_keys (state) WHERE state = 'active';
CREATE UNIQUE INDEX one_signing_key_is_next ON signing_keys (state) WHERE state = 'next';

-- Whoever changes a signing key changes this row; its number tells the other replicas to look.
CREATE TABLE key_ring (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO key_ring (one, version) VALUES (1, 0);

-- Which key or client a deed was about.
ALTER TABLE audit ADD COLUMN name TEXT;
