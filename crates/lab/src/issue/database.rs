//! The databases on which the issuer is measured. Where next: `program`.

use std::{fmt, path::Path, process::Command};

use url::Url;

use crate::Outcome;

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine<'s> {
    Sqlite,
    /// At the server of this URL, as whom it names.
    Postgres(&'s Url),
}

impl fmt::Display for Engine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Sqlite { "SQLite" } else { "PostgreSQL" })
    }
}

impl Engine<'_> {
    /// The URL of a new database that is empty.
    pub(crate) fn create(self, folder: &Path) -> Outcome<String> {
        match self {
            Self::Sqlite => Ok(format!("sqlite:{}", folder.join("auth.db").display())),
            Self::Postgres(server) => create_at(server.clone()),
        }
    }
}

fn create_at(mut server: Url) -> Outcome<String> {
    let name = format!("lab_{}", std::process::id());
    let created = Command::new("psql")
        .args(["--quiet", "--no-psqlrc", "--command", &format!("CREATE DATABASE {name}")])
        .envs([("PGUSER", server.username()), ("PGPASSWORD", server.password().unwrap_or_default())])
        .env("PGHOST", server.host_str().unwrap_or_default())
        .env("PGPORT", server.port().unwrap_or(5432).to_string())
        .env("PGDATABASE", "postgres")
        .status()?;
    if !created.success() {
        return Err("psql cannot create a database".into());
    }
    server.set_path(&name);
    Ok(server.into())
}
