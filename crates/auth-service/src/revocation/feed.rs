//! `signet.auth.v1.RevocationFeed`: the log of revocations, for whoever verifies tokens.

use std::{pin::Pin, sync::Arc, time::Duration};

use chassis::{Shutdown, rpc};
use futures_util::{Stream, stream};
use identity::{Clock, TokenId, scope};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tonic::{Request, Response, Status};
use uuid::Uuid;
use verifier::{Revoked, Verifier};
use wire::auth::v1::{
    self as message, Revocation, Update, WatchRequest, revocation::What,
    revocation_feed_server::RevocationFeed,
};

use super::tail::Tail;
use crate::store::revocations::{End, Event};

/// How often it is said that there is nothing new.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How soon it is looked again whether that can be said, when it could not.
const AGAIN: Duration = Duration::from_millis(500);
/// How many lines one message has. A stream keeps the memory of its largest message, and there may be thousands.
const MOST_LINES: usize = 32;

/// The feed.
pub(crate) struct Feed {
    pub(crate) tail: Tail,
    pub(crate) verifier: Verifier,
    pub(crate) clock: Arc<dyn Clock>,
    /// Ends all streams, which would end by nothing else.
    pub(crate) stop: Shutdown,
}

type Updates = Pin<Box<dyn Stream<Item = Result<Update, Status>> + Send>>;

#[tonic::async_trait]
impl RevocationFeed for Feed {
    type WatchStream = Updates;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Updates>, Status> {
        let caller = rpc::caller::<scope::Revocations>(&self.verifier, request.metadata()).await?;
        let unavailable = |_| Status::unavailable("unavailable");
        if self.tail.is_revoked(&caller).await.map_err(unavailable)? {
            return Err(Status::unauthenticated("unauthenticated"));
        }
        let WatchRequest { epoch, after_seq } = request.into_inner();
        let mut ends = self.tail.ends();
        let end = *ends
            .wait_for(|end| !end.epoch.is_nil())
            .await
            .map_err(|_| Status::unavailable("unavailable"))?;
        let begins_after = i64::try_from(after_seq)
            .ok()
            .filter(|seq| epoch.parse() == Ok(end.epoch) && *seq <= end.last_seq);
        let granted = caller.expires_at.saturating_sub(self.clock.now().as_second());
        let reader = Reader {
            tail: self.tail.clone(),
            ends,
            stop: self.stop.clone(),
            until: Instant::now() + Duration::from_secs(granted.try_into().unwrap_or_default()),
            epoch: end.epoch,
            last_seq: begins_after.unwrap_or_default(),
            said: None,
        };
        Ok(Response::new(Box::pin(stream::unfold(reader, Reader::next))))
    }
}

/// One subscriber's place in the log.
struct Reader {
    tail: Tail,
    ends: watch::Receiver<End>,
    stop: Shutdown,
    /// When the caller's token ends; it has to come again with another.
    until: Instant,
    epoch: Uuid,
    last_seq: i64,
    /// When something was last said.
    said: Option<Instant>,
}

impl Reader {
    /// What is to be said next; `None` when the log is another one, the caller's time is over or the replica shuts down.
    async fn next(mut self) -> Option<(Result<Update, Status>, Self)> {
        loop {
            let end = *self.ends.borrow_and_update();
            if end.epoch != self.epoch || end.last_seq < self.last_seq {
                return None;
            }
            let is_due = self.said.is_none_or(|said| said.elapsed() >= HEARTBEAT);
            if end.last_seq > self.last_seq || (is_due && self.tail.is_fresh()) {
                return Some((Ok(self.update()), self));
            }
            let heartbeat = self.said.filter(|_| !is_due).map(|said| said + HEARTBEAT);
            tokio::select! {
                changed = self.ends.changed() => changed.ok()?,
                () = sleep_until(heartbeat.unwrap_or_else(|| Instant::now() + AGAIN)) => {}
                () = sleep_until(self.until) => return None,
                () = self.stop.triggered() => return None,
            }
        }
    }

    fn update(&mut self) -> Update {
        let batch = self.tail.after(self.last_seq, MOST_LINES);
        let after_seq = std::mem::replace(&mut self.last_seq, batch.last_seq);
        self.said = Some(Instant::now());
        Update {
            epoch: self.epoch.to_string(),
            after_seq: number(after_seq),
            last_seq: number(batch.last_seq),
            complete: batch.complete,
            revocations: batch.lines.iter().map(|line| revocation(line)).collect(),
        }
    }
}

fn number(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}

fn revocation(line: &Event) -> Revocation {
    let what = match &line.revocation.what {
        Revoked::Session(session) => What::Session(session.to_string()),
        Revoked::Subject { subject, least_version } => {
            What::Subject(message::Subject { subject: subject.to_string(), least_version: *least_version })
        }
        Revoked::Token(TokenId(token)) => What::Token(token.to_string()),
        Revoked::Client(client) => What::Client(client.clone()),
        Revoked::Key(kid) => What::Key(kid.clone()),
    };
    Revocation {
        forget_at: line.revocation.forget_at,
        revoked_at: line.revoked_at.as_microsecond(),
        what: Some(what),
    }
}
