//! What appointments-service can ask over gRPC. Thin: reads the message, asks the cashier, says it as gRPC does.

mod intents;
mod releases;

use std::{fmt::Display, str::FromStr};

use chassis::trace::Tracer;
use tonic::{Status, service::Routes};
use verifier::Verifier;
use wire::payments::v1::{intents_server::IntentsServer, releases_server::ReleasesServer};

use crate::cashier::Cashier;

/// The largest message anybody has reason to send, in bytes.
const MAX_MESSAGE: usize = 16 * 1024;
/// How much of a text is kept, in characters.
const MAX_TEXT: usize = 500;

/// Everything this service answers over gRPC; intents only to the client of this name.
pub(crate) fn routes(cashier: Cashier, verifier: Verifier, client: String, tracer: Tracer) -> Routes {
    let intents = intents::Intents {
        cashier: cashier.clone(),
        verifier: verifier.clone(),
        client,
        tracer: tracer.clone(),
    };
    let releases = releases::Releases { cashier, verifier, tracer };
    Routes::new(IntentsServer::new(intents).max_decoding_message_size(MAX_MESSAGE))
        .add_service(ReleasesServer::new(releases).max_decoding_message_size(MAX_MESSAGE))
}

fn parse<T: FromStr>(field: &str, text: &str) -> Result<T, Status>
where
    T::Err: Display,
{
    text.parse().map_err(|error| invalid(field, error))
}

fn invalid(field: &str, problem: impl Display) -> Status {
    Status::invalid_argument(format!("`{field}`: {problem}"))
}

/// For people to read only: better cut than refused.
fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT).collect()
}
