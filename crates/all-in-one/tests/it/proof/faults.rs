//! Bad days. Each leaves the fleet as it was.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use testkit::proxy::Network;
use tokio::time::sleep;

use super::{
    figures::{Budget, Figures},
    fleet::Fleet,
    kinds::{Case, KEY, KINDS},
    load::Load,
    revocation::Extent,
    watch,
};

/// What is promised while something is away.
const AWAY: Budget = Budget { p99: Duration::from_secs(2), max: Duration::from_secs(2) };
/// A replica tries again to hear the feed at least this often, and needs a moment for it.
const RESUMED: Budget = Budget { p99: Duration::from_secs(6), max: Duration::from_secs(6) };

/// Revocations of all kinds in turn.
async fn some(fleet: &Fleet, turns: std::ops::Range<usize>) -> Vec<Duration> {
    let mut times = Vec::new();
    for turn in turns {
        times.push(watch::revoke(fleet, &KINDS[turn % KINDS.len()]).await);
    }
    times
}

/// Redis is killed, comes back and hangs: the issuer's replicas find what the others have revoked by looking.
pub(crate) async fn without_redis(fleet: &mut Fleet, number: usize, figures: &mut Figures) {
    let load = Load::start(fleet).await;
    fleet.redis.kill();
    figures.row("Redis killed", some(fleet, 0..number).await, AWAY);
    fleet.redis.restart();
    woken(fleet).await;
    figures.row("Redis back", some(fleet, 0..number).await, AWAY);
    fleet.redis.freeze();
    figures.row("Redis hanging", some(fleet, 0..number).await, AWAY);
    fleet.redis.thaw();
    woken(fleet).await;
    figures.load("requests meanwhile", load.stop().await);
}

/// Returns once all replicas of the issuer wake each other.
async fn woken(fleet: &Fleet) {
    for issuer in &fleet.issuers {
        let door = issuer.door();
        while door.number("auth_wake_redis_up").await != 1 {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A replica of the issuer dies in the middle; whoever heard the feed from it goes to another.
pub(crate) async fn with_an_issuer_killed(fleet: &mut Fleet, number: usize, figures: &mut Figures) {
    let mut times = some(fleet, 0..number / 2).await;
    let mut doomed = fleet.issuers[0].doom();
    let load = Load::start(fleet).await;
    let case = (KINDS[0].prepare)(fleet).await;
    watch::accepted(&case.doors, &case.token).await;
    doomed.kill();
    times.push(watch::refused(case).await);
    times.extend(some(fleet, number / 2..number).await);
    figures.row("a replica of the issuer killed in the middle", times, AWAY);
    figures.load("requests meanwhile", load.stop().await);
    fleet.issuers[0].start();
    fleet.issuers[0].door().ready().await;
    woken(fleet).await;
}

/// No replica hears the feed for a while. Afterwards all hear what was revoked meanwhile, and refuse it.
pub(crate) async fn with_the_feed_cut(fleet: &Fleet, extent: Extent, figures: &mut Figures) {
    let load = Load::start(fleet).await;
    let mut cases = Vec::new();
    for turn in 0..extent.bad {
        cases.push((KINDS[turn % KINDS.len()].prepare)(fleet).await);
    }
    let began = Instant::now();
    let be = |network| fleet.replicas.iter().for_each(|replica| replica.feed.be(network));
    be(Network::Cut);
    let mut tokens = Vec::new();
    for Case { token, revoking, status, .. } in cases {
        revoking.await.expect(status);
        tokens.push(token);
    }
    sleep(extent.cut.saturating_sub(began.elapsed())).await;
    let doors = fleet.services();
    for token in &tokens {
        watch::accepted(&doors, token).await;
    }
    let began = Instant::now();
    be(Network::Up);
    let mut times = Vec::new();
    for token in &tokens {
        let refusals = join_all(doors.iter().map(|door| watch::first_refusal(door, token))).await;
        times.push(refusals.into_iter().max().unwrap().saturating_duration_since(began));
    }
    figures.row(&format!("the feed back after {} s, nothing missed", extent.cut.as_secs()), times, RESUMED);
    figures.row("and then", some(fleet, 0..extent.bad).await, extent.good);
    figures.load("requests meanwhile", load.stop().await);
}

/// Signing keys are revoked, which ends everybody's tokens: nobody else is at work.
pub(crate) async fn with_keys_revoked(fleet: &Fleet, extent: Extent, figures: &mut Figures) {
    let mut times = Vec::new();
    for _ in 0..extent.keys {
        let case = (KEY.prepare)(fleet).await;
        // Between two unknown keys a replica asks for them at most once in ten seconds.
        watch::learnt(&case.doors, &case.token).await;
        times.push(watch::refused(case).await);
    }
    figures.row(KEY.name, times, extent.good);
}

/// No issuer is left, and each replica of the others crashes and starts again: it knows by itself what was revoked. The end
/// of all.
pub(crate) async fn without_any_issuer(fleet: &mut Fleet, number: usize, figures: &mut Figures) {
    fleet.renew_admin().await;
    let good = (KINDS[0].prepare)(fleet).await.token;
    watch::learnt(&fleet.doors(), &good).await;
    let doors = fleet.services();
    let mut revoked = Vec::new();
    for turn in 0..number {
        let case = (KINDS[turn % KINDS.len()].prepare)(fleet).await;
        revoked.push(case.token.clone());
        watch::refused(case).await;
    }
    for issuer in &mut fleet.issuers {
        issuer.doom().kill();
    }
    for replica in &mut fleet.replicas {
        replica.restart().await;
    }
    watch::accepted(&doors, &good).await;
    let mut taken = 0;
    for token in &revoked {
        taken += join_all(doors.iter().map(|door| door.ask(token)))
            .await
            .iter()
            .filter(|&&status| status != 401)
            .count();
    }
    let what = format!("{:>8} revoked tokens at each replica; {taken} not refused", revoked.len());
    figures.note("all crashed and begun anew without an issuer", &what, taken == 0);
}
