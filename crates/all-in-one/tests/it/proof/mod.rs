//! The proof that what is revoked is refused everywhere in under a second: three replicas of the issuer and two of each
//! other service, each a process, on PostgreSQL and Redis, under load, in good days and in bad ones.
//!
//! `scripts/prove-revocation` runs it, which takes minutes; `--short` runs the same with fewer repetitions. Where next:
//! `kinds`, what is revoked; `watch`, what is measured; `faults`, the bad days; `calls`, what a request costs the
//! network; `fleet`, the processes.

mod calls;
mod door;
mod faults;
mod figures;
mod fleet;
mod kinds;
mod load;
mod replica;
mod watch;

use std::time::Duration;

use figures::{Budget, Figures};
use fleet::Fleet;
use kinds::KINDS;
use load::Load;

/// How thorough a run is.
#[derive(Debug, Clone, Copy)]
struct Extent {
    /// Revocations of each kind on a good day.
    each: usize,
    /// Revocations on each bad one.
    bad: usize,
    /// Revocations of signing keys.
    keys: usize,
    /// How long the feed is away.
    cut: Duration,
    /// Requests at each replica of which is counted what they cause.
    counted: usize,
    /// What one of so few may take on a machine that is busy with other things.
    good: Budget,
}

const FULL: Extent = Extent {
    each: 200,
    bad: 50,
    keys: 10,
    cut: Duration::from_mins(1),
    counted: 2000,
    good: Budget { p99: Duration::from_millis(250), max: Duration::from_secs(1) },
};

const SHORT: Extent = Extent {
    each: 5,
    bad: 10,
    keys: 1,
    cut: Duration::from_secs(5),
    counted: 200,
    good: Budget { p99: Duration::from_secs(1), max: Duration::from_secs(1) },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "scripts/prove-revocation runs it"]
async fn revocation_in_full_timing() {
    prove(FULL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "scripts/prove-revocation --short runs it"]
async fn revocation_in_short_timing() {
    prove(SHORT).await;
}

async fn prove(extent: Extent) {
    let Some(mut fleet) = Fleet::start().await else { return };
    let mut figures = Figures::begin();

    calls::count(&fleet, extent.counted, &mut figures).await;

    figures::heading("from the answer that it is revoked to the last replica's first refusal");
    let load = Load::start(&fleet).await;
    for kind in KINDS {
        let mut times = Vec::new();
        for _ in 0..extent.each {
            times.push(watch::revoke(&fleet, kind).await);
        }
        figures.row(kind.name, times, extent.good);
    }
    figures.load("requests meanwhile", load.stop().await);

    figures::heading("the same on bad days, all kinds in turn");
    faults::without_redis(&mut fleet, extent.bad, &mut figures).await;
    faults::with_an_issuer_killed(&mut fleet, extent.bad, &mut figures).await;
    faults::with_the_feed_cut(&fleet, extent, &mut figures).await;
    faults::with_keys_revoked(&fleet, extent, &mut figures).await;
    faults::without_any_issuer(&mut fleet, extent.bad, &mut figures).await;

    drop(fleet);
    figures.verdict();
}
