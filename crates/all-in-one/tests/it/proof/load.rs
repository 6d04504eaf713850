//! Others who use the system meanwhile, and must not notice anything.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use super::{door::Door, fleet::Fleet};
use crate::people::{self, text};

/// Between two requests at one replica.
const PAUSE: Duration = Duration::from_millis(25);

/// One caller at each living replica.
pub(crate) struct Load {
    began: Instant,
    stop: watch::Sender<bool>,
    callers: Vec<JoinHandle<(usize, usize)>>,
}

impl Load {
    pub(crate) async fn start(fleet: &Fleet) -> Self {
        let token = text(&people::register(fleet.issuer(), &fleet.new_email()).await, "access_token");
        let stop = watch::Sender::new(false);
        let call = |door: Door| {
            let (token, stop) = (token.clone(), stop.subscribe());
            tokio::spawn(async move {
                let (mut good, mut bad) = (0, 0);
                while !*stop.borrow() {
                    let expected = door.ask(&token).await == door.lets_in;
                    *(if expected { &mut good } else { &mut bad }) += 1;
                    sleep(PAUSE).await;
                }
                (good, bad)
            })
        };
        let callers = fleet.doors().into_iter().map(call).collect();
        Self { began: Instant::now(), stop, callers }
    }

    /// How many requests were answered as they had to be, how many were not, and in what time.
    pub(crate) async fn stop(self) -> (usize, usize, Duration) {
        self.stop.send_replace(true);
        let lasted = self.began.elapsed();
        let counts = join_all(self.callers).await.into_iter().map(Result::unwrap);
        let (good, bad) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        (good, bad, lasted)
    }
}
