//! `signet doctor`: every variable there is, with what it does, holds and lacks.

use std::{fmt::Write, process::ExitCode};

use chassis::{
    Ambient,
    settings::{Environment, Settings, examine},
    telemetry::{TelemetrySettings, TraceSettings},
};

use super::{Failure, print};
use crate::{
    data_dir::DataDir,
    settings::{SignetSettings, complete},
};

/// Prints one block per group of variables; exit status 1 when anything is wrong.
pub(crate) fn run(environment: Environment, ambient: &Ambient) -> Result<ExitCode, Failure> {
    let mut report = String::new();
    let mut sound = explain::<SignetSettings>(&environment, &mut report);
    sound &= explain::<TelemetrySettings>(&environment, &mut report);
    sound &= explain::<TraceSettings>(&environment, &mut report);
    let environment = match examine::<SignetSettings>(&environment).settings {
        Ok(signet) => complete(environment, &signet, &DataDir::open(&signet.data_dir)?, ambient)?,
        Err(_) => environment,
    };
    sound &= explain::<auth_service::Settings>(&environment, &mut report);
    sound &= explain::<users_service::Settings>(&environment, &mut report);
    sound &= explain::<appointments_service::Settings>(&environment, &mut report);
    sound &= explain::<payments_service::Settings>(&environment, &mut report);
    report
        .push_str("Every variable can also be given as NAME_FILE, the path of a file that holds its value.");
    print(&report)?;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn explain<S: Settings>(environment: &Environment, report: &mut String) -> bool {
    let reading = examine::<S>(environment);
    for variable in reading.variables {
        let value = variable.value.as_deref().unwrap_or("(not set)");
        let default = match (&variable.default, variable.required) {
            (Some(default), _) if default == value => " (default)".to_owned(),
            (Some(default), _) => format!(" (default: {default})"),
            (None, true) => " (required)".to_owned(),
            (None, false) => String::new(),
        };
        let _ = writeln!(report, "{} = {value}{default}\n    {}", variable.name, variable.doc);
    }
    let mistakes = reading.settings.err();
    if let Some(mistakes) = &mistakes {
        let _ = writeln!(report, "\n{mistakes}");
    }
    report.push('\n');
    mistakes.is_none()
}
