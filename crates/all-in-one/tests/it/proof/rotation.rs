//! Keys change and nobody notices: as planned no good token is ever refused, by verifiers that keep the key set for as
//! long as they are told to; and what a revoked key has signed is refused everywhere in under a second, while whoever
//! signs in, or renews a token, goes on at once. Where next: `traffic`, which is there meanwhile.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{
    door::Door,
    figures::{self, Budget, Figures},
    fleet::{Fleet, Issuer},
    kinds::{KEY, part},
    traffic::Traffic,
    watch,
};
use crate::people::{self, text};

/// For which verifiers keep the key set: the least that is allowed.
const MAX_AGE: Duration = Duration::from_secs(10);
/// How long a key has to be published before it signs: twice that.
const PUBLICATION: Duration = Duration::from_secs(20);
/// Wishes for another key at the same time.
const WISHES: usize = 100;
/// After which nobody waits for a key any more.
const PATIENCE: Duration = Duration::from_mins(1);
/// What is promised when a key is revoked.
const AT_ONCE: Budget = Budget { p99: Duration::from_secs(1), max: Duration::from_secs(1) };

/// How thorough a run is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// Keys that take over as planned, four at most.
    rotations: usize,
    /// Keys that are revoked while they sign.
    revocations: usize,
}

pub(super) const FULL: Extent = Extent { rotations: 4, revocations: 8 };
pub(super) const SHORT: Extent = Extent { rotations: 1, revocations: 1 };

/// When a key is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Before there is a next one.
    First,
    /// Before the next one may sign.
    Early,
    /// When the next one has been published for long enough.
    Ripe,
}

/// The keys at one moment, newest first, and the state of each.
struct Keys(Vec<(String, String)>);

pub(super) async fn prove(extent: Extent) {
    let max_age = format!("{}s", MAX_AGE.as_secs());
    let Some(fleet) = Fleet::start(&[("AUTH_JWKS_MAX_AGE", &max_age)]).await else { return };
    let mut figures = Figures::begin();
    let (began, before) = (Instant::now(), fetches(&fleet, "key_set_fetches_total").await);
    let traffic = Traffic::start(&fleet).await;

    println!("\nanother key takes over; verifiers keep the key set for {} s", MAX_AGE.as_secs());
    let turns = [(WISHES, When::First), (WISHES, When::Ripe), (1, When::Early), (1, When::Ripe)];
    for (wishes, when) in turns.into_iter().take(extent.rotations) {
        rotate(&fleet, &traffic, wishes, when, &mut figures).await;
    }
    let number = fetches(&fleet, "key_set_fetches_total").await - before;
    let failed = fetches(&fleet, "key_set_fetch_failures_total").await;
    let (verifiers, lasted) = (fleet.doors().len(), began.elapsed().as_secs());
    let what =
        format!("{number:>8} by {verifiers} verifiers in {lasted} s; {failed} failed since the beginning");
    figures.note("fetches of the key set", &what, number > 0);

    figures::heading("from the answer that the key which signs is revoked");
    let (mut refused, mut logged_in, mut refreshed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..extent.revocations {
        let (refusals, goods) = revoke(&fleet, &traffic).await;
        refused.push(refusals);
        for [login, refresh] in goods {
            logged_in.push(login);
            refreshed.push(refresh);
        }
    }
    figures.row("to the last replica's first refusal", refused, AT_ONCE);
    figures.row("to a login that is good everywhere, each issuer", logged_in, AT_ONCE);
    figures.row("to a refresh that is, each issuer", refreshed, AT_ONCE);
    let late = traffic.tally().signed_late;
    println!("{:<46}{late:>8}", "signed with it after the answer");
    figures.load("requests meanwhile", traffic.stop().await);

    drop(fleet);
    figures.verdict();
}

/// Has another key sign and watches it take over, until every verifier has asked for the key set again.
async fn rotate(fleet: &Fleet, traffic: &Traffic, wishes: usize, when: When, figures: &mut Figures) {
    fleet.renew_admin().await;
    match when {
        When::First => {}
        // Sooner it would be the last rotation that was wished for again.
        When::Early => sleep(PUBLICATION.saturating_sub(MAX_AGE)).await,
        When::Ripe => {
            next_known(fleet).await;
            sleep(PUBLICATION.saturating_sub(MAX_AGE)).await;
        }
    }
    let before = Keys::of(fleet).await;
    let was_next = before.in_state("next").next();
    let known = was_next.map_or(0, |kid| known_to(fleet, kid));
    traffic.hold();
    let began = Instant::now();
    let asking = (0..wishes).map(|_| fleet.admin().post("/auth/admin/keys/rotate", json!({})));
    join_all(asking.map(async |wish| wish.await.expect(200))).await;
    let after = Keys::of(fleet).await;
    let old = before.only("active");
    let new = after.only(if when == When::Ripe { "active" } else { "next" });
    // However many wishes, one key: the one that was next, or if there was none the only one that is new.
    let one = was_next.map_or(after.0.len() == before.0.len() + 1, |next| next == new);

    let knowing = first_token(fleet, traffic, new, known).await;
    let (signed, first) = (began.elapsed(), traffic.tally());
    let everywhere = async {
        while traffic.signing_with(new) < fleet.issuers.len() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, everywhere).await.expect("every replica of the issuer signs with the new key");
    sleep(MAX_AGE).await;
    let (last, settled) = (traffic.tally(), Keys::of(fleet).await);
    let one = one && settled.only("active") == new && settled.in_state("retiring").any(|kid| kid == old);
    let [under_old, under_new] = [old, new].map(|kid| last.since(&first, kid));
    let used = [&under_old, &under_new]
        .iter()
        .all(|places| places.len() == fleet.replicas.len() && !places.contains(&0));
    let what = format!(
        "{} key in {:.1} s, known before to {knowing} of {}; then {} accepted under the old one, {} under it; {} wrong",
        if one { "1" } else { "NOT 1" },
        signed.as_secs_f64(),
        fleet.replicas.len(),
        under_old.iter().sum::<usize>(),
        under_new.iter().sum::<usize>(),
        last.bad,
    );
    let kept = one && used && knowing == fleet.replicas.len() && last.bad == 0;
    figures.note(&format!("{wishes} wishes, {}", when.name()), &what, kept);
}

/// Waits for the first token under this key; how many verifiers knew it a moment before, if so many do by now.
async fn first_token(fleet: &Fleet, traffic: &Traffic, kid: &str, mut knowing: usize) -> usize {
    let signed = async {
        while traffic.signing_with(kid) == 0 {
            knowing = known_to(fleet, kid);
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, signed).await.expect("the new key signs");
    knowing
}

/// Revokes the key that signs; how long it took until it was refused everywhere, and until a login and a refresh at each
/// replica of the issuer were good everywhere.
async fn revoke(fleet: &Fleet, traffic: &Traffic) -> (Duration, Vec<[Duration; 2]>) {
    next_known(fleet).await;
    let mut people = Vec::new();
    for issuer in &fleet.issuers {
        let email = fleet.new_email();
        people.push((people::register(issuer.client(), &email).await, email));
    }
    traffic.hold();
    let (case, doors) = ((KEY.prepare)(fleet).await, fleet.doors());
    watch::accepted(&case.doors, &case.token).await;
    let kid = text(&part(&case.token, 0), "kid");
    traffic.doom(&kid);
    let go_on = async |answered| {
        traffic.revoked(&kid, answered);
        let going_on = fleet.issuers.iter().map(Issuer::client).zip(&people).map(
            async |(client, (registered, email))| {
                let log_in = async || people::log_in(client, email).await.expect(200).json();
                let mut refresh_token = text(registered, "refresh_token");
                let refresh = async || {
                    let answer = people::refresh(client, &refresh_token).await.expect(200).json();
                    refresh_token = text(&answer, "refresh_token");
                    answer
                };
                let (logged_in, refreshed) =
                    tokio::join!(until_good(&doors, answered, log_in), until_good(&doors, answered, refresh));
                [logged_in, refreshed]
            },
        );
        join_all(going_on).await
    };
    let outcome = watch::refused_while(case, go_on).await;
    // As long again as anything may take, for whatever might still be accepted.
    sleep(2 * AT_ONCE.max).await;
    outcome
}

/// How long after `answered` a token was obtained and let in at every door. Tells who refused one before.
async fn until_good(doors: &[Door], answered: Instant, mut obtain: impl AsyncFnMut() -> Value) -> Duration {
    loop {
        let token = text(&obtain().await, "access_token");
        let statuses = join_all(doors.iter().map(|door| door.ask(&token))).await;
        let refusals = doors.iter().zip(statuses).filter(|(door, status)| *status != door.lets_in);
        let refusals: Vec<_> = refusals.map(|(door, status)| format!("{status} by {}", door.name)).collect();
        if refusals.is_empty() {
            return answered.elapsed();
        }
        println!("  {refusals:?} under {}, {:?}", part(&token, 0)["kid"], answered.elapsed());
        assert!(answered.elapsed() < PATIENCE, "no good token is to be had");
    }
}

/// Returns once there is a key to be next and all verifiers know it.
async fn next_known(fleet: &Fleet) {
    let known = async {
        loop {
            fleet.renew_admin().await;
            let keys = Keys::of(fleet).await;
            if keys.in_state("next").any(|kid| known_to(fleet, kid) == fleet.replicas.len()) {
                return;
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(PATIENCE, known).await.expect("the next key is known everywhere");
    // The issuer's replicas verify too, and keep nothing where it could be seen.
    sleep(MAX_AGE).await;
}

fn known_to(fleet: &Fleet, kid: &str) -> usize {
    fleet.replicas.iter().filter(|replica| replica.knows(kid)).count()
}

/// What all verifiers together count under this name, those of the issuer too.
async fn fetches(fleet: &Fleet, name: &str) -> u64 {
    let doors = fleet.doors();
    join_all(doors.iter().map(|door| door.number(name))).await.iter().sum()
}

impl When {
    fn name(self) -> &'static str {
        match self {
            Self::First => "before there is a next one",
            Self::Early => "before one may sign",
            Self::Ripe => "when one may sign",
        }
    }
}

impl Keys {
    async fn of(fleet: &Fleet) -> Self {
        let page = fleet.admin().get("/auth/admin/keys").await.expect(200).json();
        let keys = page["items"].as_array().unwrap().iter();
        Self(keys.map(|key| (text(key, "kid"), text(key, "state"))).collect())
    }

    fn in_state(&self, state: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(_, other)| other == state).map(|(kid, _)| kid.as_str())
    }

    fn only(&self, state: &str) -> &str {
        let mut found = self.in_state(state);
        let first = found.next().unwrap_or_else(|| panic!("no key is {state}: {:?}", self.0));
        assert!(found.next().is_none(), "more than one is {state}: {:?}", self.0);
        first
    }
}
