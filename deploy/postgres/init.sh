#!/usr/bin/env bash
# Runs once, on an empty data folder: for each service a role that can log in and nothing else, and a database
# that it owns and no other role may enter. The password goes from its file to the server through psql's own
# reading of it, so it is in no argument list.
set -euo pipefail

for service in auth users appointments payments; do
    SERVICE=$service psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set service="$service" <<'SQL'
\set password `cat "/secrets/$SERVICE"`
CREATE ROLE :"service" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
