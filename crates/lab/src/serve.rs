//! The server that is measured: one handler, behind authentication and without it, with a worker for each, all on one
//! processor. Where next: `server`, how it is started.

use std::{io::Write as _, time::Duration};

use actix_web::{App, HttpRequest, HttpServer, error, http::header::AUTHORIZATION, rt, web};
use clap::Args;
use identity::scope;
use url::Url;
use verifier::{Limits, Trust, Verifier, access::Caller};

use crate::{Outcome, machine, mint::PublicKey, verify::RawKey};

/// Where the handler is found, behind each door: routes of one application would not cost the same.
pub(crate) const PATH: &str = "/hello";

/// How the handler is reached. Each door has a port of its own.
#[derive(Clone, Copy)]
pub(crate) enum Door {
    /// By anyone.
    Open,
    /// By whoever has a signature.
    Signed,
    /// By an authenticated caller.
    Caller,
}

impl Door {
    pub(crate) const ALL: [Self; 3] = [Self::Open, Self::Signed, Self::Caller];
}

#[derive(Args)]
pub(crate) struct Options {
    /// Whom to trust.
    #[arg(long)]
    pub(crate) issuer: String,
    /// Where its keys are.
    #[arg(long)]
    pub(crate) jwks_url: Url,
    /// The `n` of the key that a signature alone is verified with.
    #[arg(long)]
    pub(crate) modulus: String,
    /// Its `e`.
    #[arg(long)]
    pub(crate) exponent: String,
    /// Who the server is.
    #[arg(long)]
    pub(crate) audience: String,
    /// By how much the intervals for unknown keys are shortened.
    #[arg(long, default_value_t = 1)]
    pub(crate) hurry: u32,
}

/// Serves until killed. Prints the port of each door once it has keys.
pub(crate) fn serve(options: &Options) -> Outcome<()> {
    machine::stay_on(0)?;
    rt::System::new().block_on(async {
        let verifier = verifier(options)?;
        let key = RawKey::parse(&PublicKey { n: options.modulus.clone(), e: options.exponent.clone() })?;
        rt::spawn({
            let verifier = verifier.clone();
            async move { verifier.run().await }
        });
        rt::time::timeout(Duration::from_secs(10), verifier.until_usable()).await?;
        let (mut ports, mut servers) = (Vec::new(), Vec::new());
        for door in Door::ALL {
            let (verifier, key) = (verifier.clone(), key.clone());
            let server = HttpServer::new(move || {
                App::new().app_data(verifier.clone()).app_data(web::Data::new(key.clone())).route(
                    PATH,
                    match door {
                        Door::Open => web::get().to(open),
                        Door::Signed => web::get().to(signed),
                        Door::Caller => web::get().to(caller),
                    },
                )
            });
            let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0))?;
            ports.push(server.addrs().first().ok_or("the server is not bound")?.port().to_string());
            servers.push(rt::spawn(server.run()));
        }
        writeln!(std::io::stdout(), "{}", ports.join(" "))?;
        for server in servers {
            server.await??;
        }
        Ok(())
    })
}

fn verifier(options: &Options) -> Outcome<Verifier> {
    let Options { issuer, jwks_url, audience, hurry, .. } = options;
    let mut limits = Limits::default();
    for interval in
        [&mut limits.on_demand_interval, &mut limits.reserved_interval, &mut limits.unknown_kid_lifetime]
    {
        *interval = interval.checked_div(*hurry).ok_or("nobody is in that much of a hurry")?;
    }
    Ok(Verifier::builder(Trust::new(issuer, audience, jwks_url.clone())).limits(limits).build()?)
}

async fn open() -> &'static str {
    "Hello!"
}

/// The least that somebody must do who remembers nothing.
async fn signed(request: HttpRequest, key: web::Data<RawKey>) -> actix_web::Result<&'static str> {
    let value =
        request.headers().get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if value.is_some_and(|token| key.signed(token)) {
        Ok("Hello!")
    } else {
        Err(error::ErrorUnauthorized(""))
    }
}

async fn caller(_: Caller<scope::Profile>) -> &'static str {
    "Hello!"
}
