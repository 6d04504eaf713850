//! The feed of revocations: what is said is kept, what is missing is asked for, and silence is told from quiet.

use std::{
    collections::VecDeque,
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use identity::{SessionId, SystemClock, SystemEntropy, UserId};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle, time::timeout};
use tokio_stream::{Stream, StreamExt, wrappers::TcpListenerStream};
use tonic::{Request, Response, Status, transport::Endpoint, transport::Server};
use verifier::{
    HealthReason, Reason, RevokeError, Verifier,
    access::{Caller, Within, scope},
    feed::{Boxed, Credential, Feed},
    testing::{Issuer, Script, TestClock},
};
use wire::auth::v1::{
    Revocation, Subject, Update, WatchRequest,
    revocation::What,
    revocation_feed_server::{RevocationFeed, RevocationFeedServer},
};

const ISSUER: &str = "https://auth.example";
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
pub(crate) const EPOCH: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
pub(crate) const OTHER_EPOCH: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

/// What one stream says, and whether it then stays open.
pub(crate) struct Stream_ {
    updates: Vec<Update>,
    stays: bool,
}

/// A feed that says what it is told to, one stream after the other, and nothing to whoever asks more often.
#[derive(Clone)]
struct Scripted {
    streams: Arc<Mutex<VecDeque<Stream_>>>,
    asked: mpsc::UnboundedSender<(WatchRequest, String)>,
}

#[tonic::async_trait]
impl RevocationFeed for Scripted {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<Update, Status>> + Send>>;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let token = request.metadata().get("authorization").unwrap().to_str().unwrap().to_owned();
        self.asked.send((request.into_inner(), token)).unwrap();
        let next = self.streams.lock().unwrap().pop_front();
        let Stream_ { updates, stays } = next.ok_or_else(|| Status::unavailable("no more"))?;
        let said = tokio_stream::iter(updates.into_iter().map(Ok));
        let rest: Self::WatchStream =
            if stays { Box::pin(tokio_stream::pending()) } else { Box::pin(tokio_stream::empty()) };
        Ok(Response::new(Box::pin(said.chain(rest))))
    }
}

struct Token;

impl Credential for Token {
    fn token(&self) -> Boxed<'_, Result<String, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async { Ok("a.b.c".to_owned()) })
    }
}

pub(crate) struct World {
    pub(crate) issuer: Issuer,
    pub(crate) verifier: Verifier,
    asked: mpsc::UnboundedReceiver<(WatchRequest, String)>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl World {
    async fn start(streams: impl IntoIterator<Item = Stream_>) -> Self {
        let clock = Arc::new(TestClock::default());
        let issuer = Issuer::new(ISSUER, clock.clone());
        let script = Script::new(issuer.answer());
        let builder = Verifier::builder(issuer.trust("users")).clock(clock).script(script);
        Self::following(streams, issuer, builder.build().unwrap()).await
    }

    /// The same, with a folder to keep things in.
    pub(crate) async fn start_at(
        streams: impl IntoIterator<Item = Stream_>,
        issuer: Issuer,
        directory: &Path,
    ) -> Self {
        let builder = Verifier::builder(issuer.trust("users")).script(Script::new(issuer.answer()));
        Self::following(streams, issuer, builder.snapshots(directory).build().unwrap()).await
    }

    async fn following(
        streams: impl IntoIterator<Item = Stream_>,
        issuer: Issuer,
        verifier: Verifier,
    ) -> Self {
        let (sender, asked) = mpsc::unbounded_channel();
        let feed = Scripted { streams: Arc::new(Mutex::new(streams.into_iter().collect())), asked: sender };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server::builder().add_service(RevocationFeedServer::new(feed));
        let serving = server.serve_with_incoming(TcpListenerStream::new(listener));
        let feed = Feed::new(Endpoint::from_shared(url).unwrap().connect_lazy(), Arc::new(Token));
        let (refresh, follow) = (verifier.clone(), verifier.clone());
        let tasks = vec![
            tokio::spawn(async move { drop(serving.await) }),
            tokio::spawn(async move { refresh.run().await }),
            tokio::spawn(async move {
                follow.follow(ISSUER, &feed).await.map(|never| match never {}).unwrap();
            }),
        ];
        timeout(PATIENCE, verifier.until_usable()).await.unwrap();
        Self { issuer, verifier, asked, tasks }
    }

    /// What the next stream was asked for.
    pub(crate) async fn asked(&mut self) -> (String, u64) {
        let (request, token) = timeout(PATIENCE, self.asked.recv()).await.unwrap().unwrap();
        assert_eq!(token, "Bearer a.b.c");
        (request.epoch, request.after_seq)
    }

    /// Returns once everything up to `seq` is known.
    pub(crate) async fn knows(&self, seq: u64) {
        let known = async {
            while self.verifier.health().issuers[0].feed.is_none_or(|feed| feed.last_seq != seq) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, known).await.unwrap();
    }

    pub(crate) fn revocations(&self) -> usize {
        self.verifier.health().issuers[0].revocations
    }
}

pub(crate) fn update(epoch: &str, after_seq: u64, what: impl IntoIterator<Item = What>) -> Update {
    let forget_at = i64::MAX;
    let line = |what| Revocation { forget_at, revoked_at: 0, what: Some(what) };
    let revocations: Vec<_> = what.into_iter().map(line).collect();
    let last_seq = after_seq + revocations.len() as u64;
    Update { epoch: epoch.to_owned(), after_seq, last_seq, complete: true, revocations }
}

pub(crate) fn session() -> What {
    What::Session(SessionId::generate(&SystemClock, &SystemEntropy).to_string())
}

pub(crate) fn ends(updates: impl IntoIterator<Item = Update>) -> Stream_ {
    Stream_ { updates: updates.into_iter().collect(), stays: false }
}

pub(crate) fn stays(updates: impl IntoIterator<Item = Update>) -> Stream_ {
    Stream_ { stays: true, ..ends(updates) }
}

#[tokio::test]
async fn every_kind_of_revocation_is_taken() {
    let (subject, sid) =
        (UserId::generate(&SystemClock, &SystemEntropy), SessionId::generate(&SystemClock, &SystemEntropy));
    let world = World::start([stays([update(
        EPOCH,
        0,
        [
            What::Session(sid.to_string()),
            What::Subject(Subject { subject: subject.to_string(), least_version: 3 }),
            What::Token("stolen".to_owned()),
            What::Client("closed".to_owned()),
            What::Key("lost".to_owned()),
        ],
    )])])
    .await;
    world.knows(5).await;
    let verdict = async |token: String| world.verifier.verify(&token).await.map_err(|no| no.reason());
    let mint = || world.issuer.token();
    for bad in [
        mint().claim("sid", sid.to_string().into()),
        mint().subject(subject).claim("ver", 2.into()),
        mint().claim("jti", "stolen".into()),
        mint().claim("client_id", "closed".into()),
    ] {
        assert_eq!(verdict(bad.mint()).await.unwrap_err(), Reason::Revoked);
    }
    for good in [mint(), mint().subject(subject).claim("ver", 3.into())] {
        verdict(good.mint()).await.unwrap();
    }
    assert_eq!(world.revocations(), 5);
}

#[tokio::test]
async fn after_a_break_it_goes_on_where_it_stopped() {
    let mut world = World::start([
        ends([update(EPOCH, 0, [session(), session()]), update(EPOCH, 2, [session()])]),
        stays([update(EPOCH, 3, [session()])]),
    ])
    .await;
    assert_eq!(world.asked().await, (String::new(), 0));
    assert_eq!(world.asked().await, (EPOCH.to_owned(), 3));
    world.knows(4).await;
    assert_eq!(world.revocations(), 4);
}

#[tokio::test]
async fn when_something_is_missing_everything_is_asked_for() {
    let unreadable = [
        Revocation { forget_at: 1, revoked_at: 0, what: None },
        Revocation { forget_at: 1, revoked_at: 0, what: Some(What::Session("x".into())) },
    ]
    .map(|line| Update { revocations: vec![line], last_seq: 2, ..update(EPOCH, 1, []) });
    let [no_kind, no_uuid] = unreadable;
    let mut backwards = update(EPOCH, 1, []);
    backwards.last_seq = 0;
    let gap = update(EPOCH, 2, [session()]);
    let not_from_the_beginning = update(OTHER_EPOCH, 1, [session()]);
    for second in [no_kind, no_uuid, backwards, gap, not_from_the_beginning] {
        let mut world = World::start([
            ends([update(EPOCH, 0, [session()]), second.clone()]),
            stays([update(EPOCH, 0, [session(), session(), session()])]),
        ])
        .await;
        assert_eq!(world.asked().await, (String::new(), 0));
        assert_eq!(world.asked().await, (String::new(), 0), "{second:?}");
        world.knows(3).await;
        // What was heard before is not unsaid.
        assert_eq!(world.revocations(), 4);
    }
}

#[tokio::test]
async fn another_log_is_told_from_its_beginning_and_ends_nothing() {
    let mut world = World::start([
        ends([update(EPOCH, 0, [session(), session()])]),
        stays([update(OTHER_EPOCH, 0, [session()])]),
    ])
    .await;
    assert_eq!(world.asked().await, (String::new(), 0));
    assert_eq!(world.asked().await, (EPOCH.to_owned(), 2));
    world.knows(1).await;
    assert_eq!(world.revocations(), 3);
}

#[tokio::test]
async fn routes_that_must_know_are_closed_until_all_was_heard() {
    let half = Update { complete: false, ..update(EPOCH, 0, [session()]) };
    let world = World::start([stays([half])]).await;
    let half_is_known = async {
        while world.revocations() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, half_is_known).await.unwrap();
    let token = format!("Bearer {}", world.issuer.token().mint());
    let values = || [token.as_bytes()].into_iter();
    let strict = async || Caller::<Within<15, scope::Profile>>::authenticate(&world.verifier, values()).await;
    let refusal = strict().await.unwrap_err();
    assert_eq!((refusal.status(), refusal.code(), refusal.reason()), (503, "unavailable", None));
    assert!(refusal.retry_after().is_some() && refusal.challenge().is_none());
    // Who may not come in at all is told so.
    let nobody = Caller::<Within<15, scope::Profile>>::authenticate(&world.verifier, [].into_iter()).await;
    assert_eq!(nobody.unwrap_err().status(), 401);
    Caller::<scope::Profile>::authenticate(&world.verifier, values()).await.unwrap();
    let reasons = world.verifier.health().reasons;
    assert_eq!(reasons, [HealthReason::FeedSilent { since: None }]);

    let world = World::start([stays([update(EPOCH, 0, [session()])])]).await;
    world.knows(1).await;
    let token = format!("Bearer {}", world.issuer.token().mint());
    let values = [token.as_bytes()].into_iter();
    Caller::<Within<15, scope::Profile>>::authenticate(&world.verifier, values).await.unwrap();
    assert_eq!(world.verifier.health().reasons, []);
}

#[tokio::test]
async fn without_a_feed_tokens_are_good_until_they_expire() {
    let clock = Arc::new(TestClock::default());
    let issuer = Issuer::new(ISSUER, clock.clone());
    let builder = Verifier::builder(issuer.trust("users")).clock(clock);
    let verifier = builder.script(Script::new(issuer.answer())).build().unwrap();
    let refresh = verifier.clone();
    let refresh = tokio::spawn(async move { refresh.run().await });
    timeout(PATIENCE, verifier.until_usable()).await.unwrap();
    let token = format!("Bearer {}", issuer.token().mint());
    let status = async || {
        let values = [token.as_bytes()].into_iter();
        let strict = Caller::<Within<15, scope::Profile>>::authenticate(&verifier, values).await;
        strict.err().map(|refusal| refusal.status())
    };
    assert_eq!(status().await, None);
    assert_eq!(verifier.health().reasons, []);

    // Whoever follows one waits for it, from before it is first connected to, and when it is no longer followed too.
    let feed = Feed::new(Endpoint::from_static("http://127.0.0.1:9").connect_lazy(), Arc::new(Token));
    drop(verifier.follow(ISSUER, &feed));
    assert_eq!(status().await, Some(503));
    assert_eq!(verifier.health().reasons, [HealthReason::FeedSilent { since: None }]);

    let listener = verifier.listen(ISSUER).unwrap();
    listener.revoke(Vec::new()).unwrap();
    assert_eq!(status().await, Some(503), "half a word is none");
    listener.hear(Vec::new(), 7).unwrap();
    assert_eq!((status().await, verifier.health().issuers[0].feed.unwrap().last_seq), (None, 7));
    refresh.abort();
}

#[tokio::test]
async fn only_the_feed_of_a_trusted_issuer_is_followed() {
    let world = World::start([]).await;
    let feed = Feed::new(Endpoint::from_static("http://127.0.0.1:9").connect_lazy(), Arc::new(Token));
    let refused = world.verifier.follow("https://other.example", &feed).await;
    assert_eq!(refused.unwrap_err(), RevokeError::UnknownIssuer);
    assert!(world.verifier.listen("https://other.example").is_err());
}
