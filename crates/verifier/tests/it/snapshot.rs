//! Keys on disk: a replica starts while the issuer is down, and no state of the disk disturbs one that runs.

use std::{fs, path::Path, sync::Arc, time::Duration};

use tempfile::TempDir;
use tokio::task::AbortHandle;
use verifier::{
    HealthReason, Reason, Verifier,
    testing::{Answer, Issuer, Script, TokioClock},
};

use crate::support::{ISSUER, at_once, pass, spawn_refresh, within_a_minute};

const HOUR: u64 = 60 * 60;

/// An issuer, its endpoint and a disk, which outlive the replicas that use them.
struct World {
    clock: Arc<TokioClock>,
    issuer: Issuer,
    script: Script,
    disk: TempDir,
}

/// A verifier that runs until it is dropped.
struct Replica {
    verifier: Verifier,
    refresh: AbortHandle,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.refresh.abort();
    }
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(TokioClock::default());
        let issuer = Issuer::new(ISSUER, clock.clone());
        let script = Script::new(issuer.answer());
        Self { clock, issuer, script, disk: tempfile::tempdir().unwrap() }
    }

    fn build(&self, directory: &Path) -> Verifier {
        let builder = Verifier::builder(self.issuer.trust("users")).clock(self.clock.clone());
        builder.script(self.script.clone()).snapshots(directory).build().unwrap()
    }

    fn start(&self) -> Replica {
        let verifier = self.build(self.disk.path());
        let refresh = spawn_refresh(&verifier);
        Replica { verifier, refresh }
    }

    /// A replica that has fetched the keys and kept them.
    async fn started(&self) -> Replica {
        let replica = self.start();
        within_a_minute(replica.verifier.until_usable()).await;
        replica.until_kept(1).await;
        replica
    }

    fn token(&self) -> String {
        self.issuer.token().expires_in(Duration::from_hours(1)).mint()
    }
}

impl Replica {
    /// Returns once so many snapshots are on disk.
    async fn until_kept(&self, number: u64) {
        within_a_minute(async {
            while self.verifier.counters().snapshots < number {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }

    fn at_once(&self, token: &str) -> Option<Reason> {
        at_once(self.verifier.verify(token)).err().map(|rejection| rejection.reason())
    }

    async fn verify(&self, token: &str) -> Option<Reason> {
        self.verifier.verify(token).await.err().map(|rejection| rejection.reason())
    }

    fn is_keeping(&self) -> bool {
        let failing = |reason: &HealthReason| matches!(reason, HealthReason::SnapshotFailing { .. });
        !self.verifier.health().reasons.iter().any(failing)
    }
}

#[tokio::test(start_paused = true)]
async fn a_replica_starts_while_the_issuer_is_down() {
    let world = World::new();
    drop(world.started().await);
    world.script.answer(Answer::Hang);
    pass(60).await;

    let replica = world.start();
    assert_eq!(replica.at_once(&world.token()), None, "before anything was fetched");
    let health = replica.verifier.health();
    assert!(health.usable && health.keys == 1, "{health:?}");
    assert!(health.key_set_age.unwrap() >= Duration::from_mins(1), "{health:?}");
    within_a_minute(world.script.until_requests(2)).await;

    for _ in 0..23 {
        pass(HOUR).await;
        assert_eq!(replica.at_once(&world.token()), None);
    }
    pass(HOUR).await;
    assert_eq!(
        replica.verify(&world.token()).await,
        Some(Reason::Unavailable),
        "a day after the issuer confirmed them"
    );
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_older_than_a_day_is_like_none() {
    let world = World::new();
    drop(world.started().await);
    world.script.answer(Answer::Status(503));
    pass(24 * HOUR + 1).await;
    let replica = world.start();
    assert!(replica.verifier.health().reasons.contains(&HealthReason::NeverLoaded));
    assert_eq!(replica.verify(&world.token()).await, Some(Reason::Unavailable));
}

#[tokio::test(start_paused = true)]
async fn the_first_fetch_asks_whether_what_was_kept_is_still_true() {
    let world = World::new();
    drop(world.started().await);
    pass(600).await;
    let replica = world.start();
    replica.until_kept(1).await;
    assert_eq!((world.script.requests(), world.script.unmodified()), (2, 1));
    assert!(replica.verifier.health().key_set_age.unwrap() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_is_kept_too() {
    let world = World::new();
    let replica = world.started().await;
    pass(23 * HOUR).await;
    assert_eq!(world.script.requests(), world.script.unmodified() + 1);
    assert!(replica.verifier.counters().snapshots >= world.script.requests() - 1);
    drop(replica);
    world.script.answer(Answer::Status(503));
    pass(23 * HOUR).await;
    assert_eq!(world.start().at_once(&world.token()), None);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_withdrawn_does_not_come_back() {
    let world = World::new();
    let replica = world.started().await;
    let old = world.token();
    world.issuer.rotate();
    world.issuer.withdraw_old();
    world.script.answer(world.issuer.answer());
    assert_eq!(replica.verify(&world.token()).await, None);
    replica.until_kept(2).await;
    drop(replica);
    world.script.answer(Answer::Status(503));
    let replica = world.start();
    assert_eq!(
        (replica.at_once(&world.token()), replica.verify(&old).await),
        (None, Some(Reason::UnknownKey))
    );
}

#[tokio::test(start_paused = true)]
async fn a_damaged_snapshot_is_ignored_and_replaced() {
    let world = World::new();
    drop(world.started().await);
    let file = fs::read_dir(world.disk.path()).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 1;
    fs::write(&file, bytes).unwrap();

    assert!(!world.build(world.disk.path()).health().usable);
    drop(world.started().await);
    assert!(world.build(world.disk.path()).health().usable);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_cannot_be_written_is_told_of_and_disturbs_nothing() {
    let world = World::new();
    let obstacle = world.disk.path().join("obstacle");
    fs::write(&obstacle, "a file, where a folder should be").unwrap();
    let verifier = world.build(&obstacle.join("keys"));
    let refresh = spawn_refresh(&verifier);
    let replica = Replica { verifier, refresh };
    for number in 1..4 {
        pass(300).await;
        assert_eq!(replica.at_once(&world.token()), None);
        assert!(!replica.is_keeping() && replica.verifier.health().usable, "{:?}", replica.verifier.health());
        assert!(replica.verifier.counters().snapshot_failures >= number);
    }

    fs::remove_file(&obstacle).unwrap();
    pass(300).await;
    assert!(replica.is_keeping() && replica.verifier.counters().snapshots >= 1);
    assert!(world.build(&obstacle.join("keys")).health().usable);
}

#[tokio::test(start_paused = true)]
async fn two_replicas_share_a_folder() {
    let world = World::new();
    let replicas = [world.start(), world.start()];
    for round in 0..20 {
        pass(300).await;
        let started = world.build(world.disk.path());
        assert!(started.health().usable, "round {round}: {:?}", started.health());
    }
    for replica in &replicas {
        assert_eq!(replica.verifier.counters().snapshot_failures, 0);
    }
    assert_eq!(fs::read_dir(world.disk.path()).unwrap().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn each_issuer_is_restored_by_itself() {
    let world = World::new();
    let other = Issuer::new("https://other.example", world.clock.clone());
    let answering = Script::new(other.answer());
    let both = || {
        let builder = Verifier::builder(world.issuer.trust("users")).script(world.script.clone());
        let builder = builder.trust(other.trust("users")).script(answering.clone());
        builder.clock(world.clock.clone()).snapshots(world.disk.path()).build().unwrap()
    };
    let verifier = both();
    let refresh = spawn_refresh(&verifier);
    let replica = Replica { verifier, refresh };
    within_a_minute(replica.verifier.until_usable()).await;
    replica.until_kept(2).await;
    drop(replica);

    let files: Vec<_> = fs::read_dir(world.disk.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 2);
    assert!(both().health().usable);
    // One in the place of the other speaks for nobody.
    fs::copy(&files[0], &files[1]).unwrap();
    let usable: Vec<_> = both().health().issuers.iter().map(|issuer| issuer.usable).collect();
    assert_eq!(usable.iter().filter(|usable| **usable).count(), 1, "{usable:?}");
}
