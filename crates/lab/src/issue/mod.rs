//! How fast the issuer issues, on one core, beside the bare signature: tokens for clients (`client_credentials`),
//! renewed sessions, and the key set. Once on SQLite and once on PostgreSQL, but for the key set, which asks neither.
//!
//! Budgets go by the issuer's processor time for each request, which is the inverse of its rate when it does nothing
//! else. The time of PostgreSQL's own processes is not in it. Where next: `program`, what is measured; `people`, what it
//! is asked.

pub(crate) mod database;
pub(crate) mod people;
pub(crate) mod program;

use std::{cell::RefCell, time::Instant};

use url::Url;

use crate::{
    Outcome,
    load::{Connection, Waiting},
    machine::{self, Noise},
    mint,
    report::{Budget, Report, heading},
    rounds::{Series, interleave, nanoseconds_each},
};
use database::Engine;
use people::{Client, Person};
use program::{Place, Program};

/// How many requests are under way at once.
const CONNECTIONS: usize = 16;
/// How many requests one turn sends over each connection.
const TOKENS: usize = 12;
const KEY_SETS: usize = 125;
/// How many bare signatures make a turn.
const SIGNATURES: usize = 60;

/// Prints a table for each engine; a short one for SQLite alone.
pub(crate) fn measure(report: &mut Report, postgres: &Url, short: bool) -> Outcome<()> {
    let rounds = if short { 20 } else { 80 };
    measure_on(Engine::Sqlite, report, rounds)?;
    if short { Ok(()) } else { measure_on(Engine::Postgres(postgres), report, rounds) }
}

fn measure_on(engine: Engine<'_>, report: &mut Report, rounds: usize) -> Outcome<()> {
    let issuer = mint::issuer();
    let token = issuer.token().mint();
    let message = token.rsplit_once('.').map_or("", |(signed, _)| signed);
    machine::stay_on(1)?;
    let program = Program::start(engine, Place::OneProcessor)?;
    // PostgreSQL works on the processor on which this process waits.
    let waiting = if engine == Engine::Sqlite { Waiting::Awake } else { Waiting::Asleep };
    let connect = || Connection::open(program.address(), waiting);
    let mut connections = (0..CONNECTIONS).map(|_| connect()).collect::<Outcome<Vec<_>>>()?;
    let client = Client::register(&program)?;
    let mut people = connections.iter_mut().map(Person::register).collect::<Outcome<Vec<_>>>()?;
    let connections = RefCell::new(connections);

    let turn = |each: usize, ask: &mut Ask<'_>| turn(&program, &mut connections.borrow_mut(), each, ask);
    let noise = Noise::now()?;
    let results = interleave(
        rounds,
        [
            &mut || {
                // On the processor of whom it is compared with, who is at rest.
                machine::stay_on(0)?;
                let cost = nanoseconds_each(&[message; SIGNATURES], |message| issuer.signature(message));
                machine::stay_on(1)?;
                Ok(Turn { rate: f64::NAN, cost })
            },
            &mut || turn(TOKENS, &mut |_, _| Ok(client.asks_for_a_token())),
            &mut || {
                turn(TOKENS, &mut |number, answer| {
                    people.get_mut(number).ok_or("nobody")?.asks_for_the_next(answer)
                })
            },
            &mut || match engine {
                Engine::Sqlite => turn(KEY_SETS, &mut |_, _| Ok(people::ask_for_the_keys())),
                Engine::Postgres(_) => Ok(Turn { rate: f64::NAN, cost: f64::NAN }),
            },
        ],
    )?;
    let title =
        format!("issuing on one core, {engine}, {rounds} rounds, processors {:.0} % busy", noise.since()?);
    show(report, &title, engine, results.map(Figures::of));
    Ok(())
}

/// What one turn gave.
struct Turn {
    /// Requests in a second, by the clock.
    rate: f64,
    /// Nanoseconds of the program's time for each request.
    cost: f64,
}

/// Makes the next request from a connection's number and the body of the answer before it, which is empty at first.
type Ask<'a> = dyn FnMut(usize, &[u8]) -> Outcome<Vec<u8>> + 'a;

/// Sends `each` requests over every connection.
fn turn(program: &Program, connections: &mut [Connection], each: usize, ask: &mut Ask<'_>) -> Outcome<Turn> {
    let before = program.time()?;
    let begin = Instant::now();
    for (number, connection) in connections.iter_mut().enumerate() {
        connection.send(&ask(number, b"")?)?;
    }
    for left in (0..each).rev() {
        for (number, connection) in connections.iter_mut().enumerate() {
            let status = connection.receive()?;
            if status != 200 {
                return Err(format!("{status} instead of 200").into());
            }
            let next = ask(number, connection.body())?;
            if left > 0 {
                connection.send(&next)?;
            }
        }
    }
    let elapsed = begin.elapsed().as_secs_f64();
    let spent = program.time()?.saturating_sub(before).as_secs_f64();
    let number = (each * connections.len()) as f64;
    Ok(Turn { rate: number / elapsed, cost: spent * 1e9 / number })
}

/// What all turns gave.
struct Figures {
    rate: Series,
    cost: Series,
}

impl Figures {
    fn of(turns: Vec<Turn>) -> Self {
        let series = |figure: fn(&Turn) -> f64| Series::new(turns.iter().map(figure).collect());
        Self { rate: series(|turn| turn.rate), cost: series(|turn| turn.cost) }
    }
}

fn show(report: &mut Report, title: &str, engine: Engine<'_>, figures: [Figures; 4]) {
    let [raw, client, refresh, keys] = figures;
    heading(title, &["req/s", "calm, ns", "median, ns"]);
    let mut row = |name: &str, figures: &Figures, budget: Option<Budget>| {
        let Figures { rate, cost } = figures;
        report.row(name, &[rate.median(), cost.calm(), cost.median()], budget);
    };
    let of_raw = |ours: &Figures, limit| Some(Budget::at_least(raw.cost.ratio(&ours.cost), limit, "of raw"));
    row("raw aws-lc-rs RSA-2048 signature", &raw, None);
    row("a token for a client", &client, of_raw(&client, 0.8));
    row("a session renewed", &refresh, of_raw(&refresh, 0.6));
    if engine == Engine::Sqlite {
        row("the key set", &keys, Some(Budget::at_least(1e9 / keys.cost.calm(), 40_000.0, "/s")));
    }
}
