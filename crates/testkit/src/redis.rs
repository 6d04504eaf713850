//! A Redis server of one test, which can be killed, stopped in its tracks and started again.
//!
//! Where `redis-server` is not installed those tests say that they are skipped; where `CI` is set they fail.

use std::{
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::database::variable;

/// How long the server may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server on a socket of its own, gone when this is dropped.
pub struct TestRedis {
    folder: TempDir,
    options: Vec<String>,
    server: Child,
}

impl TestRedis {
    /// Starts a server, if there is one to start.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// Starts a server with more options, such as `["--user", "ada", "on", ">secret"]`.
    pub fn start_with(options: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let Some(server) = spawn(&folder, &options) else {
            assert!(variable("CI").is_none(), "redis-server must be installed where CI is set");
            println!("skipped: redis-server is not installed (Debian: apt-get install redis-server)");
            return None;
        };
        let redis = Self { folder, options, server };
        redis.wait_until_listening();
        Some(redis)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// Its URL for one of its users.
    pub fn url_for(&self, user: &str, password: &str) -> String {
        format!("{}?user={user}&pass={password}", self.url())
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.server.kill().expect("it can be killed");
        self.server.wait().expect("it ends");
        // It had no time to tidy up.
        std::fs::remove_file(self.socket()).expect("its socket can be removed");
    }

    /// Starts it again after it was killed, with nothing in it.
    pub fn restart(&mut self) {
        self.server = spawn(&self.folder, &self.options).expect("it starts again");
        self.wait_until_listening();
    }

    /// Makes it hang: connections stay open, nothing is answered.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").arg(signal).arg(self.server.id().to_string()).status();
        assert!(status.expect("kill").success());
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis")
    }

    fn wait_until_listening(&self) {
        let began = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            assert!(began.elapsed() < PATIENCE, "redis-server listens in time");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn spawn(folder: &TempDir, options: &[String]) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]);
    command.arg(folder.path().join("redis")).args(options).current_dir(folder.path()).stdout(Stdio::null());
    match command.spawn() {
        Ok(server) => Some(server),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("redis-server: {error}"),
    }
}
