//! Waiting for a key that is not at hand: few may, and not for long. Only tokens that would be accepted but for their
//! signature get here (`unverified`). Where next: `schedule`, which rules who waits for which fetch.

use tokio::time::{Instant, timeout_at};

use super::{
    Keys,
    schedule::{Ruling, Schedule},
};

impl Keys {
    /// What becomes of a request under `kid`, which is not at hand: whether waiting for a fetch is worth it.
    pub(crate) fn rule(&self, kid: &str) -> Ruling {
        if self.places.available_permits() == 0 {
            return self.reschedule(Schedule::refuse);
        }
        self.reschedule(|schedule| schedule.ask(kid, Instant::now()))
    }

    /// Waits for a fetch that may bring `kid`, if one is running or may be made; returns as soon as `found` says so,
    /// or once it is clear that there will be nothing. The caller looks for itself afterwards.
    pub(crate) async fn seek(&self, kid: &str, found: impl Fn() -> bool) {
        let Ok(_place) = self.places.try_acquire() else {
            self.reschedule(Schedule::refuse);
            return;
        };
        let deadline = Instant::now() + self.limits.wait;
        let seen_at = self.schedule().started();
        let mut landed = self.landed.subscribe();
        loop {
            let ruling = self.reschedule(|schedule| schedule.ask(kid, Instant::now()));
            let Ruling::Await(flight) = ruling else { return };
            let landing =
                match timeout_at(deadline, landed.wait_for(|landing| landing.number >= flight)).await {
                    Ok(Ok(landing)) => *landing,
                    _ => break,
                };
            if found() {
                return;
            }
            if !landing.succeeded {
                break;
            }
            if landing.number > seen_at {
                self.reschedule(|schedule| schedule.remember_unknown(kid, Instant::now()));
                return;
            }
            // That one had started before this key id was seen: its answer may be older than the key.
        }
        self.reschedule(Schedule::refuse);
    }
}
