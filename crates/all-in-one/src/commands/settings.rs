//! `signet settings`: every variable there is, as a file to fill in. `deploy/env.example` is what it prints.

use chassis::{
    settings::template,
    telemetry::{TelemetrySettings, TraceSettings},
};

use super::{Failure, print};
use crate::settings::SignetSettings;

const HEAD: &str = "\
# Every variable of every program, as `signet settings` prints them.
#
# Each can also be given as NAME_FILE, the path of a file that holds its value: best for whatever is secret. A variable
# that begins like one of these and is none stops the program, which names every mistake at once (status 2);
# `signet doctor` explains what a machine has set.
";

/// Prints them all, whatever is set here.
pub(crate) fn run() -> Result<(), Failure> {
    let groups = [
        ("LOG_: what every program logs", template::<TelemetrySettings>()),
        ("OTEL_: where every program sends traces", template::<TraceSettings>()),
        ("AUTH_: auth-service", template::<auth_service::Settings>()),
        ("USERS_: users-service", template::<users_service::Settings>()),
        ("APPOINTMENTS_: appointments-service", template::<appointments_service::Settings>()),
        ("PAYMENTS_: payments-service", template::<payments_service::Settings>()),
        ("SIGNET_: signet, all in one process", template::<SignetSettings>()),
    ];
    let groups = groups.map(|(title, group)| format!("\n\n# ──── {title}\n{group}"));
    print((HEAD.to_owned() + &groups.concat()).trim_end())
}
