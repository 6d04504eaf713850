//! What happens when Redis is killed or hangs. Measured, so these tests run alone.

use super::*;

/// What is promised of looking.
const WITHOUT_REDIS: Duration = Duration::from_secs(2);
/// Nobody who waits for a Redis that hangs is this fast.
const WITHOUT_WAITING: Duration = Duration::from_millis(500);

each_engine! {
    async fn without_redis_replicas_look_by_themselves_until_it_is_back(database: TestDatabase) {
        let Some(mut redis) = TestRedis::start() else { return };
        let one = Replica::beside(&database, &redis, POLL).await;
        let mut two = Replica::beside(&database, &redis, POLL).await;
        let mut deaf = Replica::beside(&database, &redis, NEVER).await;
        one.revoke().await;
        deaf.knows(1).await;

        redis.kill();
        for replica in [&one, &two, &deaf] {
            replica.until("auth_wake_redis_up 0").await;
        }
        for count in 2..=4 {
            one.revoke().await;
            let took = two.knows(count).await;
            assert!(took <= WITHOUT_REDIS, "{took:?}");
        }
        assert_eq!(deaf.known(), 1);

        redis.restart();
        deaf.knows(4).await;
        for replica in [&one, &two, &deaf] {
            replica.until("auth_wake_redis_up 1").await;
        }
        for count in 5..=7 {
            one.revoke().await;
            deaf.knows(count).await;
        }
    }

    async fn nobody_waits_for_a_redis_that_hangs(database: TestDatabase) {
        let Some(redis) = TestRedis::start() else { return };
        let one = Replica::beside(&database, &redis, POLL).await;
        let mut two = Replica::beside(&database, &redis, POLL).await;
        redis.freeze();
        for count in 1..=20 {
            let took = one.revoke().await;
            assert!(took < WITHOUT_WAITING, "{took:?}");
            if count % 10 == 0 {
                let took = two.knows(count).await;
                assert!(took <= WITHOUT_REDIS, "{took:?}");
            }
        }
        one.until("auth_wake_redis_up 0").await;
        redis.thaw();
        for replica in [&one, &two] {
            replica.until("auth_wake_redis_up 1").await;
        }
        let mut deaf = Replica::beside(&database, &redis, NEVER).await;
        for count in 21..=23 {
            one.revoke().await;
            deaf.knows(count).await;
        }
    }
}
