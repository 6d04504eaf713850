//! Which traces are recorded.

use super::TraceContext;

/// Decides where a trace enters a service. Below that, everything follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sampler {
    /// Do as the caller does, if the caller says.
    pub(crate) follows_parent: bool,
    /// The share of the other traces, 0 to 1.
    pub(crate) ratio: f64,
}

impl Sampler {
    /// Whether the trace of `own` is recorded. By the trace id: services with the same ratio record the same
    /// traces.
    pub(super) fn records(&self, parent: Option<&TraceContext>, own: &TraceContext) -> bool {
        if let Some(parent) = parent.filter(|_| self.follows_parent) {
            return parent.sampled;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "53 of 63 bits decide as well, and the ratio is not negative"
        )]
        let bound = (self.ratio * (1_u64 << 63) as f64) as u64;
        // The lower half of the id is the random one (W3C Trace Context level 2, §4.2).
        #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
        let chance = own.trace as u64 >> 1;
        chance < bound
    }
}

#[cfg(test)]
mod tests {
    use identity::SystemEntropy;

    use super::*;

    #[test]
    fn the_caller_decides_where_it_is_followed() {
        let fresh = TraceContext::fresh(&SystemEntropy);
        let (yes, no) = (TraceContext { sampled: true, ..fresh }, TraceContext { sampled: false, ..fresh });
        for ratio in [0.0, 1.0] {
            let follows = Sampler { follows_parent: true, ratio };
            assert!(follows.records(Some(&yes), &fresh) && !follows.records(Some(&no), &fresh));
            assert_eq!(follows.records(None, &fresh), ratio > 0.5);
            let decides = Sampler { follows_parent: false, ratio };
            assert_eq!(decides.records(Some(&yes), &fresh), ratio > 0.5);
            assert_eq!(decides.records(Some(&no), &fresh), ratio > 0.5);
        }
    }

    #[test]
    fn a_ratio_is_a_share_of_all_traces() {
        let sampler = Sampler { follows_parent: true, ratio: 0.25 };
        let recorded = (0..10_000).filter(|_| sampler.records(None, &TraceContext::fresh(&SystemEntropy)));
        let recorded = recorded.count();
        // Ten standard deviations on either side.
        assert!((2_067..2_933).contains(&recorded), "{recorded}");
    }
}
