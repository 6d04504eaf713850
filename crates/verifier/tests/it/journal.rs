//! Revocations on disk: what was revoked stays refused by a replica that starts while the issuer is down.

use std::{fs, path::Path, sync::Arc, time::Duration};

use identity::{SessionId, SystemClock, SystemEntropy};
use tokio::time::{sleep, timeout};
use verifier::{
    Reason, Verifier,
    testing::{Answer, Issuer, Script},
};
use wire::auth::v1::revocation::What;

use crate::feed::{EPOCH, OTHER_EPOCH, PATIENCE, World, ends, session, stays, update};

fn issuer() -> Issuer {
    Issuer::new("https://auth.example", Arc::new(SystemClock))
}

/// A replica that starts while nobody answers.
fn alone(issuer: &Issuer, directory: &Path) -> Verifier {
    let builder = Verifier::builder(issuer.trust("users")).script(Script::new(Answer::Hang));
    builder.snapshots(directory).build().unwrap()
}

impl World {
    /// Returns once this is so.
    async fn until(&self, holds: impl Fn(&Verifier) -> bool) {
        let held = async {
            while !holds(&self.verifier) {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, held).await.unwrap();
    }

    /// Returns once the keys and all that the feed says up to `seq` are on disk, the latter in the last of so many times.
    async fn kept(&self, seq: u64, times: u64) {
        self.knows(seq).await;
        self.until(|verifier| {
            verifier.counters().snapshots >= 1 && verifier.counters().journal_writes >= times
        })
        .await;
    }
}

#[tokio::test]
async fn a_revoked_token_stays_refused_when_a_replica_starts_without_the_issuer() {
    let disk = tempfile::tempdir().unwrap();
    let sid = SessionId::generate(&SystemClock, &SystemEntropy).to_string();
    let told = update(EPOCH, 0, [What::Session(sid.clone()), session()]);
    let world = World::start_at([stays([told])], issuer(), disk.path()).await;
    let (good, bad) =
        (world.issuer.token().mint(), world.issuer.token().claim("sid", sid.as_str().into()).mint());
    world.kept(2, 1).await;
    let verifier = alone(&world.issuer, disk.path());
    assert!(matches!(verifier.verify_now(&good), Some(Ok(_))));
    assert_eq!(verifier.verify_now(&bad).unwrap().unwrap_err().reason(), Reason::Revoked);
    assert_eq!(verifier.health().issuers[0].revocations, 2);

    // What proves it: without the file the token is good.
    let journal = fs::read_dir(disk.path()).unwrap().map(|entry| entry.unwrap().path());
    let journal = journal.filter(|path| path.to_string_lossy().ends_with("-revocations"));
    journal.for_each(|path| fs::remove_file(path).unwrap());
    assert!(matches!(alone(&world.issuer, disk.path()).verify_now(&bad), Some(Ok(_))));
}

#[tokio::test]
async fn after_a_restart_only_what_is_new_is_asked_for() {
    let disk = tempfile::tempdir().unwrap();
    let first = World::start_at([stays([update(EPOCH, 0, [session(), session()])])], issuer(), disk.path());
    let first = first.await;
    first.kept(2, 1).await;
    drop(first);
    let streams = [stays([update(EPOCH, 2, [session()])])];
    let mut second = World::start_at(streams, issuer(), disk.path()).await;
    assert_eq!(second.asked().await, (EPOCH.to_owned(), 2));
    second.knows(3).await;
    assert_eq!(second.revocations(), 3);
}

#[tokio::test]
async fn another_log_takes_the_place_of_the_one_that_was_kept() {
    let disk = tempfile::tempdir().unwrap();
    let world = World::start_at(
        [
            ends([update(EPOCH, 0, [session(), session()])]),
            stays([update(OTHER_EPOCH, 0, [session()]), update(OTHER_EPOCH, 1, [session(), session()])]),
        ],
        issuer(),
        disk.path(),
    )
    .await;
    world.knows(3).await;
    world.until(|_| alone(&world.issuer, disk.path()).health().issuers[0].revocations == 3).await;
}

#[tokio::test]
async fn a_disk_that_cannot_be_written_is_told_of_and_disturbs_nothing() {
    let disk = tempfile::tempdir().unwrap();
    let obstacle = disk.path().join("obstacle");
    fs::write(&obstacle, "a file, where a folder should be").unwrap();
    let streams = [stays([update(EPOCH, 0, [session()]), update(EPOCH, 1, [session()])])];
    let world = World::start_at(streams, issuer(), &obstacle).await;
    world.knows(2).await;
    world.until(|verifier| verifier.counters().journal_failures > 0).await;
    let health = world.verifier.health();
    let told = "what is revoked cannot be kept on disk";
    assert!(health.reasons.iter().any(|reason| reason.to_string().starts_with(told)), "{health:?}");
    assert!(health.usable && world.revocations() == 2);
}
