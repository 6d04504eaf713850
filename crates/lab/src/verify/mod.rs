//! What one token costs in the library. All take turns on the same tokens. Where next: `limit`, what no one can beat;
//! `miss`, `hit` and `unknown`, what we do; `rival`, what others do.

mod hit;
mod limit;
mod miss;
mod rival;
mod unknown;

use crate::{
    Outcome,
    machine::{self, Noise},
    mint,
    report::{Budget, Report, heading},
    rounds::{Series, interleave},
};
pub(crate) use limit::{Limit, RawKey};

/// How many tokens go through one turn.
const TOKENS: usize = 1024;

/// How many revocations are more than a token is compared with (`revocation::recent` of `verifier`), so that it is looked
/// up among all.
const MANY: usize = 17;

/// Prints the table.
pub(crate) fn measure(report: &mut Report, short: bool) -> Outcome<()> {
    let rounds = if short { 40 } else { 160 };
    let runtime = mint::runtime()?;
    let issuer = mint::issuer();
    let (tokens, others) = (mint::tokens(&issuer, TOKENS)?, mint::tokens(&issuer, TOKENS)?);
    machine::stay_on(1)?;

    let limit = Limit::new(&issuer, &tokens)?;
    let miss = miss::Miss { runtime: &runtime, issuer: &issuer, tokens: &tokens, others: &others };
    let (one, thousand) = (tokens.get(..1).ok_or("no token")?, tokens.get(..1000).ok_or("too few")?);
    let hit = hit::Hit::new(&runtime, &issuer, thousand)?;
    let unknown = unknown::Unknown::new(&runtime, &issuer, TOKENS)?;
    let rival = rival::Rival::new(&issuer, &tokens)?;

    let noise = Noise::now()?;
    let results = interleave(
        rounds,
        [
            &mut || Ok(limit.turn()),
            &mut || miss.turn(),
            &mut || hit.turn(one),
            &mut || hit.turn(thousand),
            &mut || hit.turn_while_revoking(1, thousand),
            &mut || hit.turn_while_revoking(MANY, thousand),
            &mut || unknown.turn(),
            &mut || Ok(rival.turn()),
        ],
    )?;
    let [limit, miss, one, thousand, revoking, looked_up, unknown, rival] = results.map(Series::new);

    heading(
        &format!("one token, {rounds} rounds, processors {:.0} % busy in all", noise.since()?),
        &["calm, ns", "median, ns"],
    );
    let mut row = |name: &str, series: &Series, budget: Option<Budget>| {
        report.row(name, &[series.calm(), series.median()], budget);
    };
    let times_raw = |series: &Series, most| Some(Budget::at_most(series.ratio(&limit), most, "x raw"));
    let half_a_microsecond = |series: &Series| Some(Budget::at_most(series.calm() / 1e3, 0.5, "us"));
    row("raw aws-lc-rs RSA-2048, key parsed once", &limit, None);
    row("verify, never seen", &miss, times_raw(&miss, 1.15));
    row("verify one token again, 1,000,000 revocations", &one, half_a_microsecond(&one));
    row("verify 1,000 tokens again", &thousand, half_a_microsecond(&thousand));
    row("verify 1,000 tokens again, more being revoked", &revoking, half_a_microsecond(&revoking));
    row("verify 1,000 tokens again, looked up among all", &looked_up, half_a_microsecond(&looked_up));
    let look_up = looked_up.calm() - thousand.calm();
    row(
        "  of which the look-up takes",
        &Series::new(vec![look_up]),
        Some(Budget::at_most(look_up, 200.0, "ns")),
    );
    let rate = Budget::at_least(1e9 / unknown.calm(), 200_000.0, "/s");
    row("refuse, a random kid each", &unknown, Some(rate));
    row("jsonwebtoken decode, key parsed once", &rival, None);
    report.row("  of which ours takes", &[miss.ratio(&rival)], None);
    Ok(())
}
