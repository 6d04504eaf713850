//! The folder that holds everything one process keeps: databases and the secrets made on the first start.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use identity::Entropy;

/// A folder only its owner may enter.
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// Makes the folder unless it is there.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let explain = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(explain)?;
        Ok(Self(path.to_owned()))
    }

    /// The URL of the database called `name`.
    pub(crate) fn database_url(&self, name: &str) -> String {
        format!("sqlite:{}", self.0.join(name).with_extension("db").display())
    }

    /// The folder in which the service called `name` keeps the issuer's public keys.
    pub(crate) fn keys(&self, name: &str) -> String {
        self.0.join("keys").join(name).display().to_string()
    }

    /// The file that holds the secret called `name`: 32 random bytes in base64, made if there is none. Refused
    /// when anybody but its owner may read it.
    pub(crate) fn secret(&self, name: &str, entropy: &dyn Entropy) -> io::Result<PathBuf> {
        let path = self.0.join(name).with_extension("key");
        if !path.exists() {
            self.make_secret(&path, entropy)?;
        }
        let mode = fs::metadata(&path)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let problem = format!("{} is open to others (mode {mode:o}): chmod 600 it", path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, problem));
        }
        Ok(path)
    }

    /// Written aside and linked into place: a crash leaves the whole secret or none, and of two starts at once
    /// the first one's secret stays.
    fn make_secret(&self, path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
        let (mut secret, mut suffix) = ([0; 32], [0; 8]);
        entropy.fill(&mut secret);
        entropy.fill(&mut suffix);
        let aside = self.0.join(format!("new-{:016x}", u64::from_be_bytes(suffix)));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
        file.write_all(BASE64_STANDARD.encode(secret).as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&aside, path);
        fs::remove_file(&aside)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use identity::SystemEntropy;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_closed_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(&folder.path().join("data")).unwrap();
        let path = data.secret("master", &SystemEntropy).unwrap();
        let made = fs::read_to_string(&path).unwrap();
        assert_eq!(BASE64_STANDARD.decode(&made).unwrap().len(), 32);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&data.0).unwrap().permissions().mode() & 0o777, 0o700);
        data.secret("master", &SystemEntropy).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), made);
        assert_eq!(fs::read_dir(&data.0).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_secret_open_to_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let path = data.secret("master", &SystemEntropy).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(data.secret("master", &SystemEntropy).unwrap_err().to_string().contains("chmod 600"));
    }
}
