CREATE TABLE profiles (
    user_id BLOB NOT NULL PRIMARY KEY CHECK (length(user_id) = 16),
    display_name TEXT,
    phone TEXT,
    time_zone TEXT,
    locale TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
