//! What can be asked of a service's program besides running.

use std::{ffi::OsString, fmt::Write, io::Write as _, process::ExitCode};

use super::{MISTAKEN, healthcheck};
use crate::settings::{Environment, Settings, examine};

/// Answers the arguments; `None` when there are none and the service is to run.
pub(super) fn answer<S: Settings>(
    name: &str,
    arguments: &[OsString],
    environment: &Environment,
) -> Option<ExitCode> {
    let arguments: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let mut arguments = arguments.iter().map(AsRef::as_ref);
    let code = match (arguments.next(), arguments.next()) {
        (None, _) => return None,
        (Some("healthcheck"), None) => healthcheck::answer::<S>(name, environment),
        (Some("--help" | "-h" | "help"), None) => print(&help::<S>(name, environment)),
        (Some("--version" | "-V" | "version"), None) => {
            print(&format!("{name} {}", env!("CARGO_PKG_VERSION")))
        }
        (Some(argument), further) => {
            let argument = further.unwrap_or(argument);
            eprintln!("{name}: unexpected argument {argument:?}; see {name} --help");
            ExitCode::from(MISTAKEN)
        }
    };
    Some(code)
}

/// How it is called, and every variable it reads.
fn help<S: Settings>(name: &str, environment: &Environment) -> String {
    let mut help = format!(
        "Usage: {name}               run the service until SIGTERM or SIGINT\n       \
                {name} healthcheck   ask the running service whether it is ready; exit status 0 when it is\n       \
                {name} --version\n\n\
         Settings are environment variables; NAME_FILE names a file that holds NAME's value.\n"
    );
    for variable in examine::<S>(environment).variables {
        let default = match (variable.default, variable.required) {
            (Some(default), _) => format!(" (default: {default})"),
            (None, true) => " (required)".to_owned(),
            (None, false) => String::new(),
        };
        let _ = write!(help, "\n{}{default}\n    {}", variable.name, variable.doc);
    }
    help
}

/// Whoever reads it may stop before its end, as `head` does.
fn print(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::SUCCESS
}
