//! What an authenticated request causes on the network: nothing.
//!
//! All that a replica says to its database, to the issuer and on the feed goes through proxies, which count how often
//! it sends something. What is asked needs no more than a good token and is answered 403, so that all that is
//! counted would be the token's cost. As long without requests tells what it says by itself.

use std::time::Instant;

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{figures::Figures, fleet::Fleet, replica::Replica, watch::accepted};
use crate::people::{self, text};

/// Different tokens, so that each is verified in full at least once.
const TOKENS: usize = 20;

/// What was sent to the database, to the issuer over HTTP, and to it over the feed; and connections begun to any.
#[derive(Debug, Clone, Copy)]
struct Sent([usize; 4]);

impl Sent {
    fn by(replica: &Replica) -> Self {
        let Replica { database, keys, feed, .. } = replica;
        let connections = database.accepted() + keys.accepted() + feed.accepted();
        Self([database.heard(), keys.heard(), feed.heard(), connections])
    }

    fn since(replica: &Replica, before: Self) -> Self {
        let mut now = Self::by(replica).0;
        now.iter_mut().zip(before.0).for_each(|(now, before)| *now -= before);
        Self(now)
    }

    fn all(self) -> usize {
        self.0.iter().sum()
    }
}

/// Sends so many requests to each replica and counts what they cause.
pub(crate) async fn count(fleet: &Fleet, number: usize, figures: &mut Figures) {
    let mut tokens = Vec::new();
    for _ in 0..TOKENS {
        tokens.push(text(&people::register(fleet.issuer(), &fleet.new_email()).await, "access_token"));
    }
    // Connections to the database exist, keys are known.
    accepted(&fleet.doors(), &tokens[0]).await;
    println!("\nsent by each replica to PostgreSQL, to the issuer over HTTP, on its feed; connections begun");
    let counting = fleet.replicas.iter().map(async |replica| {
        let (began, before) = (Instant::now(), Sent::by(replica));
        for turn in 0..number {
            assert_eq!(replica.door.ask(&tokens[turn % TOKENS]).await, replica.door.lets_in);
        }
        let (lasted, busy) = (began.elapsed(), Sent::since(replica, before));
        let before = Sent::by(replica);
        sleep(lasted).await;
        (lasted, busy, Sent::since(replica, before))
    });
    for (replica, (lasted, busy, idle)) in fleet.replicas.iter().zip(join_all(counting).await) {
        let what = format!(
            "{number} requests in {:.1} s: {:?}; none in as long: {:?}",
            lasted.as_secs_f64(),
            busy.0,
            idle.0
        );
        // What a replica says by itself now and then it does not say with one request in twenty.
        figures.note(&replica.door.name, &what, busy.all() <= idle.all() + number / 20);
    }
}
