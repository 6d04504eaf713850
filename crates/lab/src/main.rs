//! The laboratory: what verifying and issuing cost, beside the limit and beside others, and what a flood does.
//!
//! Five measurements, each of which prints its tables and fails if a budget is missed: [`verify`] in the library,
//! [`http`] on one core, [`issue`], [`storm`], [`flood`]. Whatever serves is a process of its own, so that its time and
//! its memory are nobody else's: [`serve`], or the issuer itself. `scripts/bench` and `scripts/flood` run them. Where
//! next: [`rounds`], how figures become comparable.
#![expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]

mod flood;
mod http;
mod issue;
mod load;
mod machine;
mod mint;
mod report;
mod rounds;
mod serve;
mod server;
mod storm;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use report::Report;
use url::Url;

/// What can be done, or what stood in the way.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Measures Signet.
#[derive(Parser)]
struct Lab {
    #[command(subcommand)]
    experiment: Experiment,
}

#[derive(Subcommand)]
enum Experiment {
    /// What one token costs in the library, beside the bare signature and beside others.
    Verify {
        /// Fewer rounds, and budgets that tell no more than those can.
        #[arg(long)]
        short: bool,
    },
    /// What authentication costs an HTTP server that has one core.
    Http {
        /// Fewer rounds, and budgets that tell no more than those can.
        #[arg(long)]
        short: bool,
    },
    /// How fast the issuer issues, beside the bare signature. Wants its programs beside this one, and PostgreSQL.
    Issue {
        /// The URL of a superuser of PostgreSQL, as `scripts/with-postgres` gives it.
        #[arg(long, env = "SIGNET_TEST_POSTGRES", hide_env_values = true)]
        postgres: Url,
        /// Fewer rounds, and budgets that tell no more than those can.
        #[arg(long)]
        short: bool,
    },
    /// What a thousand logins do to those who do not log in. Wants its programs beside this one, and PostgreSQL.
    Storm {
        /// The URL of a superuser of PostgreSQL, as `scripts/with-postgres` gives it.
        #[arg(long, env = "SIGNET_TEST_POSTGRES", hide_env_values = true)]
        postgres: Url,
        /// Fewer logins, and budgets that tell no more than those can.
        #[arg(long)]
        short: bool,
    },
    /// What a million tokens under random keys in a minute do to a server.
    Flood {
        /// A tenth of it, against a server whose limits are a tenth as well.
        #[arg(long)]
        short: bool,
    },
    /// The server that is measured.
    Serve(serve::Options),
}

fn main() -> Outcome<ExitCode> {
    let experiment = Lab::parse().experiment;
    let mut report = match experiment {
        Experiment::Verify { short: true }
        | Experiment::Http { short: true }
        | Experiment::Issue { short: true, .. }
        | Experiment::Storm { short: true, .. } => Report::of_few_rounds(),
        _ => Report::new(),
    };
    match experiment {
        Experiment::Verify { short } => verify::measure(&mut report, short)?,
        Experiment::Http { short } => http::measure(&mut report, short)?,
        Experiment::Issue { postgres, short } => issue::measure(&mut report, &postgres, short)?,
        Experiment::Storm { postgres, short } => storm::measure(&mut report, &postgres, short)?,
        Experiment::Flood { short } => flood::measure(&mut report, short)?,
        Experiment::Serve(options) => serve::serve(&options)?,
    }
    Ok(report.verdict())
}
