//! An issuer's feed that tells of one session at a time.

use std::{net::SocketAddr, time::Duration};

use chassis::{Shutdown, rpc::RpcServer};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::broadcast;
use tonic::{Request, Response, Status, service::Routes};
use wire::auth::v1::{
    Revocation, Update, WatchRequest,
    revocation::What,
    revocation_feed_server::{RevocationFeed, RevocationFeedServer},
};

const EPOCH: &str = "018f0000-0000-7000-8000-000000000000";

pub(crate) struct Feed {
    pub(crate) address: SocketAddr,
    updates: broadcast::Sender<Update>,
    shutdown: Shutdown,
}

struct Desk(broadcast::Sender<Update>);

impl Feed {
    pub(crate) async fn start() -> Self {
        let server = RpcServer::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let (address, shutdown, updates) =
            (server.address().unwrap(), Shutdown::new(), broadcast::channel(16).0);
        let routes = Routes::new(RevocationFeedServer::new(Desk(updates.clone())));
        tokio::spawn(server.serve(routes, shutdown.clone()));
        Self { address, updates, shutdown }
    }

    /// Ends the first session there is to end; whoever follows hears of it.
    pub(crate) async fn revoke(&self, session: &str, forget_at: i64) {
        let what = Some(What::Session(session.to_owned()));
        let revocation = Revocation { forget_at, revoked_at: 0, what };
        while self.updates.receiver_count() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.updates.send(update(0, 1, vec![revocation])).unwrap();
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

#[tonic::async_trait]
impl RevocationFeed for Desk {
    type WatchStream = std::pin::Pin<Box<dyn Stream<Item = Result<Update, Status>> + Send>>;

    async fn watch(&self, _: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let news = stream::unfold(self.0.subscribe(), async |mut news| Some((news.recv().await.ok()?, news)));
        let updates = stream::iter([update(0, 0, Vec::new())]).chain(news);
        Ok(Response::new(Box::pin(updates.map(Ok))))
    }
}

fn update(after_seq: u64, last_seq: u64, revocations: Vec<Revocation>) -> Update {
    Update { epoch: EPOCH.to_owned(), after_seq, last_seq, complete: true, revocations }
}
