//! Card numbers are nowhere to be found afterwards: not in the database, not in the logs.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock},
};

use secrecy::ExposeSecret;
use testkit::each_engine;
use tracing_subscriber::fmt::MakeWriter;

use crate::app::{App, DECLINED, GOOD, POOR, SLOW};

const CARDS: [&str; 4] = [GOOD, DECLINED, POOR, SLOW];

/// Everything that is logged, at every level, by anything in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn of_process() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
            lines.with_ansi(false).with_writer(log.clone()).init();
            log
        })
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

async fn pay_in_every_way(app: &App) {
    let paying = app.payment().await;
    for (number, card) in CARDS.iter().enumerate() {
        let key = format!("key {number}");
        app.confirm(&paying, card, &key).await;
        app.confirm(&paying, card, &key).await;
    }
    app.confirm(&paying, "4242424242424241", "wrong").await.problem(422, "validation_failed");
    let paying = app.payment().await;
    app.confirm(&paying, GOOD, "k").await.expect(200);
}

fn find(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// As digits, and as PostgreSQL shows bytes.
fn spellings(card: &str) -> [String; 2] {
    [card.to_owned(), card.chars().flat_map(|digit| ['3', digit]).collect()]
}

each_engine! {
    async fn no_card_number_is_stored(database: TestDatabase) {
        let app = App::start(database).await;
        pay_in_every_way(&app).await;
        let everything = if app.books.is_postgres() {
            let tables = [
                "SELECT t::text AS text FROM payments t",
                "SELECT t::text AS text FROM refunds t",
                "SELECT t::text AS text FROM releases t",
                "SELECT t::text AS text FROM idempotency_keys t",
                "SELECT t::text AS text FROM outbox t",
                "SELECT t::text AS text FROM sandbox_charges t",
                "SELECT t::text AS text FROM sandbox_refunds t",
            ];
            let mut rows = Vec::new();
            for table in tables {
                rows.extend(app.books.texts(table).await);
            }
            app.stop().await;
            rows.join("\n").into_bytes()
        } else {
            let database = app.stop().await;
            let url = database.settings().url.expose_secret().to_owned();
            std::fs::read(url.trim_start_matches("sqlite:")).unwrap()
        };
        assert!(find(&everything, b"Haircut"), "this looks at what is stored");
        for card in CARDS {
            for spelling in spellings(card) {
                assert!(!find(&everything, spelling.as_bytes()), "{spelling}");
            }
        }
    }

    async fn no_card_number_is_logged(database: TestDatabase) {
        let log = Log::of_process();
        let app = App::start(database).await;
        pay_in_every_way(&app).await;
        app.stop().await;
        let logged = log.0.lock().unwrap();
        assert!(find(&logged, b"/payments/{id}/confirm"), "this looks at what is logged");
        for card in CARDS {
            assert!(!find(&logged, card.as_bytes()), "{card}");
        }
    }
}
