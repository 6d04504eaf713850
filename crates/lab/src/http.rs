//! What authentication costs an HTTP server that has one core, beside the same handler without it. The server has one
//! processor to itself and this process another, so that the server is what limits the rate.
//!
//! Budgets go by the server's processor time for each request, which is the inverse of its rate when it does nothing
//! else, and stays the same when the machine does. Where next: `serve`, the server; `load`, the requests.

use std::{cell::RefCell, time::Instant};

use verifier::testing::{Issuer, JwksServer, Script};

use crate::{
    Outcome,
    load::{Load, Waiting, request},
    machine::{self, Noise},
    mint,
    report::{Budget, Report, heading},
    rounds::{Series, calm, interleave},
    serve::Door,
    server::Server,
    verify::Limit,
};

const CONNECTIONS: usize = 32;
/// How many requests one turn sends, and how many of them under a token never seen before, each of which is used once.
/// The shorter the turns, the more alike are the conditions of those that are compared.
const REQUESTS: usize = 1_000;
const FRESH: usize = 150;
/// The bare signature, and what is asked of the server.
const CONTESTANTS: usize = 8;

/// What one turn gave.
struct Turn {
    /// Requests in a second, by the clock.
    rate: f64,
    /// Nanoseconds of the server's time for each request.
    cost: f64,
    /// How much of the time the server was at work, in percent.
    busy: f64,
}

/// Prints the table. In full it starts several servers, one after the other: where a program comes to lie in memory
/// makes it some percent faster or slower for as long as it runs.
pub(crate) fn measure(report: &mut Report, short: bool) -> Outcome<()> {
    let (starts, rounds) = if short { (1, 40) } else { (5, 80) };
    let issuer = mint::issuer();
    let tokens = mint::tokens(&issuer, REQUESTS)?;
    machine::stay_on(1)?;
    let runtime = mint::runtime()?;
    let keys = runtime.block_on(JwksServer::start(Script::new(issuer.answer())));
    let limit = Limit::new(&issuer, &tokens)?;
    let noise = Noise::now()?;
    let mut results = [const { Vec::new() }; CONTESTANTS];
    for _ in 0..starts {
        let server = Server::start(&issuer, &keys.url(), 1)?;
        for (all, more) in results.iter_mut().zip(compare(&server, &issuer, &tokens, &limit, rounds)?) {
            all.extend(more);
        }
    }
    let title =
        format!("HTTP on one core, {} rounds, processors {:.0} % busy", starts * rounds, noise.since()?);
    show(report, &title, results.map(Figures::of));
    Ok(())
}

/// The rounds of one server.
fn compare(
    server: &Server,
    issuer: &Issuer,
    tokens: &[String],
    limit: &Limit,
    rounds: usize,
) -> Outcome<[Vec<Turn>; CONTESTANTS]> {
    let fresh = mint::tokens(issuer, (rounds + 1) * FRESH)?;
    let requests =
        |tokens: &[String]| -> Vec<_> { tokens.iter().map(|token| request(Some(token))).collect() };
    let (bare, one) = ([request(None)], requests(tokens.get(..1).ok_or("no token")?));
    let (thousand, fresh) = (requests(tokens), requests(&fresh));
    let connect = |door| Load::connect(server.address(door)?, CONNECTIONS, Waiting::Awake).map(RefCell::new);
    let (open, signed, caller) = (connect(Door::Open)?, connect(Door::Signed)?, connect(Door::Caller)?);
    // What other turns have pushed out of the processor's caches comes back first, on every connection and as much for
    // one token as for a thousand; and tokens become known.
    let again = |load: &RefCell<Load>, requests: &[Vec<u8>]| {
        load.borrow_mut().all(requests.iter().cycle().take(2 * REQUESTS).map(Vec::as_slice))?;
        turn(server, &mut load.borrow_mut(), requests.iter().cycle().take(REQUESTS), REQUESTS)
    };
    let mut unused = fresh.iter();
    interleave(
        rounds,
        [
            &mut || Ok(Turn { rate: f64::NAN, cost: limit.turn(), busy: f64::NAN }),
            &mut || again(&open, &bare),
            &mut || again(&open, &one),
            &mut || again(&caller, &one),
            &mut || again(&open, &thousand),
            &mut || again(&caller, &thousand),
            &mut || turn(server, &mut signed.borrow_mut(), thousand.iter().take(FRESH), FRESH),
            &mut || turn(server, &mut caller.borrow_mut(), unused.by_ref().take(FRESH), FRESH),
        ],
    )
}

fn turn<'a>(
    server: &Server,
    load: &mut Load,
    requests: impl Iterator<Item = &'a Vec<u8>>,
    number: usize,
) -> Outcome<Turn> {
    let before = server.time()?;
    let begin = Instant::now();
    load.all(requests.map(Vec::as_slice))?;
    let elapsed = begin.elapsed().as_secs_f64();
    let spent = server.time()?.saturating_sub(before).as_secs_f64();
    let number = number as f64;
    Ok(Turn { rate: number / elapsed, cost: spent * 1e9 / number, busy: spent / elapsed * 100.0 })
}

/// What all turns gave.
struct Figures {
    rate: Series,
    cost: Series,
    busy: Series,
}

impl Figures {
    fn of(turns: Vec<Turn>) -> Self {
        let series = |figure: fn(&Turn) -> f64| Series::new(turns.iter().map(figure).collect());
        Self {
            rate: series(|turn| turn.rate),
            cost: series(|turn| turn.cost),
            busy: series(|turn| turn.busy),
        }
    }
}

fn show(report: &mut Report, title: &str, figures: [Figures; CONTESTANTS]) {
    let [raw, bare, open_one, one, open_thousand, thousand, signed, fresh] = figures;
    heading(title, &["req/s", "busy, %", "calm, ns", "median, ns"]);
    let mut row = |name: &str, figures: &Figures, budget: Option<Budget>| {
        let Figures { rate, cost, busy } = figures;
        report.row(name, &[rate.median(), busy.median(), cost.calm(), cost.median()], budget);
    };
    let of_open = |open: &Figures, ours: &Figures, limit| {
        Some(Budget::at_least(open.cost.ratio(&ours.cost), limit, "of open"))
    };
    row("open, no token sent", &bare, None);
    row("open, one token sent", &open_one, None);
    row("authenticated, the same token", &one, of_open(&open_one, &one, 0.95));
    row("open, 1,000 tokens sent in turn", &open_thousand, None);
    row("authenticated, the same 1,000 tokens", &thousand, of_open(&open_thousand, &thousand, 0.92));
    let [added_raw, added, raw_alone] = {
        let [open, signed, fresh, raw] = calm([&open_thousand.cost, &signed.cost, &fresh.cost, &raw.cost]);
        [signed - open, fresh - open, raw]
    };
    row("open but for the signature, verified raw", &signed, None);
    let budget = Budget::at_most(added / added_raw, 1.25, "x raw");
    row("authenticated, each token new; what is added", &fresh, Some(budget));
    row("raw aws-lc-rs again and again, nothing in between", &raw, None);
    report.row("  of which a token that is new adds", &[added / raw_alone], None);
}
