//! A process of the system, watched and ended.

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How long anything may take to start or to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running program and all it has written.
pub(crate) struct Process {
    child: Child,
    output: Arc<Mutex<String>>,
    log: Arc<Mutex<String>>,
}

impl Process {
    /// Starts a program of this workspace with this environment and nothing else of ours.
    pub(crate) fn start(program: &str, arguments: &[&str], environment: &[(String, String)]) -> Self {
        let mut child = Command::new(program_path(program))
            .args(arguments)
            .env_clear()
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let output = collect(child.stdout.take().unwrap());
        let log = collect(child.stderr.take().unwrap());
        Self { child, output, log }
    }

    /// What it has written to standard output.
    pub(crate) fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// What it has written to standard error, which is its log.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until `found` makes something of the output.
    pub(crate) fn wait_for<T>(&mut self, found: impl Fn(&str) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(what) = found(&self.output()) {
                return what;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {ended:?}\n{}\n{}", self.output(), self.log());
            assert!(began.elapsed() < PATIENCE, "it takes too long:\n{}\n{}", self.output(), self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until it has logged this.
    pub(crate) fn until_logged(&self, what: &str) {
        let began = Instant::now();
        while !self.log().contains(what) {
            assert!(began.elapsed() < PATIENCE, "no {what:?}:\n{}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it as Ctrl-C does.
    pub(crate) fn interrupt(&mut self) -> ExitStatus {
        self.signal("INT");
        self.ended()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stream: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let collected = Arc::new(Mutex::new(String::new()));
    let into = collected.clone();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
    collected
}

/// The programs of all crates are built into one folder.
pub(crate) fn program_path(program: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_signet")).with_file_name(program);
    assert!(path.exists(), "{} is not built: cargo build --workspace", path.display());
    path
}

/// A free port below the range from which the system hands out ports by itself, where one that is free now
/// stays free. Tests run as processes of their own, so each begins to look somewhere else.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let spread = u16::try_from(std::process::id() % 1100).unwrap() * 16;
    (0..u16::MAX)
        .map(|_| 14_000 + (spread + NEXT.fetch_add(1, Ordering::Relaxed)) % 17_600)
        .find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        .expect("a free port")
}
