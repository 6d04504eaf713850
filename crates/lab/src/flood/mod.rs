//! A million tokens under random keys in a minute, against a server that others are using, and whose issuer changes its
//! key in the middle of it.
//!
//! First the server's regular clients have it to themselves, then the flood comes. It may cost the issuer next to
//! nothing, the server little memory, its clients little time and no refusal; and the new key must get in all the same.
//! Where next: `garbage`, what the flood is made of; `regular`, who is harmed.

mod garbage;
mod regular;

use std::{
    thread,
    time::{Duration, Instant},
};

use identity::SystemEntropy;
use tokio::{runtime::Runtime, time::timeout};
use verifier::testing::{Issuer, JwksServer, Script};

use crate::{
    Outcome,
    load::{Connection, Load, Waiting, request},
    machine::{self, Noise},
    mint,
    report::{Budget, Report, heading},
    rounds::Series,
    serve::Door,
    server::Server,
};
pub(crate) use garbage::Garbage;
use regular::{Regular, Visit};

const TOKENS: u32 = 1_000_000;
const MINUTE: Duration = Duration::from_mins(1);
const CONNECTIONS: usize = 16;

/// Everybody concerned.
struct Scene {
    issuer: Issuer,
    script: Script,
    server: Server,
    garbage: Garbage,
    regular: Regular,
    _keys: JwksServer,
    runtime: Runtime,
}

/// What the flood met.
struct Encounter {
    begin: Instant,
    sent: u32,
    /// Answers to the flood that were not 401.
    others: u32,
    lasted: Duration,
    /// From the new key's publication to the first acceptance of a token under it.
    picked_up: Duration,
    fetches: u64,
    resident: u64,
}

/// Prints the table. The short form is a tenth of it all, limits included.
pub(crate) fn measure(report: &mut Report, short: bool) -> Outcome<()> {
    let hurry = if short { 10 } else { 1 };
    let noise = Noise::now()?;
    let mut scene = Scene::set(hurry)?;
    scene.flood(TOKENS / 50, MINUTE / 50)?;
    let quiet = Instant::now();
    thread::sleep(Duration::from_secs(if short { 3 } else { 10 }));
    let before = scene.server.resident()?;
    let met = scene.encounter(hurry)?;
    let busy = noise.since()?;
    let Scene { regular, server, .. } = scene;
    let visits = regular.finish()?;
    drop(server);

    let title =
        format!("{} random kids in {:.1} s, processors {busy:.0} % busy", met.sent, met.lasted.as_secs_f64());
    heading(&title, &[]);
    let pace = f64::from(met.sent) / met.lasted.as_secs_f64();
    report.row("sent", &[], Some(Budget::at_least(pace, 15_000.0, "/s")));
    report.row("answered otherwise than 401", &[], Some(Budget::at_most(f64::from(met.others), 0.0, "")));
    report.row("fetches of the key set", &[], Some(Budget::at_most(met.fetches as f64, 3.0, "")));
    let grown = (met.resident as f64 - before as f64) / 1024.0;
    report.row("growth of the server", &[before as f64 / 1024.0], Some(Budget::at_most(grown, 5.0, "MiB")));
    let limit = 35.0 / f64::from(hurry);
    let picked_up = met.picked_up.as_secs_f64();
    report.row("a new key is accepted after", &[], Some(Budget::at_most(picked_up, limit, "s")));
    harm(report, &visits, quiet, met.begin, short);
    Ok(())
}

/// What the regular clients noticed of it.
fn harm(report: &mut Report, visits: &[Visit], quiet: Instant, flood: Instant, short: bool) {
    let refused = visits.iter().filter(|visit| visit.status != 200).count();
    let latencies = |from: Instant, to: Option<Instant>| {
        let within = |visit: &&Visit| visit.at >= from && to.is_none_or(|to| visit.at < to);
        Series::new(visits.iter().filter(within).map(|visit| visit.took.as_secs_f64() * 1e6).collect())
    };
    let (calm, wet) = (latencies(quiet, Some(flood)), latencies(flood, None));
    report.row(
        "valid requests refused",
        &[visits.len() as f64],
        Some(Budget::at_most(refused as f64, 0.0, "")),
    );
    heading("valid requests meanwhile", &["median, us", "p99, us"]);
    report.row("without a flood", &[calm.median(), calm.percentile(99)], None);
    // What is short runs beside other things, which this figure does not bear.
    let budget = Budget::at_most(wet.percentile(99) / calm.percentile(99), 2.0, "x p99");
    report.row("in the flood", &[wet.median(), wet.percentile(99)], if short { None } else { Some(budget) });
}

impl Scene {
    fn set(hurry: u32) -> Outcome<Self> {
        let issuer = mint::issuer();
        // Making a key takes a moment, in which nobody should be served. They are shared, so the next one is made now.
        mint::issuer().rotate();
        machine::stay_on(1)?;
        let runtime = mint::runtime()?;
        let script = Script::new(issuer.answer());
        let keys = runtime.block_on(JwksServer::start(script.clone()));
        let server = Server::start(&issuer, &keys.url(), hurry)?;
        let token = mint::tokens(&issuer, 1)?.pop().ok_or("no token")?;
        let garbage = Garbage::like(&token, SystemEntropy)?;
        let regular = Regular::start(server.address(Door::Caller)?, request(Some(&token)))?;
        Ok(Self { issuer, script, server, garbage, regular, _keys: keys, runtime })
    }

    /// Sends so many tokens at an even pace; gives how many were not answered 401.
    fn flood(&self, number: u32, within: Duration) -> Outcome<u32> {
        garbage::pour(
            &self.garbage,
            &mut Load::connect(self.server.address(Door::Caller)?, CONNECTIONS, Waiting::Asleep)?,
            number,
            within,
        )
    }

    /// The flood, and a change of keys when it has begun.
    fn encounter(&mut self, hurry: u32) -> Outcome<Encounter> {
        let (number, within) = (TOKENS / hurry, MINUTE / hurry);
        let (begin, fetches) = (Instant::now(), self.script.requests());
        let (others, lasted, picked_up) = thread::scope(|scope| -> Outcome<_> {
            let flood = scope.spawn(|| {
                let others = self.flood(number, within).map_err(|error| error.to_string())?;
                Ok::<_, String>((others, begin.elapsed()))
            });
            let picked_up = self.change_keys(within)?;
            let (others, lasted) = flood.join().map_err(|_| "the flood has dried up")??;
            Ok((others, lasted, picked_up))
        })?;
        let fetches = self.script.requests() - fetches;
        let resident = self.server.resident()?;
        Ok(Encounter { begin, sent: number, others, lasted, picked_up, fetches, resident })
    }

    /// Publishes a new key and asks with a token under it until that is accepted. The regular clients then use it too.
    /// That happens right after the server has asked for the keys, when it takes longest until it does so again.
    fn change_keys(&self, patience: Duration) -> Outcome<Duration> {
        let next = self.script.until_requests(self.script.requests() + 1);
        // Who does not ask is not asked after.
        let _ = self.runtime.block_on(async { timeout(patience / 4, next).await });
        self.issuer.rotate();
        let token = mint::tokens(&self.issuer, 1)?.pop().ok_or("no token")?;
        let request = request(Some(&token));
        let mut connection = Connection::open(self.server.address(Door::Caller)?, Waiting::Asleep)?;
        self.script.answer(self.issuer.answer());
        let begin = Instant::now();
        while begin.elapsed() < patience {
            connection.send(&request)?;
            if connection.receive()? == 200 {
                let picked_up = begin.elapsed();
                self.regular.change(request);
                return Ok(picked_up);
            }
            thread::sleep(patience / 600);
        }
        Ok(Duration::MAX)
    }
}
