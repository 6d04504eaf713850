//! What is logged, and where traces go.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tracing_subscriber::EnvFilter;
use url::{Url, form_urlencoded};

use crate::{
    settings::{Reader, Settings},
    trace::Sampler,
};

/// What is logged.
#[derive(Debug, Clone)]
pub struct TelemetrySettings {
    pub(super) filter: String,
    pub(super) format: String,
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

/// Where traces go, by those of OpenTelemetry's own variables that mean something here. The others are set for all
/// programs of a machine and are not refused.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// Where spans are sent; `None` when they are not recorded.
    pub(super) endpoint: Option<Url>,
    pub(super) headers: HeaderMap,
    pub(super) timeout: Duration,
    pub(super) sampler: Sampler,
    /// What every span's resource says besides the service.
    pub(super) attributes: Vec<(String, String)>,
}

impl Settings for TraceSettings {
    const PREFIX: &'static str = "OTEL";
    const IS_SHARED: bool = true;

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let base: Option<Url> = reader.optional(
            "EXPORTER_OTLP_ENDPOINT",
            "Where traces are sent (OTLP over HTTP), such as http://collector:4318. Not set: nowhere.",
        );
        let protocol = reader.or(
            "EXPORTER_OTLP_PROTOCOL",
            "How traces are sent; http/protobuf is the one way.",
            "http/protobuf".to_owned(),
        );
        let headers = headers(reader);
        let timeout = reader.within(
            "EXPORTER_OTLP_TIMEOUT",
            "How long the collector has to answer, in milliseconds.",
            10_000_u64,
            100..=60_000,
        );
        let sampler = sampler(reader);
        let attributes = reader.or(
            "RESOURCE_ATTRIBUTES",
            "What else is said of where spans come from, such as deployment.environment.name=test.",
            String::new(),
        );
        let disabled = reader.or("SDK_DISABLED", "Whether traces are recorded nowhere after all.", false);
        let base = base.filter(|_| !disabled);
        if base.is_some() && protocol != "http/protobuf" {
            let problem =
                format!("{protocol:?} is not spoken here, only http/protobuf (usually on port 4318)");
            reader.mistake("EXPORTER_OTLP_PROTOCOL", problem);
        }
        Some(Self {
            endpoint: base.and_then(|base| endpoint(reader, base)),
            headers,
            timeout: Duration::from_millis(timeout),
            sampler,
            attributes: pairs(&attributes),
        })
    }
}

/// Below the base (OTLP specification, "Endpoint URLs for OTLP/HTTP").
fn endpoint(reader: &mut Reader<'_>, mut base: Url) -> Option<Url> {
    if !["http", "https"].contains(&base.scheme()) {
        reader.mistake("EXPORTER_OTLP_ENDPOINT", "must begin with http:// or https://");
        return None;
    }
    base.path_segments_mut().ok()?.pop_if_empty().extend(["v1", "traces"]);
    Some(base)
}

fn headers(reader: &mut Reader<'_>) -> HeaderMap {
    let doc = "Headers for the collector, such as api-key=…, percent-encoded and separated by commas.";
    let secret = reader.optional_secret("EXPORTER_OTLP_HEADERS", doc);
    let pairs = secret.map(|secret| pairs(secret.expose_secret())).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                headers.append(name, value);
            }
            // Which one is not said: a name that is none may be a part of a value.
            _ => reader.mistake("EXPORTER_OTLP_HEADERS", "has an entry that is not a header"),
        }
    }
    headers
}

fn sampler(reader: &mut Reader<'_>) -> Sampler {
    let name = reader.or(
        "TRACES_SAMPLER",
        "Which traces are recorded: always_on, always_off or traceidratio, or one of these with parentbased_ \
         before it, which does as the caller does if there is one.",
        "parentbased_always_on".to_owned(),
    );
    let share = reader.or(
        "TRACES_SAMPLER_ARG",
        "The share of traces that traceidratio records, 0 to 1.",
        "1".to_owned(),
    );
    let share: f64 = match share.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => share,
        _ => {
            reader.mistake("TRACES_SAMPLER_ARG", format!("{share:?} must be a number from 0 to 1"));
            1.0
        }
    };
    let (follows_parent, root) =
        name.strip_prefix("parentbased_").map_or((false, name.as_str()), |root| (true, root));
    let ratio = match root {
        "always_on" => 1.0,
        "always_off" => 0.0,
        "traceidratio" => share,
        _ => {
            reader.mistake("TRACES_SAMPLER", format!("{name:?} is not a sampler that is known here"));
            1.0
        }
    };
    Sampler { follows_parent, ratio }
}

/// `key=value,key=value`, the values percent-encoded (as W3C Baggage).
fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |value: &str| {
        // The same encoding but for these two, which mean themselves here.
        let value = value.trim().replace('+', "%2B").replace('&', "%26");
        let mut decoded = form_urlencoded::parse(value.as_bytes());
        decoded.next().map(|(text, _)| text.into_owned()).unwrap_or_default()
    };
    let parts = text.split(',').filter_map(|part| part.split_once('='));
    parts.map(|(key, value)| (key.trim().to_owned(), decode(&value.replace('=', "%3D")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Environment, load};

    fn read<const N: usize>(variables: [(&str, &str); N]) -> Result<TraceSettings, String> {
        let environment: Environment = variables.into_iter().collect();
        load::<TraceSettings>(&environment).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn nothing_is_sent_anywhere_unless_it_is_said_where() {
        assert!(read([]).unwrap().endpoint.is_none());
        let set = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        assert!(read([set, ("OTEL_SDK_DISABLED", "true")]).unwrap().endpoint.is_none());
        for (base, endpoint) in [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("https://example.org/otlp/", "https://example.org/otlp/v1/traces"),
        ] {
            let settings = read([("OTEL_EXPORTER_OTLP_ENDPOINT", base)]).unwrap();
            assert_eq!(settings.endpoint.unwrap().as_str(), endpoint);
        }
    }

    #[test]
    fn variables_that_others_read_are_not_refused() {
        read([("OTEL_METRICS_EXPORTER", "none"), ("OTEL_PROPAGATORS", "tracecontext")]).unwrap();
        read([("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]).unwrap();
        let asked = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"),
        ];
        assert!(read(asked).unwrap_err().contains("only http/protobuf"));
    }

    #[test]
    fn samplers_have_their_usual_names() {
        let sampler = |name, share| {
            read([("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", share)]).map(|read| read.sampler)
        };
        let expected = |follows_parent, ratio| Ok(Sampler { follows_parent, ratio });
        assert_eq!(read([]).unwrap().sampler, expected(true, 1.0).unwrap());
        assert_eq!(sampler("always_off", "0.5"), expected(false, 0.0));
        assert_eq!(sampler("traceidratio", "0.5"), expected(false, 0.5));
        assert_eq!(sampler("parentbased_traceidratio", "0.01"), expected(true, 0.01));
        for (name, share) in [("sometimes", "0.5"), ("always_on", "2"), ("always_on", "NaN")] {
            assert!(sampler(name, share).is_err(), "{name} {share}");
        }
    }

    #[test]
    fn headers_are_decoded_and_never_shown() {
        let set = |value| read([("OTEL_EXPORTER_OTLP_HEADERS", value)]);
        let settings = set("api-key=canary%20%3D+%26&=,x-team = a ").unwrap();
        assert_eq!(settings.headers.get("api-key").unwrap(), "canary =+&&=");
        assert_eq!(settings.headers.get("x-team").unwrap(), "a");
        assert!(!format!("{settings:?}").contains("canary"));
        let mistake = set("not a name=canary").unwrap_err();
        assert!(mistake.contains("OTEL_EXPORTER_OTLP_HEADERS") && !mistake.contains("canary"), "{mistake}");
    }
}
