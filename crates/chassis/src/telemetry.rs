//! Logs: for people on a terminal, JSON lines otherwise.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::settings::{Environment, Reader, Settings};

/// What is logged.
#[derive(Debug, Clone)]
pub struct TelemetrySettings {
    filter: String,
    format: String,
}

impl Settings for TelemetrySettings {
    const PREFIX: &'static str = "LOG";

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let filter = reader.or(
            "FILTER",
            "What is logged: error, warn, info, debug or trace, or directives such as info,sqlx=warn.",
            "info".to_owned(),
        );
        let format = reader.or("FORMAT", "auto (pretty on a terminal), pretty or json.", "auto".to_owned());
        if !["auto", "pretty", "json"].contains(&format.as_str()) {
            reader.mistake("FORMAT", format!("{format:?} must be auto, pretty or json"));
        }
        if let Err(error) = EnvFilter::try_new(&filter) {
            reader.mistake("FILTER", error.to_string());
        }
        Some(Self { filter, format })
    }
}

/// Sends logs to standard error from now on. Call once, at the start of a process; a second call changes nothing.
///
/// # Errors
/// The mistakes in the `LOG_` variables.
pub fn start(environment: &Environment) -> Result<(), crate::settings::Mistakes> {
    let settings = crate::settings::load::<TelemetrySettings>(environment)?;
    let json = match settings.format.as_str() {
        "json" => true,
        "pretty" => false,
        _ => !std::io::stderr().is_terminal(),
    };
    let filter = EnvFilter::new(settings.filter);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(std::io::stderr);
    let started = if json {
        registry.with(lines.json().flatten_event(true).with_span_list(false)).try_init()
    } else {
        registry.with(lines.compact().with_target(false)).try_init()
    };
    drop(started);
    Ok(())
}
