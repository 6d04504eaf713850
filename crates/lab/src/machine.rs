//! What the kernel tells of processes and processors. Linux only, like the whole laboratory. Where next: `rounds`.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rustix::{
    thread::{CpuSet, sched_setaffinity},
    time::{ClockId, clock_gettime},
};

use crate::Outcome;

/// The time this thread has spent on a processor.
pub(crate) fn thread_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// Keeps this thread, and those it will start, on one processor. The kernel numbers them from 0.
pub(crate) fn stay_on(processor: usize) -> Outcome<()> {
    let mut only = CpuSet::new();
    only.set(processor);
    Ok(sched_setaffinity(None, &only)?)
}

/// Reads how much time a process has spent on processors.
pub(crate) struct ProcessTime {
    process: u32,
    /// What each thread has spent, in nanoseconds. That of threads which have ended counts on.
    threads: Mutex<HashMap<OsString, u64>>,
}

impl ProcessTime {
    pub(crate) fn of(process: u32) -> Self {
        Self { process, threads: Mutex::default() }
    }

    /// What its threads have spent so far. One that is running is accounted for only up to its last pause: ask when it
    /// has come to rest.
    pub(crate) fn so_far(&self) -> Outcome<Duration> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in fs::read_dir(format!("/proc/{}/task", self.process))? {
            let thread = thread?;
            // It may end at this moment.
            let Ok(statistics) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
            let spent = statistics.split(' ').next().unwrap_or_default().parse()?;
            threads.insert(thread.file_name(), spent);
        }
        Ok(Duration::from_nanos(threads.values().sum()))
    }
}

/// The memory of a process that is in main memory, in KiB.
pub(crate) fn resident(process: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// How busy the machine has been with everything there is, since it was started.
pub(crate) struct Noise {
    busy: u64,
    all: u64,
}

impl Noise {
    pub(crate) fn now() -> Outcome<Self> {
        let text = fs::read_to_string("/proc/stat")?;
        let line = text.lines().next().unwrap_or_default();
        let ticks: Vec<u64> =
            line.split_whitespace().skip(1).take(8).map(str::parse).collect::<Result<_, _>>()?;
        let idle: u64 = ticks.iter().skip(3).take(2).sum();
        let all = ticks.iter().sum();
        Ok(Self { busy: all - idle, all })
    }

    /// How busy all processors together were since then, in percent.
    pub(crate) fn since(&self) -> Outcome<f64> {
        let now = Self::now()?;
        Ok((now.busy - self.busy) as f64 * 100.0 / (now.all - self.all).max(1) as f64)
    }
}
