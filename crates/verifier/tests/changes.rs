//! Every order in which threads can look up a token while it is revoked, by a model checker. It is given the source
//! itself, with atomics of its own.

#[path = "../src/revocation/changes.rs"]
mod changes;

mod atomic {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

use std::sync::Arc;

use loom::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use changes::{Changes, Clear};

/// What is revoked, and one token that is in use.
struct World {
    changes: Changes,
    clear: Clear,
    /// By which change the token was revoked, whoever else was by others; zero until then.
    known: AtomicU64,
    /// Set when whoever revoked the token has been told that it is done.
    done: AtomicBool,
}

impl World {
    fn revoke_another(&self) {
        self.changes.count();
    }

    fn revoke(&self) {
        self.known.store(self.changes.next(), Ordering::Release);
        self.changes.count();
    }

    /// Looks no further back than it must.
    fn is_revoked(&self) -> bool {
        self.changes.is_revoked(&self.clear, |since| self.known.load(Ordering::Acquire) > since)
    }
}

/// One thread asks once, and another one asks twice; so notes of either may be there when the other one asks.
#[test]
fn what_was_revoked_is_refused_by_every_thread_from_then_on() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let world = Arc::new(World {
            changes: Changes::none(),
            clear: Clear::never(),
            known: AtomicU64::new(0),
            done: AtomicBool::new(false),
        });
        let users = [1, 2].map(|times| {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                for _ in 0..times {
                    let was_done = world.done.load(Ordering::Acquire);
                    assert!(world.is_revoked() || !was_done, "accepted after it was revoked");
                }
            })
        });
        world.revoke_another();
        world.revoke();
        world.done.store(true, Ordering::Release);
        for user in users {
            user.join().unwrap();
        }
        assert!(world.is_revoked());
    });
}
