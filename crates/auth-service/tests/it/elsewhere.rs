//! A service that verifies tokens elsewhere, and hears of what is revoked by the feed alone.

use std::{sync::Arc, time::Duration};

use testkit::{Issuer, Running, TestClock};
use tokio::{task::JoinHandle, time::timeout};
use tonic::transport::Endpoint;
use verifier::{
    Reason, Trust, Verifier,
    feed::{Boxed, Credential, Feed},
};

use crate::app::{App, build};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A resource service's verifier, that follows a replica of the auth service which nobody revokes at.
pub(crate) struct Elsewhere {
    pub(crate) verifier: Verifier,
    pub(crate) rpc: String,
    pub(crate) feeds: Issuer,
    tasks: Vec<JoinHandle<()>>,
    replica: Running,
}

/// The access token of somebody who may follow the feed.
struct Follower(String);

impl Credential for Follower {
    fn token(&self) -> Boxed<'_, Result<String, Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

impl Elsewhere {
    pub(crate) async fn start(app: &App) -> Self {
        // Whose tokens the replica takes: it has nobody else to tell it who may follow.
        let feeds = Issuer::start().await;
        let trust = feeds.trust();
        let variables = [("AUTH_INSTANCE", "2"), ("AUTH_JWKS_URL", trust.jwks_url.as_str())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let replica = build(&app.database, &app.clock, &variables).await.unwrap();
        let rpc = format!("http://{}", replica.rpc_address());
        let replica = Running::start(replica.health(), |shutdown| replica.run(shutdown)).await;

        let verifier = verifier(app, &app.clock);
        let feed = Feed::new(
            Endpoint::from_shared(rpc.clone()).unwrap().connect_lazy(),
            Arc::new(Follower(feeds.token_with(["revocations"]))),
        );
        let (refresh, follow) = (verifier.clone(), verifier.clone());
        let tasks = vec![
            tokio::spawn(async move { refresh.run().await }),
            tokio::spawn(async move {
                follow.follow("https://auth.example", &feed).await.map(|never| match never {}).unwrap();
            }),
        ];
        timeout(PATIENCE, verifier.until_usable()).await.unwrap();
        Self { verifier, rpc, feeds, tasks, replica }
    }

    /// Returns once the token is refused, which it must be as revoked.
    pub(crate) async fn refuses(&self, token: &str) {
        let refused = async {
            loop {
                match self.verifier.verify(token).await {
                    Ok(_) => tokio::time::sleep(Duration::from_millis(2)).await,
                    Err(rejection) => return rejection.reason(),
                }
            }
        };
        assert_eq!(timeout(PATIENCE, refused).await.unwrap(), Reason::Revoked);
    }

    pub(crate) async fn accepts(&self, token: &str) {
        self.verifier.verify(token).await.unwrap();
    }

    pub(crate) async fn stop(self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.replica.stop().await;
    }
}

fn verifier(app: &App, clock: &Arc<TestClock>) -> Verifier {
    let jwks = format!("{}/.well-known/jwks.json", app.client.base_url()).parse().unwrap();
    let trust = Trust::new("https://auth.example", "users", jwks);
    Verifier::builder(trust).clock(clock.clone()).build().unwrap()
}
