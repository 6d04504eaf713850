//! Whatever the issuer's key endpoint publishes, a service that knows good keys goes on with them and takes no bad ones.

use std::time::Duration;

use serde_json::json;
use testkit::Issuer;
use tokio::time::timeout;
use verifier::{
    Limits,
    testing::{Answer, KeySetAttack},
};

use crate::sample::{self, AUDIENCE, Sample};

/// For how long a service may take to fetch what was published.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn no_key_set_breaks_a_service_or_lets_anybody_in() {
    let moment = Duration::from_millis(10);
    let limits = Limits {
        on_demand_interval: moment,
        reserved_interval: moment,
        back_off_least: moment,
        back_off_most: moment,
        ..Limits::default()
    };
    let issuer = Issuer::start().await;
    let siege = Siege { sample: sample::limited(&issuer, &limits).await, issuer };
    for row in siege.issuer.key_set_attacks(AUDIENCE) {
        siege.withstand(&row).await;
    }
    siege.sample.running.stop().await;
}

/// A service that asks for keys as often as there are unknown ones.
struct Siege {
    sample: Sample,
    issuer: Issuer,
}

impl Siege {
    async fn withstand(&self, row: &KeySetAttack) {
        let good = self.issuer.customer().token;
        self.publish(self.issuer.good_keys()).await;
        let failures = self.failures().await;
        assert_eq!(self.status(&good).await, 200, "{row}: before");

        self.publish(Answer::keys(row.jwks.clone())).await;
        let client = self.sample.client.with_token(&row.token);
        let refused = client.post("/notes", json!({ "text": "x" })).await;
        assert_eq!(refused.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#), "{row}");
        refused.problem(401, "unauthenticated");
        assert_eq!(self.status(&good).await, 200, "{row}: after");
        let failed = self.failures().await > failures;
        assert_eq!(failed, row.fault.is_some(), "{row}: whether the fetch failed");
    }

    /// Has the service fetch this. By the time of the second request the first answer has been judged.
    async fn publish(&self, answer: Answer) {
        let endpoint = self.issuer.endpoint();
        endpoint.answer(answer);
        let enough = endpoint.requests() + 2;
        let fetching = async {
            // The name of a key that nobody has seen makes the service ask for it.
            while endpoint.requests() < enough {
                let unknown = format!("unknown {}", endpoint.requests());
                let token = self.issuer.token().header("kid", json!(unknown)).mint();
                assert_eq!(self.status(&token).await, 401, "an unknown key");
            }
        };
        timeout(PATIENCE, fetching).await.expect("the service fetches keys in time");
    }

    async fn status(&self, token: &str) -> u16 {
        self.sample.client.with_token(token).post("/notes", json!({ "text": "x" })).await.status
    }

    async fn failures(&self) -> u64 {
        let metrics = self.sample.client.get("/metrics").await.expect(200).text;
        let mut lines = metrics.lines().filter(|line| line.starts_with("key_set_fetch_failures_total{"));
        lines.next().and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap()
    }
}
