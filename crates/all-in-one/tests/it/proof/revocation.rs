//! What is revoked is refused everywhere in under a second, in good days and in bad ones. Where next: `kinds`, what is
//! revoked; `watch`, what is measured; `faults`, the bad days; `calls`, what a request costs the network.

use std::time::Duration;

use super::{
    calls, faults,
    figures::{self, Budget, Figures},
    fleet::Fleet,
    kinds::KINDS,
    load::Load,
    watch,
};

/// How thorough a run is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// Revocations of each kind on a good day.
    pub(super) each: usize,
    /// Revocations on each bad one.
    pub(super) bad: usize,
    /// Revocations of signing keys.
    pub(super) keys: usize,
    /// How long the feed is away.
    pub(super) cut: Duration,
    /// Requests at each replica of which is counted what they cause.
    pub(super) counted: usize,
    /// What one of so few may take on a machine that is busy with other things.
    pub(super) good: Budget,
}

pub(super) const FULL: Extent = Extent {
    each: 200,
    bad: 50,
    keys: 10,
    cut: Duration::from_mins(1),
    counted: 2000,
    good: Budget { p99: Duration::from_millis(250), max: Duration::from_secs(1) },
};

pub(super) const SHORT: Extent = Extent {
    each: 5,
    bad: 10,
    keys: 1,
    cut: Duration::from_secs(5),
    counted: 200,
    good: Budget { p99: Duration::from_secs(1), max: Duration::from_secs(1) },
};

pub(super) async fn prove(extent: Extent) {
    let Some(mut fleet) = Fleet::start(&[]).await else { return };
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
