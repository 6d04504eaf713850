//! What a storm of logins does to everybody else: hashing a password takes as long as a hundred other requests, so a
//! thousand of them come at once, and the slowest percent of renewals, key sets and verifications is compared with
//! that of calm moments before and after. Once on SQLite and once on PostgreSQL; issuer, askers and PostgreSQL share all
//! processors. PostgreSQL's processes are scheduled as groups of their own (sched(7), autogroup), for which the issuer's
//! idle threads are threads like others: what that does belongs to the machine, and has no budget. Where next:
//! `issue::program`.

use std::{
    cell::Cell,
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use url::Url;

use crate::{
    Outcome,
    issue::{
        database::Engine,
        people::{self, Person},
        program::{Place, Program},
    },
    load::{Connection, Waiting},
    report::{Budget, Report, heading},
    rounds::Series,
};

/// The pause from one request to the next of each who is not logging in.
const PACE: Duration = Duration::from_millis(5);
/// How many of them are made in each calm time.
const CALM: usize = 1_000;
/// How many log in at once, over and over. Each is somebody else: whoever logs in has their account to themselves for a
/// moment, and nobody logs in so often.
const CROWD: usize = 32;
/// After which somebody who was sent away comes again.
const RETRY: Duration = Duration::from_millis(50);
/// On SQLite the slowest percent may be so many times as slow as in calm times.
const BUDGET: f64 = 2.0;

/// Prints a table for each engine; a short one for SQLite alone.
pub(crate) fn measure(report: &mut Report, postgres: &Url, short: bool) -> Outcome<()> {
    measure_on(Engine::Sqlite, report, if short { 200 } else { 1_000 })?;
    if short { Ok(()) } else { measure_on(Engine::Postgres(postgres), report, 1_000) }
}

fn measure_on(engine: Engine<'_>, report: &mut Report, logins: usize) -> Outcome<()> {
    let program = Program::start(engine, Place::Anywhere)?;
    let at = program.address();
    let person = Person::register(&mut Connection::open(at, Waiting::Asleep)?)?;
    let question = person.asks_to_be_verified();
    let crowd =
        (0..CROWD).map(|_| Ok(Person::register(&mut Connection::open(at, Waiting::Asleep)?)?.logs_in()));
    let crowd = crowd.collect::<Outcome<Vec<_>>>()?;

    let before = calm(at, person, &question)?;
    let raging = AtomicBool::new(true);
    let (stormy, taken) = thread::scope(|scope| {
        let storm = scope.spawn(|| {
            let taken = storm(at, &crowd, logins);
            raging.store(false, Ordering::Relaxed);
            taken.map_err(|error| error.to_string())
        });
        let stormy = everybody(at, before.person, &question, &|_| raging.load(Ordering::Relaxed));
        (stormy, storm.join().map_err(|_| "the storm has failed"))
    });
    let (stormy, taken) = (stormy?, taken??);
    let after = calm(at, stormy.person, &question)?;

    let title = format!("{logins} logins in {:.1} s, {engine}, and others", taken.as_secs_f64());
    heading(&title, &["calm p50, us", "calm p99", "storm p50", "storm p99"]);
    let kinds = ["a session renewed", "the key set", "a token verified"];
    for (kind, ((before, after), stormy)) in
        kinds.into_iter().zip(before.times.into_iter().zip(after.times).zip(stormy.times))
    {
        let calm = Series::new([before, after].concat());
        let stormy = Series::new(stormy);
        let [usual, slowest] = [&calm, &stormy].map(|series| series.percentile(99));
        let figures = [calm.median(), usual, stormy.median(), slowest];
        let budget = Budget::at_most(slowest / usual, BUDGET, "x calm");
        report.row(kind, &figures, (engine == Engine::Sqlite).then_some(budget));
    }
    Ok(())
}

/// How long each request took, in microseconds, by kind; and who renewed their session.
struct Times {
    times: [Vec<f64>; 3],
    person: Person,
}

fn calm(at: SocketAddr, person: Person, question: &[u8]) -> Outcome<Times> {
    everybody(at, person, question, &|asked| asked < CALM)
}

/// All three ask side by side, for as long as `more` says so of how often they have asked.
fn everybody(
    at: SocketAddr,
    mut person: Person,
    question: &[u8],
    more: &(dyn Fn(usize) -> bool + Sync),
) -> Outcome<Times> {
    let keys = people::ask_for_the_keys();
    let times = thread::scope(|scope| {
        let renewing = scope.spawn(|| {
            ask(at, 200, more, |answer| person.asks_for_the_next(answer)).map_err(|error| error.to_string())
        });
        let fetching =
            scope.spawn(|| ask(at, 200, more, |_| Ok(keys.clone())).map_err(|error| error.to_string()));
        // Who is known but no administrator is turned away, after the token was verified and before anything is read.
        let verified = ask(at, 403, more, |_| Ok(question.to_vec()));
        let [renewing, fetching] =
            [renewing, fetching].map(|asking| asking.join().map_err(|_| "an asker has failed"));
        Ok::<_, Box<dyn std::error::Error>>([renewing??, fetching??, verified?])
    })?;
    Ok(Times { times, person })
}

/// Asks at its pace over one connection. `next` makes a request from the body of the answer before it.
fn ask(
    at: SocketAddr,
    expected: u16,
    more: &(dyn Fn(usize) -> bool + Sync),
    mut next: impl FnMut(&[u8]) -> Outcome<Vec<u8>>,
) -> Outcome<Vec<f64>> {
    let mut connection = Connection::open(at, Waiting::Asleep)?;
    let mut times = Vec::new();
    let mut request = next(b"")?;
    let due = Cell::new(Instant::now());
    while more(times.len()) {
        thread::sleep(due.get().saturating_duration_since(Instant::now()));
        due.set(Instant::now() + PACE);
        let begin = Instant::now();
        connection.send(&request)?;
        let status = connection.receive()?;
        times.push(begin.elapsed().as_secs_f64() * 1e6);
        if status != expected {
            return Err(format!("{status} instead of {expected}").into());
        }
        request = next(connection.body())?;
    }
    Ok(times)
}

/// Has everybody log in over and over, so many times in all, and tells how long that took. Who is sent away because too
/// many wait comes again.
fn storm(at: SocketAddr, crowd: &[Vec<u8>], logins: usize) -> Outcome<Duration> {
    let begin = Instant::now();
    let left = AtomicUsize::new(logins);
    let take = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    let one = |login: &[u8]| -> Outcome<()> {
        let mut connection = Connection::open(at, Waiting::Asleep)?;
        while take() {
            loop {
                connection.send(login)?;
                match connection.receive()? {
                    200 => break,
                    503 => thread::sleep(RETRY),
                    other => return Err(format!("a login ends with {other}").into()),
                }
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let one = &one;
        let logging_in = |login| scope.spawn(move || one(login).map_err(|error| error.to_string()));
        let crowd: Vec<_> = crowd.iter().map(|login| logging_in(login)).collect();
        crowd
            .into_iter()
            .try_for_each(|one| one.join().map_err(|_| "one of the crowd has failed".to_owned())?)
    })?;
    Ok(begin.elapsed())
}
