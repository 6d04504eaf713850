ALTER TABLE signing_keys DROP CONSTRAINT signing_keys_state_check;
ALTER TABLE signing_keys
    ADD CONSTRAINT signing_keys_state_check CHECK (state IN ('next', 'active', 'retiring', 'gone', 'revoked')),
    ADD COLUMN since timestamptz,
    -- When it becomes active, or is gone, by itself.
    ADD COLUMN changes_at timestamptz;
UPDATE signing_keys SET since = created_at;
ALTER TABLE signing_keys ALTER COLUMN since SET NOT NULL;

-- However many replicas rotate at once, one key is next.
CREATE UNIQUE INDEX one_signing_key_is_next ON signing_keys (state) WHERE state = 'next';

-- Whoever changes a signing key holds this row; its number tells the other replicas to look.
CREATE TABLE key_ring (
    one integer PRIMARY KEY CHECK (one = 1),
    version bigint NOT NULL
);
INSERT INTO key_ring (one, version) VALUES (1, 0);

-- Which key or client a deed was about.
ALTER TABLE audit ADD COLUMN name text;
