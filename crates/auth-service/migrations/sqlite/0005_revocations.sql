-- What verifiers must refuse although it has not expired. Only ever appended to.
CREATE TABLE revocations (
    -- In the order of commits: the number is taken under the lock of the row below.
    seq INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('session', 'subject', 'token', 'client', 'key')),
    name TEXT NOT NULL,
    -- Of a subject: the least version of tokens that is still accepted.
    least_version INTEGER,
    revoked_at INTEGER NOT NULL,
    -- When every token that it concerns has expired by itself.
    forget_at INTEGER NOT NULL
) STRICT;

CREATE INDEX revocations_by_end ON revocations (forget_at);

-- One row, made at the first start.
CREATE TABLE revocation_log (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    -- Numbers of another epoch mean nothing.
    epoch BLOB NOT NULL CHECK (length(epoch) = 16),
    last_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
