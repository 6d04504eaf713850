//! Every order in which threads can look up a token while it is revoked, by a model checker. It is given the source
//! itself, with atomics of its own.

#[path = "../src/revocation/changes.rs"]
mod changes;

mod atomic {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

use std::sync::Arc;

use loom::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use changes::{Changes, Clear};

/// What is revoked, and one token that is in use.
struct World {
    changes: Changes,
    clear: Clear,
    other: AtomicBool,
    token: AtomicBool,
    /// Set when whoever revoked the token has been told that it is done.
    done: AtomicBool,
}

impl World {
    fn revoke(&self, what: &AtomicBool) {
        what.store(true, Ordering::Release);
        self.changes.count();
    }

    fn is_revoked(&self) -> bool {
        self.changes.is_revoked(&self.clear, || self.token.load(Ordering::Acquire))
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
            other: AtomicBool::new(false),
            token: AtomicBool::new(false),
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
        world.revoke(&world.other);
        world.revoke(&world.token);
        world.done.store(true, Ordering::Release);
        for user in users {
            user.join().unwrap();
        }
        assert!(world.is_revoked());
    });
}
