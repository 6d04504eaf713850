//! The measured server as a process of its own. Where next: `load`, what it is given to do.

use std::{
    env,
    io::{BufRead, BufReader},
    net::SocketAddr,
    num::ParseIntError,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use url::Url;
use verifier::testing::Issuer;

use crate::{
    Outcome,
    machine::{self, ProcessTime},
    mint::{self, PublicKey},
    serve::Door,
};

/// A running server, until it is dropped.
pub(crate) struct Server {
    process: Child,
    time: ProcessTime,
    /// One for each door.
    addresses: Vec<SocketAddr>,
}

impl Server {
    /// Starts one that trusts `issuer`; returns when it is ready.
    pub(crate) fn start(issuer: &Issuer, jwks_url: &Url, hurry: u32) -> Outcome<Self> {
        let key = PublicKey::of(issuer)?;
        let mut process = Command::new(env::current_exe()?)
            .args(["serve", "--issuer", issuer.url(), "--audience", mint::AUDIENCE])
            .args(["--jwks-url", jwks_url.as_str(), "--hurry", &hurry.to_string()])
            // One word each: base64url may begin with a dash.
            .args([format!("--modulus={}", key.n), format!("--exponent={}", key.e)])
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take();
        let time = ProcessTime::of(process.id());
        let mut server = Self { process, time, addresses: Vec::new() };
        let mut ports = String::new();
        BufReader::new(output.ok_or("the server has no output")?).read_line(&mut ports)?;
        let address = |port: &str| Ok::<_, ParseIntError>(([127, 0, 0, 1], port.parse()?).into());
        server.addresses = ports.split_whitespace().map(address).collect::<Result<_, _>>()?;
        Ok(server)
    }

    pub(crate) fn address(&self, door: Door) -> Outcome<SocketAddr> {
        Ok(*self.addresses.get(door as usize).ok_or("the server has not started")?)
    }

    /// The time it has spent on its processor, once it has come to rest.
    pub(crate) fn time(&self) -> Outcome<Duration> {
        thread::sleep(Duration::from_millis(2));
        self.time.so_far()
    }

    /// Its memory, in KiB.
    pub(crate) fn resident(&self) -> Outcome<u64> {
        machine::resident(self.process.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Whether it had ended already does not matter.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
