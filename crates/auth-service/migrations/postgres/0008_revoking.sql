-- Whether something was revoked is asked by its name.
CREATE INDEX revocations_by_name ON revocations (kind, name);

-- Raised when every token that a client was given before must end.
ALTER TABLE clients ADD COLUMN version bigint NOT NULL DEFAULT 0;

-- A name that was given up is not given again: tokens of that name are refused.
ALTER TABLE clients ADD COLUMN removed_at timestamptz;
