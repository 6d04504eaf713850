//! Who may answer, and what is kept of it, on both engines.

use std::sync::Arc;

use actix_web::{HttpResponse, body::MessageBody, test::TestRequest};
use chassis::{database::Migrations, problem::codes};
use identity::SystemEntropy;
use secrecy::SecretString;
use testkit::{TestClock, TestDatabase, each_engine};

use super::*;

struct Bench {
    idempotency: Idempotency,
    clock: Arc<TestClock>,
    asked: Asked,
}

impl Bench {
    async fn new(database: &TestDatabase) -> Self {
        let migrations = Migrations {
            sqlite: sqlx::migrate!("migrations/sqlite"),
            postgres: sqlx::migrate!("migrations/postgres"),
        };
        let database = Database::open(&database.settings(), &migrations).await.unwrap();
        let clock = Arc::new(TestClock::default());
        let ambient = Ambient::new(clock.clone(), Arc::new(SystemEntropy));
        let fingerprints = FingerprintKey::derive(&SecretString::from("secret".to_owned()));
        let request = TestRequest::post().insert_header((IdempotencyKey::HEADER, "k")).to_http_request();
        let asked = Asked {
            caller: UserId(Uuid::from_u128(1)),
            operation: "test",
            key: IdempotencyKey::of(&request).unwrap(),
            fingerprint: fingerprints.fingerprint(&[b"content"]),
        };
        Self { idempotency: Idempotency::new(database, ambient, fingerprints), clock, asked }
    }

    /// Answers with `text`, as a handler would.
    async fn record(&self, reservation: &Reservation, text: &str) -> Answer<Recorded> {
        let recorded = Recorded::json(&text)?;
        let mut transaction = self.idempotency.database.begin().await?;
        reservation.complete(&mut transaction, &recorded).await?;
        transaction.commit().await?;
        Ok(recorded)
    }

    /// Asks again; the work must not be done again.
    async fn replay(&self) -> (u16, Vec<u8>) {
        let never = async |_: &Reservation| -> Answer<Recorded> { panic!("done twice") };
        read(self.idempotency.once(&self.asked, never).await.unwrap())
    }
}

fn read(response: HttpResponse) -> (u16, Vec<u8>) {
    (response.status().as_u16(), response.into_body().try_into_bytes().unwrap().to_vec())
}

each_engine! {
    async fn whoever_was_taken_for_dead_records_nothing(database: TestDatabase) {
        let bench = Bench::new(&database).await;
        let slow = bench.idempotency.once(&bench.asked, async |slow| {
            bench.clock.advance(LEASE);
            let taken_over = bench.idempotency.once(&bench.asked, async |quick| {
                assert_eq!(quick.id, slow.id, "what was begun can be recognised");
                bench.record(quick, "quick").await
            });
            assert_eq!(read(taken_over.await.unwrap()), (200, br#""quick""#.to_vec()));
            bench.record(slow, "slow").await
        });
        assert_eq!(slow.await.err().unwrap().code(), &problems::IDEMPOTENCY_IN_FLIGHT);
        assert_eq!(bench.replay().await, (200, br#""quick""#.to_vec()));
    }

    async fn while_somebody_is_at_it_nobody_else_begins(database: TestDatabase) {
        let bench = Bench::new(&database).await;
        let first = bench.idempotency.once(&bench.asked, async |reservation| {
            let never = async |_: &Reservation| -> Answer<Recorded> { panic!("done twice") };
            let second = bench.idempotency.once(&bench.asked, never).await;
            assert_eq!(second.err().unwrap().code(), &problems::IDEMPOTENCY_IN_FLIGHT);
            bench.record(reservation, "first").await
        });
        assert_eq!(read(first.await.unwrap()).0, 200);
    }

    async fn not_available_is_no_answer_but_broken_is(database: TestDatabase) {
        let bench = Bench::new(&database).await;
        let away = async |_: &Reservation| Err(Problem::new(&codes::UNAVAILABLE));
        let unavailable = bench.idempotency.once(&bench.asked, away).await;
        assert_eq!(unavailable.err().unwrap().code(), &codes::UNAVAILABLE);

        let broken = async |_: &Reservation| Err(Problem::new(&codes::INTERNAL));
        let broken = read(bench.idempotency.once(&bench.asked, broken).await.unwrap());
        assert_eq!(broken.0, 500);
        assert_eq!(bench.replay().await, broken);
    }

    async fn after_a_day_a_key_begins_anew(database: TestDatabase) {
        let bench = Bench::new(&database).await;
        let first = bench.idempotency.once(&bench.asked, async |first| bench.record(first, "first").await);
        first.await.unwrap();
        bench.clock.advance(KEPT);
        let second = bench.idempotency.once(&bench.asked, async |second| bench.record(second, "second").await);
        assert_eq!(read(second.await.unwrap()), (200, br#""second""#.to_vec()));
    }

    async fn what_is_old_is_swept_but_not_under_somebody_s_hands(database: TestDatabase) {
        let bench = Bench::new(&database).await;
        let away = async |_: &Reservation| Err(Problem::new(&codes::UNAVAILABLE));
        bench.idempotency.once(&bench.asked, away).await.err().unwrap();

        let second = Duration::from_secs(1);
        bench.clock.advance(KEPT.saturating_sub(second));
        let late = bench.idempotency.once(&bench.asked, async |late| {
            bench.clock.advance(second);
            assert_eq!(bench.idempotency.sweep().await.unwrap(), 0);
            bench.record(late, "late").await
        });
        late.await.unwrap();
        assert_eq!(bench.idempotency.sweep().await.unwrap(), 1);
    }
}
