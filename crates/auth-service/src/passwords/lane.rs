//! Threads that do nothing but hash, by the manners they have towards everybody else who wants the processor.

use std::{cell::RefCell, io, time::Duration};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};

use super::phc::Memory;

/// A thread that has nothing to do for so long ends, and its memory with it.
const KEPT: Duration = Duration::from_mins(1);

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// So many threads, which there are as long as they have something to do.
pub(super) struct Lane {
    handle: Handle,
    /// Of which only the threads for blocking work are used. It is there until the lane is dropped.
    runtime: Option<Runtime>,
}

impl Lane {
    /// Threads that run when nobody else wants to, and stop at once when somebody does (`SCHED_IDLE`, sched(7)).
    /// Where all processors are wanted for long they do not get on.
    pub(super) fn idle(threads: usize) -> io::Result<Self> {
        Self::new("hash-idle", threads, manners::idle)
    }

    /// Threads that get a tenth of the time if all processors are wanted, but go on for a tick of the kernel's, up to
    /// 10 ms, before they let somebody else have theirs.
    pub(super) fn nice(threads: usize) -> io::Result<Self> {
        Self::new("hash-nice", threads, manners::nice)
    }

    fn new(name: &str, threads: usize, manners: fn()) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .thread_name(name)
            .max_blocking_threads(threads)
            .thread_keep_alive(KEPT)
            .on_thread_start(manners)
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Has a thread do `work`, as soon as one is free.
    pub(super) fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> JoinHandle<T> {
        self.handle.spawn_blocking(move || MEMORY.with_borrow_mut(work))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // Nobody waits for what is being hashed: it has nothing to lose.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Linux knows the priority of each thread. Where it cannot be had, hashing goes on without it.
#[cfg(target_os = "linux")]
mod manners {
    use thread_priority::{
        NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy::Normal,
        set_thread_priority_and_policy, thread_native_id,
    };

    /// As `nice` counts: 0 is ordinary, 19 the least.
    const NICE: i32 = 10;

    pub(super) fn idle() {
        if set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, Normal(Idle)).is_err() {
            nice();
        }
    }

    pub(super) fn nice() {
        let _ = rustix::process::setpriority_process(None, NICE);
    }
}

#[cfg(not(target_os = "linux"))]
mod manners {
    pub(super) fn idle() {}

    pub(super) fn nice() {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use thread_priority::{
        NormalThreadSchedulePolicy::{Idle, Other},
        ThreadSchedulePolicy::Normal,
        thread_schedule_policy,
    };

    use super::*;

    #[tokio::test]
    async fn each_lane_has_its_manners() {
        let manners = |_: &mut Memory| {
            (thread_schedule_policy().unwrap(), rustix::process::getpriority_process(None).unwrap())
        };
        let (idle, _) = Lane::idle(1).unwrap().begin(manners).await.unwrap();
        assert_eq!(idle, Normal(Idle));
        assert_eq!(Lane::nice(1).unwrap().begin(manners).await.unwrap(), (Normal(Other), 10));
    }
}
