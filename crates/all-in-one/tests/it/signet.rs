//! `signet up` on free ports, with a data folder of its own.

use std::path::Path;

use tempfile::TempDir;
use testkit::Client;

use crate::process::{Process, free_port};

/// A running system.
pub(crate) struct Signet {
    pub(crate) process: Process,
    pub(crate) base_url: String,
    pub(crate) environment: Vec<(String, String)>,
    folder: TempDir,
}

impl Signet {
    /// Starts one on an empty folder.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, [])
    }

    /// The same, with further settings.
    pub(crate) fn start_with<const N: usize>(arguments: &[&str], settings: [(String, String); N]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut environment = environment(folder.path());
        environment.extend(settings);
        let (process, base_url) = up(arguments, &environment);
        Self { process, base_url, environment, folder }
    }

    /// Starts it again on the same folder and ports, after it has ended.
    pub(crate) fn start_again(self) -> Self {
        self.start_again_with(&[])
    }

    /// The same, with arguments.
    pub(crate) fn start_again_with(self, arguments: &[&str]) -> Self {
        let Self { process, environment, folder, .. } = self;
        drop(process);
        let (process, base_url) = up(arguments, &environment);
        Self { process, base_url, environment, folder }
    }

    /// Calls it through the gateway.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.base_url)
    }

    /// Where it keeps everything.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The secret of the link it printed for the first administrator.
    pub(crate) fn admin_secret(&self) -> String {
        let output = self.process.output();
        let link = output.split_once("/auth/admin/claim#").expect("a link for the first administrator").1;
        link.split_whitespace().next().unwrap().to_owned()
    }
}

fn up(arguments: &[&str], environment: &[(String, String)]) -> (Process, String) {
    let arguments: Vec<_> = std::iter::once("up").chain(arguments.iter().copied()).collect();
    let mut process = Process::start("signet", &arguments, environment);
    let base_url = process.wait_for(|output| {
        let (_, rest) = output.split_once("Documentation: ")?;
        let (link, _) = rest.split_once("/docs/\n")?;
        Some(link.to_owned())
    });
    (process, base_url)
}

/// Settings that keep a system to itself.
pub(crate) fn environment(folder: &Path) -> Vec<(String, String)> {
    let listen = ["SIGNET_LISTEN", "AUTH_LISTEN", "USERS_LISTEN", "APPOINTMENTS_LISTEN", "PAYMENTS_LISTEN"];
    let rpc = ["AUTH_RPC_LISTEN", "APPOINTMENTS_RPC_LISTEN", "PAYMENTS_RPC_LISTEN"];
    let ports =
        listen.into_iter().chain(rpc).map(|name| (name.to_owned(), format!("127.0.0.1:{}", free_port())));
    let folder = ("SIGNET_DATA_DIR".to_owned(), folder.display().to_string());
    let filter = ("LOG_FILTER".to_owned(), "debug".to_owned());
    ports.chain([folder, filter]).collect()
}
