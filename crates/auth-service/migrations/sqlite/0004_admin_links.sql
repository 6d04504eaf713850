-- A link's secret is derived from the master key and this id: nothing here can be redeemed.
CREATE TABLE admin_links (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
