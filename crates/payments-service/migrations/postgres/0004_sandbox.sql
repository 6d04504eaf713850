-- The sandbox's own books: the rest of the service never reads them, as it could not read a bank's.
CREATE TABLE sandbox_charges (
    id uuid PRIMARY KEY,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    -- Null: approved.
    failure text,
    -- Null: decided at once.
    settles_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE TABLE sandbox_refunds (
    id uuid PRIMARY KEY,
    charge_id uuid NOT NULL REFERENCES sandbox_charges,
    amount_minor bigint NOT NULL,
    created_at timestamptz NOT NULL
);
