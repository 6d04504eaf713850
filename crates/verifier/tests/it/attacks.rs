//! Everything that is known to be tried, through the library. `testkit::refusals` tries the same over HTTP.

use std::{collections::HashSet, sync::Arc, time::Duration};

use verifier::{
    FetchFailure, HealthReason, Limits, Reason, Verifier,
    testing::{Answer, Attack, Issuer, KeySetAttack, Script, TestClock},
};

use crate::support::{Always, ISSUER, World, pass, spawn_refresh, within_a_minute};

/// The service that all attacks are aimed at.
const AUDIENCE: &str = "users";
/// How many attackers there are at a time.
const THREADS: u64 = 4;

/// For what a row is refused, if it is.
async fn outcome(verifier: &Verifier, attack: &Attack) -> Option<Reason> {
    let values = attack.authorization.iter().map(Vec::as_slice);
    verifier.authenticate(values).await.err().map(|rejection| rejection.reason())
}

#[tokio::test(start_paused = true)]
async fn every_attack_is_refused_for_its_own_reason() {
    let world = World::new().await;
    let attacks = world.issuer.attacks(AUDIENCE);
    let mut wrong = Vec::new();
    for attack in &attacks {
        let outcome = outcome(&world.verifier, attack).await;
        if outcome != attack.reason {
            wrong.push(format!("{attack}: {outcome:?} instead of {:?}", attack.reason));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), attacks.len(), wrong.join("\n"));
}

#[test]
fn the_table_is_whole_and_every_row_is_another() {
    let attacks = Issuer::new(ISSUER, Arc::new(TestClock::default())).attacks(AUDIENCE);
    let mut names = HashSet::new();
    let twice: Vec<_> =
        attacks.iter().map(|attack| &attack.name).filter(|name| !names.insert(*name)).collect();
    assert!(twice.is_empty(), "names of several rows: {twice:?}");
    assert!(attacks.iter().filter(|attack| attack.reason.is_none()).count() > 10);
    // For the others a token is not enough: a list of revocations, or a verifier without keys.
    let reasons: HashSet<_> = attacks.iter().filter_map(|attack| attack.reason).collect();
    let missing: Vec<_> = Reason::ALL.into_iter().filter(|reason| !reasons.contains(reason)).collect();
    assert_eq!(missing, [Reason::Revoked, Reason::Unavailable]);
}

/// Whoever throws whatever, a good token is accepted, and every verdict is counted once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attacks_from_all_sides_change_nothing_for_good_tokens() {
    let clock = Arc::new(TestClock::default());
    let issuer = Issuer::new(ISSUER, clock.clone());
    let script = Script::new(issuer.answer());
    let verifier = Verifier::builder(issuer.trust(AUDIENCE)).clock(clock).script(script).build().unwrap();
    let refresh = spawn_refresh(&verifier);
    within_a_minute(verifier.until_usable()).await;

    let attacks = Arc::new(issuer.attacks(AUDIENCE));
    let throwing: Vec<_> = (0..THREADS)
        .map(|_| {
            let (verifier, attacks) = (verifier.clone(), Arc::clone(&attacks));
            let good = issuer.token().mint();
            tokio::spawn(async move {
                for attack in &*attacks {
                    assert_eq!(outcome(&verifier, attack).await, attack.reason, "{attack}");
                    assert!(verifier.verify(&good).await.is_ok(), "after {attack}");
                }
            })
        })
        .collect();
    for thrown in throwing {
        within_a_minute(thrown).await.unwrap();
    }
    let counters = verifier.counters();
    let rows = |reason| attacks.iter().filter(|attack| attack.reason == reason).count() as u64;
    for reason in Reason::ALL {
        assert_eq!(counters.rejected(reason), THREADS * rows(Some(reason)), "{reason}");
    }
    assert_eq!(counters.verified, THREADS * (attacks.len() as u64 + rows(None)));
    refresh.abort();
}

/// What becomes of a verifier with good keys that is then served this set, and of the tokens under either.
async fn fault_after(row: &KeySetAttack) -> Option<String> {
    let world = World::new().await;
    let good = world.issuer.token().expires_in(Duration::from_hours(1)).mint();
    world.script.answer(Answer::keys(row.jwks.clone()));
    pass(260).await;
    let health = world.verifier.health();
    let found = match health.reasons[..] {
        [] => Ok(None),
        [HealthReason::FetchFailing { failure: FetchFailure::Refused(fault), .. }] => Ok(Some(fault)),
        ref others => Err(others.to_vec()),
    };
    let expected = Ok(row.fault);
    let bad = world.verify(&row.token).await.err();
    let good = world.verify_at_once(&good).err();
    let keys = health.keys;
    (found != expected || keys != 1 || bad != Some(row.reason) || good.is_some()).then(|| {
        format!(
            "{row}: {found:?} instead of {expected:?}, {keys} keys, its token {bad:?}, a good one {good:?}"
        )
    })
}

#[tokio::test(start_paused = true)]
async fn no_key_set_breaks_a_verifier_or_lets_anybody_in() {
    let rows = World::new().await.issuer.key_set_attacks(AUDIENCE);
    let mut wrong = Vec::new();
    for row in &rows {
        wrong.extend(fault_after(row).await);
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_taken_from_a_refused_set_even_where_there_is_no_other() {
    let rows = World::new().await.issuer.key_set_attacks(AUDIENCE);
    for row in rows.iter().filter(|row| row.fault.is_some()) {
        let world = World::cold(|_| Answer::keys(row.jwks.clone()), &Limits::default(), Always(0));
        for token in [&row.token, &world.issuer.token().mint()] {
            assert_eq!(world.verify(token).await.unwrap_err(), Reason::Unavailable, "{row}");
        }
        assert_eq!(world.verifier.health().keys, 0, "{row}");
    }
}

#[test]
fn every_key_set_is_another() {
    let rows = Issuer::new(ISSUER, Arc::new(TestClock::default())).key_set_attacks(AUDIENCE);
    let names: HashSet<_> = rows.iter().map(|row| &row.name).collect();
    assert_eq!(names.len(), rows.len(), "a name stands for two rows");
}
