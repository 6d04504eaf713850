-- Who did what to whom. Ids only: no e-mail address, no secret.
CREATE TABLE audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    action text NOT NULL,
    actor_id uuid,
    subject_id uuid,
    session_id uuid,
    address text,
    trace_id text NOT NULL
);
