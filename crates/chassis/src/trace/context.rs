//! Which trace something belongs to, and what it was caused by.

use std::fmt;

use identity::Entropy;

/// A trace, the span within it that causes what comes next, and whether anybody records it (W3C Trace Context
/// §3.2.2). `tracestate` is not carried on: nothing here reads or writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// Never zero.
    pub(super) trace: u128,
    /// Never zero.
    pub(super) span: u64,
    pub(super) sampled: bool,
}

impl TraceContext {
    /// Reads `<version>-<trace id>-<span id>-<flags>`. Later versions may append something.
    #[must_use]
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let (version, trace) = (hexadecimal(parts.next()?, 2)?, hexadecimal(parts.next()?, 32)?);
        let (span, flags) = (hexadecimal(parts.next()?, 16)?, hexadecimal(parts.next()?, 2)?);
        let whole = parts.next().is_none() || version > 0;
        let span = u64::try_from(span).ok()?;
        (version != 0xff && trace != 0 && span != 0 && whole).then_some(Self {
            trace,
            span,
            sampled: flags & 1 == 1,
        })
    }

    /// The beginning of a trace that nobody has heard of.
    pub(super) fn fresh(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 24];
        entropy.fill(&mut bytes);
        let (trace, span) = bytes.split_at(16);
        let trace = trace.iter().fold(0, |id, &byte| id << 8 | u128::from(byte));
        let span = span.iter().fold(0, |id, &byte| id << 8 | u64::from(byte));
        Self { trace: trace.max(1), span: span.max(1), sampled: false }
    }

    /// The same trace, one step further.
    pub(super) fn next(self, entropy: &dyn Entropy) -> Self {
        let mut span = [0; 8];
        entropy.fill(&mut span);
        Self { span: u64::from_be_bytes(span).max(1), ..self }
    }

    pub(crate) fn trace_id_bytes(self) -> [u8; 16] {
        self.trace.to_be_bytes()
    }

    pub(crate) fn span_id_bytes(self) -> [u8; 8] {
        self.span.to_be_bytes()
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span)
    }
}

/// As `traceparent`.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// Exactly so many lower-case digits.
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (plain && text.len() == digits).then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use identity::SystemEntropy;

    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_trace_goes_on_only_when_its_header_is_well_formed() {
        let context = TraceContext::parse(&format!("00-{ID}-00f067aa0ba902b7-01")).unwrap();
        assert_eq!((context.trace_id().as_str(), context.sampled), (ID, true));
        assert_eq!(context.span_id(), "00f067aa0ba902b7");
        for wrong in [
            String::new(),
            format!("ff-{ID}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{ID}-{}-01", "0".repeat(16)),
            format!("00-{}-00f067aa0ba902b7-01", ID.to_uppercase()),
            format!("00-{ID}-short-01"),
            format!("00-{ID}-00f067aa0ba902b7"),
            format!("00-{ID}-00f067aa0ba902b7-+1"),
            format!("00-{ID}-00f067aa0ba902b7-01-more"),
        ] {
            assert_eq!(TraceContext::parse(&wrong), None, "{wrong:?}");
        }
        let later = TraceContext::parse(&format!("01-{ID}-00f067aa0ba902b7-02-more")).unwrap();
        assert!(!later.sampled, "only the lowest bit says so");
    }

    #[test]
    fn it_is_passed_on_as_it_came() {
        for text in [format!("00-{ID}-00f067aa0ba902b7-01"), format!("00-{ID}-00f067aa0ba902b7-00")] {
            assert_eq!(TraceContext::parse(&text).unwrap().to_string(), text);
        }
        let fresh = TraceContext::fresh(&SystemEntropy);
        assert_eq!(TraceContext::parse(&fresh.to_string()), Some(fresh));
        let next = fresh.next(&SystemEntropy);
        assert!(next.trace == fresh.trace && next.span != fresh.span);
    }
}
