//! Where a token is looked at.

use std::time::Duration;

use serde_json::json;
use testkit::{
    Client,
    http::{Request, Response},
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::process::PATIENCE;

/// A replica and what it is asked.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) name: String,
    pub(crate) client: Client,
    /// What is asked: of the issuer its own sessions, of others what an ordinary user may not have.
    pub(crate) question: fn(&Client) -> Request,
    /// What is answered to whoever has a good token.
    pub(crate) lets_in: u16,
}

impl Door {
    /// The status with which a token is met.
    pub(crate) async fn ask(&self, token: &str) -> u16 {
        (self.question)(&self.client.with_token(token)).await.status
    }

    /// What it counts under this name, whatever the labels; 0 if nothing.
    pub(crate) async fn number(&self, name: &str) -> u64 {
        let text = self.client.get("/metrics").await.expect(200).text;
        let values = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']))?;
            rest.rsplit(' ').next()?.parse::<u64>().ok()
        });
        values.sum()
    }

    /// Returns once it serves and has no reason to complain: it has keys and hears the feed.
    pub(crate) async fn ready(&self) {
        self.listening().await;
        self.until(|answer| answer.json()["reasons"] == json!({})).await;
    }

    /// Returns once it serves.
    pub(crate) async fn listening(&self) {
        let address = self.client.base_url().trim_start_matches("http://");
        let listening = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, listening).await.unwrap_or_else(|_| panic!("{} does not listen", self.name));
        self.until(|answer| answer.status == 200).await;
    }

    /// Waits until it says of itself what it should.
    async fn until(&self, is_right: impl Fn(&Response) -> bool) {
        let right = async {
            while !is_right(&self.client.get("/readyz").await) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, right).await.unwrap_or_else(|_| panic!("{} is not ready", self.name));
    }
}
