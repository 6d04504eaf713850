-- What verifiers must refuse although it has not expired. Only ever appended to.
CREATE TABLE revocations (
    -- In the order of commits: the number is taken under the lock of the row below.
    seq bigint PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('session', 'subject', 'token', 'client', 'key')),
    name text NOT NULL,
    -- Of a subject: the least version of tokens that is still accepted.
    least_version bigint,
    revoked_at timestamptz NOT NULL,
    -- When every token that it concerns has expired by itself.
    forget_at timestamptz NOT NULL
);

CREATE INDEX revocations_by_end ON revocations (forget_at);

-- One row, made at the first start.
CREATE TABLE revocation_log (
    one integer PRIMARY KEY CHECK (one = 1),
    -- Numbers of another epoch mean nothing.
    epoch uuid NOT NULL,
    last_seq bigint NOT NULL
);
