//! auth-service as a process of its own. Where next: `people`.

use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::database::Engine;
use crate::{
    Outcome,
    load::{Connection, Waiting},
    machine::{self, ProcessTime},
};

/// Whoever has not started by then does not.
const PATIENCE: Duration = Duration::from_mins(1);
/// Only for so long as it is measured, and by nobody else.
const MASTER_KEY: &str = "c2lnbmV0LWxhYi1zaWduZXQtbGFiLXNpZ25ldC1sYWI=";

/// Where it may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the first processor, with one thread for requests.
    OneProcessor,
    /// As it does by itself.
    Anywhere,
}

/// The issuer, until it is dropped.
pub(crate) struct Program {
    process: Child,
    time: ProcessTime,
    address: SocketAddr,
    environment: Vec<(&'static str, String)>,
    /// With all it has stored.
    folder: PathBuf,
}

impl Program {
    /// Starts it on a new database; returns when it is ready and at rest.
    pub(crate) fn start(engine: Engine<'_>, place: Place) -> Outcome<Self> {
        let folder = env::temp_dir().join(format!("signet-lab-{}-{engine}", std::process::id()));
        fs::create_dir(&folder)?;
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let unlimited = || "1000000/1s burst 100000".to_owned();
        let mut environment = vec![
            ("AUTH_LISTEN", address.to_string()),
            ("AUTH_RPC_LISTEN", "127.0.0.1:0".to_owned()),
            ("AUTH_ISSUER", "https://auth.example".to_owned()),
            ("AUTH_DATABASE_URL", engine.create(&folder)?),
            ("AUTH_MASTER_KEY", MASTER_KEY.to_owned()),
            ("AUTH_REGISTER_LIMIT_ADDRESS", unlimited()),
            ("AUTH_LOGIN_LIMIT_ADDRESS", unlimited()),
            ("AUTH_LOGIN_LIMIT_PAIR", unlimited()),
            ("AUTH_LOGIN_LIMIT_ACCOUNT", unlimited()),
            ("LOG_FILTER", "warn".to_owned()),
        ];
        if place == Place::OneProcessor {
            environment.push(("AUTH_WORKERS", "1".to_owned()));
        }
        let mut program = command("auth-service")?;
        program.envs(environment.clone()).stdout(Stdio::null());
        // What a thread starts begins on the processor of that thread.
        let spawned = thread::spawn(move || {
            if place == Place::OneProcessor {
                machine::stay_on(0).map_err(|error| error.to_string())?;
            }
            program.spawn().map_err(|error| error.to_string())
        });
        let process = spawned.join().map_err(|_| "the program was not started")??;
        let time = ProcessTime::of(process.id());
        let program = Self { process, time, address, environment, folder };
        program.until_at_rest()?;
        Ok(program)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The time it has spent on its processor, once it has come to rest.
    pub(crate) fn time(&self) -> Outcome<Duration> {
        thread::sleep(Duration::from_millis(5));
        self.time.so_far()
    }

    /// What the command line says to `arguments` about the same database.
    pub(crate) fn signet(&self, arguments: &[&str]) -> Outcome<Output> {
        let said = command("signet")?.args(arguments).envs(self.environment.clone()).output()?;
        if said.status.success() { Ok(said) } else { Err(String::from_utf8(said.stderr)?.into()) }
    }

    /// It makes its next key soon after its first start, which takes it a moment.
    fn until_at_rest(&self) -> Outcome<()> {
        self.until("it serves", "/readyz", |_| true)?;
        self.until("its next key is made", "/.well-known/jwks.json", |keys| keys.matches("kid").count() > 1)
    }

    fn until(&self, what: &str, path: &str, is_so: impl Fn(&str) -> bool) -> Outcome<()> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: auth.example\r\n\r\n");
        let begin = Instant::now();
        loop {
            let asked = Connection::open(self.address, Waiting::Asleep).and_then(|mut connection| {
                connection.send(request.as_bytes())?;
                Ok(connection.receive()? == 200 && is_so(str::from_utf8(connection.body())?))
            });
            match asked {
                Ok(true) => return Ok(()),
                _ if begin.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(20)),
                _ => return Err(format!("auth-service: in vain waited until {what}").into()),
            }
        }
    }
}

/// A program that was built beside this one, with no setting but those it is given.
fn command(name: &str) -> Outcome<Command> {
    let mut program = Command::new(env::current_exe()?.with_file_name(name));
    program.env_clear();
    Ok(program)
}

impl Drop for Program {
    fn drop(&mut self) {
        // Whether it had ended already does not matter, nor what is left of a folder for what is temporary.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
