CREATE TABLE profiles (
    user_id uuid PRIMARY KEY,
    display_name text,
    phone text,
    time_zone text,
    locale text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
