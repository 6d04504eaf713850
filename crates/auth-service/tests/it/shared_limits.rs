//! Limits that replicas keep together.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use testkit::{Client, Running, TestClock, TestDatabase, TestRedis, each_engine, http::Response};

use crate::app::{PASSWORD, build, email};

/// A replica with the settings that all of them share.
struct Replica {
    client: Client,
    running: Running,
}

impl Replica {
    async fn start(database: &TestDatabase, redis: &TestRedis) -> Self {
        let variables = [
            ("AUTH_REDIS_URL", redis.url()),
            ("AUTH_REDIS_TIMEOUT", "1s".to_owned()),
            ("AUTH_LOGIN_LIMIT_PAIR", "1/1h burst 3".to_owned()),
            ("AUTH_REGISTER_LIMIT_ACCOUNT", "1/1h burst 1".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        let service = build(database, &Arc::new(TestClock::default()), &variables).await.unwrap();
        let client = Client::new(format!("http://{}", service.http_address()));
        let running = Running::start(service.health(), |shutdown| service.run(shutdown)).await;
        Self { client, running }
    }

    async fn guess(&self) -> Response {
        let body = json!({ "email": email("ada"), "password": "a guess" });
        self.client.post("/auth/login", body).await
    }

    async fn register(&self) -> Response {
        let body = json!({ "email": email("bob"), "name": "Bob", "password": PASSWORD });
        self.client.post("/auth/register", body).await
    }
}

each_engine! {
    async fn attempts_at_one_replica_count_at_the_other(database: TestDatabase) {
        let Some(redis) = TestRedis::start() else { return };
        let (one, two) = (Replica::start(&database, &redis).await, Replica::start(&database, &redis).await);
        for replica in [&one, &two, &one] {
            replica.guess().await.problem(401, "invalid_credentials");
        }
        let limited = two.guess().await;
        let wait: u64 = limited.header("retry-after").unwrap().parse().unwrap();
        assert!(wait <= 3600 && wait > 3000, "by the time of Redis, which is not that of the test: {wait}");
        limited.problem(429, "rate_limited");
        one.guess().await.problem(429, "rate_limited");

        one.register().await.expect(201);
        two.register().await.problem(429, "rate_limited");

        let metrics = two.client.get("/metrics").await.expect(200).text.clone();
        assert!(metrics.contains("auth_limits_redis_up 1"), "{metrics}");
        assert!(metrics.contains(r#"auth_limit_decisions_total{backend="redis",outcome="refused"} 2"#), "{metrics}");
        one.running.stop().await;
        two.running.stop().await;
    }

    async fn a_replica_without_its_redis_starts_and_counts_alone(database: TestDatabase) {
        let Some(mut redis) = TestRedis::start() else { return };
        redis.kill();
        let replica = tokio::time::timeout(Duration::from_secs(10), Replica::start(&database, &redis)).await.unwrap();
        for _ in 0..3 {
            replica.guess().await.problem(401, "invalid_credentials");
        }
        replica.guess().await.problem(429, "rate_limited");
        let metrics = replica.client.get("/metrics").await.expect(200).text.clone();
        assert!(metrics.contains("auth_limits_redis_up 0"), "{metrics}");
        replica.running.stop().await;
    }
}
