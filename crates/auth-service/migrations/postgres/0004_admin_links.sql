-- A link's secret is derived from the master key and this id: nothing here can be redeemed.
CREATE TABLE admin_links (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
