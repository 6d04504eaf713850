//! Everybody who uses the system while its keys change: requests at a steady pace at each replica but the issuer's, with
//! tokens that were signed long ago and a moment ago, people who renew theirs all the time at each replica of the issuer,
//! and somebody who makes up keys, so that no verifier may be saved by asking for one that it does not know. Every answer
//! is judged. Where next: `rotation`, which changes the keys meanwhile.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use testkit::Client;
use tokio::{sync::watch, task::JoinHandle, time::interval};

use super::{
    door::Door,
    fleet::{Fleet, Issuer},
    kinds::part,
};
use crate::people::{self, text};

/// Requests each second, at all replicas together.
const PACE: u32 = 500;
/// Callers at each replica, of whom each waits for its answer.
const CALLERS: u32 = 8;
/// People who renew their tokens at one replica of the issuer, in turn.
const PEOPLE: usize = 8;
/// Between two of them.
const RENEWAL: Duration = Duration::from_millis(150);
/// Between two tokens of made-up keys, at each replica.
const GARBAGE: Duration = Duration::from_secs(1);
/// Tokens that are presented as signed a moment ago.
const FRESH: usize = 48;
/// So soon after the answer that it is revoked a key's tokens have to be refused.
const REFUSED: Duration = Duration::from_secs(1);
/// Faults that are told in full.
const TOLD: usize = 10;

/// All of them.
pub(crate) struct Traffic {
    began: Instant,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// A token and the key that signed it.
#[derive(Clone)]
struct Token {
    text: Arc<str>,
    kid: Arc<str>,
}

/// What was answered.
#[derive(Default, Clone)]
pub(crate) struct Tally {
    /// As it had to be.
    pub(crate) good: usize,
    /// Good tokens that were accepted, by the key that signed them, at each replica.
    pub(crate) accepted: HashMap<Arc<str>, Vec<usize>>,
    /// Otherwise.
    pub(crate) bad: usize,
    /// Tokens that the issuer signed with a key after it had said that this is revoked.
    pub(crate) signed_late: usize,
}

/// How far a key's revocation is.
#[derive(Clone, Copy)]
enum Revocation {
    /// Somebody is about to ask for it.
    Doomed,
    /// Then somebody was told that it is done.
    Answered(Instant),
}

struct Shared {
    doors: Vec<Door>,
    tokens: Mutex<Tokens>,
    /// Keys that are revoked, or about to be.
    revoked: Mutex<HashMap<String, Revocation>>,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tokens {
    old: Vec<Token>,
    fresh: VecDeque<Token>,
    turn: usize,
    /// The key by which each replica of the issuer signed last.
    signing: HashMap<usize, Arc<str>>,
}

impl Traffic {
    pub(crate) async fn start(fleet: &Fleet) -> Self {
        let shared = Arc::new(Shared {
            doors: fleet.services(),
            tokens: Mutex::default(),
            revoked: Mutex::default(),
            tally: Mutex::default(),
        });
        let (stop, mut tasks) = (watch::Sender::new(false), Vec::new());
        for (number, client) in fleet.issuers.iter().map(Issuer::client).enumerate() {
            let mut refresh_tokens = VecDeque::new();
            for _ in 0..PEOPLE {
                let answer = people::register(client, &fleet.new_email()).await;
                shared.take(number, Token::new(&text(&answer, "access_token")));
                refresh_tokens.push_back(text(&answer, "refresh_token"));
            }
            let renewing = shared.clone().renew(number, client.clone(), refresh_tokens, stop.subscribe());
            tasks.push(tokio::spawn(renewing));
        }
        shared.tokens().hold();
        let doors = u32::try_from(shared.doors.len()).unwrap();
        for place in 0..shared.doors.len() {
            for _ in 0..CALLERS {
                let pause = Duration::from_secs(1) * doors * CALLERS / PACE;
                tasks.push(tokio::spawn(shared.clone().call(place, pause, stop.subscribe())));
            }
            tasks.push(tokio::spawn(shared.clone().make_up_keys(place, stop.subscribe())));
        }
        Self { began: Instant::now(), stop, tasks, shared }
    }

    /// What was signed until now is presented until the next time this is said, among what is signed from now on.
    pub(crate) fn hold(&self) {
        self.shared.tokens().hold();
    }

    /// How many replicas of the issuer signed with this key when they last signed.
    pub(crate) fn signing_with(&self, kid: &str) -> usize {
        self.shared.tokens().signing.values().filter(|signing| ***signing == *kid).count()
    }

    /// Somebody is about to revoke this key.
    pub(crate) fn doom(&self, kid: &str) {
        self.shared.revoked.lock().unwrap().insert(kid.to_owned(), Revocation::Doomed);
    }

    /// Somebody was told so.
    pub(crate) fn revoked(&self, kid: &str, answered: Instant) {
        self.shared.revoked.lock().unwrap().insert(kid.to_owned(), Revocation::Answered(answered));
    }

    pub(crate) fn tally(&self) -> Tally {
        self.shared.tally.lock().unwrap().clone()
    }

    /// How many requests were answered as they had to be, how many were not, and in what time.
    pub(crate) async fn stop(self) -> (usize, usize, Duration) {
        self.stop.send_replace(true);
        let lasted = self.began.elapsed();
        join_all(self.tasks).await.into_iter().for_each(|task| task.unwrap());
        let tally = self.shared.tally.lock().unwrap();
        (tally.good, tally.bad, lasted)
    }
}

impl Tally {
    /// Tokens under this key that were accepted since `before`, at each replica.
    pub(crate) fn since(&self, before: &Self, kid: &str) -> Vec<usize> {
        let earlier = before.accepted.get(kid);
        let at = |(place, number)| number - earlier.map_or(0, |earlier: &Vec<usize>| earlier[place]);
        self.accepted.get(kid).into_iter().flatten().copied().enumerate().map(at).collect()
    }
}

impl Token {
    fn new(text: &str) -> Self {
        Self { text: text.into(), kid: people::text(&part(text, 0), "kid").into() }
    }

    /// The same but for its key, which nobody knows: all that can be seen without a key is in order.
    fn of_made_up_key(&self, name: &str) -> String {
        let mut header = part(&self.text, 0);
        header["kid"] = name.into();
        let (_, rest) = self.text.split_once('.').unwrap();
        format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()))
    }
}

impl Tokens {
    fn hold(&mut self) {
        self.old = self.fresh.iter().cloned().collect();
    }

    /// An old one and a fresh one in turn.
    fn any(&mut self) -> Token {
        self.turn += 1;
        let place = self.turn / 2;
        let Self { old, fresh, .. } = self;
        if self.turn.is_multiple_of(2) {
            old[place % old.len()].clone()
        } else {
            fresh[place % fresh.len()].clone()
        }
    }
}

impl Shared {
    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap()
    }

    fn take(&self, issuer: usize, token: Token) {
        let mut tokens = self.tokens();
        tokens.signing.insert(issuer, token.kid.clone());
        tokens.fresh.push_back(token);
        if tokens.fresh.len() > FRESH {
            tokens.fresh.pop_front();
        }
    }

    /// Presents tokens at one replica.
    async fn call(self: Arc<Self>, place: usize, pause: Duration, stop: watch::Receiver<bool>) {
        let mut turns = interval(pause);
        while !*stop.borrow() {
            turns.tick().await;
            let token = self.tokens().any();
            self.present(place, &token).await;
        }
    }

    /// Renews tokens at one replica of the issuer, and presents each at once everywhere.
    async fn renew(
        self: Arc<Self>,
        number: usize,
        issuer: Client,
        mut refresh_tokens: VecDeque<String>,
        stop: watch::Receiver<bool>,
    ) {
        let mut turns = interval(RENEWAL);
        while !*stop.borrow() {
            turns.tick().await;
            let (asked, refresh_token) = (Instant::now(), refresh_tokens.pop_front().unwrap());
            let answer = people::refresh(&issuer, &refresh_token).await;
            if answer.status != 200 {
                self.fault(format!("{} to a refresh: {}", answer.status, answer.text));
                refresh_tokens.push_back(refresh_token);
                continue;
            }
            let answer = answer.json();
            refresh_tokens.push_back(text(&answer, "refresh_token"));
            let token = Token::new(&text(&answer, "access_token"));
            if matches!(self.revocation(&token), Some(Revocation::Answered(at)) if asked > at) {
                self.tally.lock().unwrap().signed_late += 1;
            }
            self.take(number, token.clone());
            join_all((0..self.doors.len()).map(|place| self.present(place, &token))).await;
        }
    }

    async fn make_up_keys(self: Arc<Self>, place: usize, stop: watch::Receiver<bool>) {
        let mut turns = interval(GARBAGE);
        for turn in 0.. {
            turns.tick().await;
            if *stop.borrow() {
                return;
            }
            let token = self.tokens().any().of_made_up_key(&format!("nobody-{place}-{turn}"));
            let status = self.doors[place].ask(&token).await;
            if status != 401 {
                self.fault(format!("{status} to garbage by {}", self.doors[place].name));
            }
        }
    }

    async fn present(&self, place: usize, token: &Token) {
        let (door, asked) = (&self.doors[place], Instant::now());
        let status = door.ask(&token.text).await;
        let let_in = status == door.lets_in;
        let right = match self.revocation(token) {
            None => let_in,
            Some(Revocation::Answered(at)) if asked >= at + REFUSED => status == 401,
            Some(_) => let_in || status == 401,
        };
        if !right {
            let Token { kid, .. } = token;
            return self.fault(format!("{status} by {} under {kid}, {:?}", door.name, asked.elapsed()));
        }
        let mut tally = self.tally.lock().unwrap();
        tally.good += 1;
        if let_in {
            let none = || vec![0; self.doors.len()];
            tally.accepted.entry(token.kid.clone()).or_insert_with(none)[place] += 1;
        }
    }

    /// How far that of its key is.
    fn revocation(&self, token: &Token) -> Option<Revocation> {
        self.revoked.lock().unwrap().get(&*token.kid).copied()
    }

    fn fault(&self, what: String) {
        let mut tally = self.tally.lock().unwrap();
        tally.bad += 1;
        if tally.bad <= TOLD {
            println!("  wrong: {what}");
        }
    }
}
