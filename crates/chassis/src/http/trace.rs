//! The id that ties a response, its log lines and its problems together.

use actix_web::http::header::HeaderMap;
use identity::Entropy;

tokio::task_local! {
    static TRACE_ID: String;
}

/// The trace id of the request being handled: 32 hexadecimal digits (W3C Trace Context §3.2.2.3), all zeros
/// outside of one.
#[must_use]
pub fn current_id() -> String {
    TRACE_ID.try_with(String::clone).unwrap_or_else(|_| "0".repeat(32))
}

/// Runs `work` as part of the trace `id`.
pub(crate) async fn within<F: Future>(id: String, work: F) -> F::Output {
    TRACE_ID.scope(id, work).await
}

/// The caller's trace id (`traceparent`), or a fresh one.
pub(super) fn id_for(headers: &HeaderMap, entropy: &dyn Entropy) -> String {
    let parent = headers.get("traceparent").and_then(|value| value.to_str().ok());
    parent.and_then(parse_parent).map_or_else(|| fresh(entropy), str::to_owned)
}

/// The trace id within `00-<trace id>-<parent id>-<flags>` (W3C Trace Context §3.2).
fn parse_parent(text: &str) -> Option<&str> {
    let mut parts = text.split('-');
    let (version, id, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    let well_formed =
        version.len() == 2 && version != "ff" && hex(version) && id.len() == 32 && parent.len() == 16;
    (well_formed && hex(id) && hex(parent) && !zero(id) && !zero(parent)).then_some(id)
}

fn fresh(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_goes_on_only_when_its_header_is_well_formed() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(parse_parent(&format!("00-{id}-00f067aa0ba902b7-01")), Some(id));
        for wrong in [
            String::new(),
            format!("ff-{id}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()),
            format!("00-{id}-short-01"),
        ] {
            assert_eq!(parse_parent(&wrong), None, "{wrong:?}");
        }
    }
}
