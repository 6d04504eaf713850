//! How long a refusal takes tells nothing: an unknown user and a wrong password take the same time.

use std::time::{Duration, Instant};

use testkit::each_engine;

use crate::app::App;

/// Attempts of each kind in one batch.
const SAMPLES: usize = 60;
/// A batch can be spoilt by whatever else the machine does; a difference that is really there spoils them all.
const BATCHES: usize = 3;

each_engine! {
    async fn an_unknown_user_takes_as_long_as_a_wrong_password(database: TestDatabase) {
        let app = App::start(database).await;
        app.register("ada").await;
        let mut differences = Vec::new();
        for _ in 0..BATCHES {
            let difference = difference(&app).await;
            differences.push(difference);
            if difference <= 0.05 {
                return app.stop().await;
            }
        }
        panic!("the medians differ by {differences:?}");
    }
}

/// How far the medians of both kinds are apart, as a part of the longer one.
async fn difference(app: &App) -> f64 {
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    for round in 0..SAMPLES {
        // Taking turns at going first, so that neither kind always follows the other.
        if round % 2 == 0 {
            unknown.push(time(app, "nobody").await);
            wrong.push(time(app, "ada").await);
        } else {
            wrong.push(time(app, "ada").await);
            unknown.push(time(app, "nobody").await);
        }
    }
    let (unknown, wrong) = (median(unknown), median(wrong));
    unknown.abs_diff(wrong).as_secs_f64() / unknown.max(wrong).as_secs_f64()
}

async fn time(app: &App, name: &str) -> Duration {
    let began = Instant::now();
    app.try_login(name, "not the password of anybody").await.expect(401);
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
