//! Headers that verified tokens had. All tokens of one key have the same header, and what a header says follows from
//! its text alone, so one that was read before need not be read again. Where next: `header`.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Header;

/// More than an honest issuer has keys at a time.
const MOST: usize = 32;

/// A few headers, found by their whole text.
#[derive(Debug, Default)]
pub(crate) struct KnownHeaders(ArcSwap<Vec<(Box<str>, Arc<Header>)>>);

impl KnownHeaders {
    /// What a header in base64url says, if it is known.
    pub(super) fn find(&self, text: &str) -> Option<Arc<Header>> {
        let known = self.0.load();
        known.iter().find(|(other, _)| **other == *text).map(|(_, header)| Arc::clone(header))
    }

    /// Remembers the header of a token that was verified; forgets all others when there are too many.
    pub(crate) fn remember(&self, text: &str, header: &Arc<Header>) {
        if self.find(text).is_some() {
            return;
        }
        self.0.rcu(|known| {
            let mut known = if known.len() < MOST { Vec::clone(known) } else { Vec::new() };
            known.push((text.into(), Arc::clone(header)));
            known
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Algorithm;

    #[test]
    fn a_header_is_known_by_its_whole_text_and_few_are_kept() {
        let known = KnownHeaders::default();
        let header = Arc::new(Header { algorithm: Algorithm::Rs256, kid: "k".into() });
        known.remember("abcd", &header);
        known.remember("abcd", &header);
        assert_eq!(known.find("abcd"), Some(Arc::clone(&header)));
        assert!(["abc", "abcde", "abce", ""].iter().all(|text| known.find(text).is_none()));
        for number in 0..1000 {
            known.remember(&number.to_string(), &header);
            assert!(known.0.load().len() <= MOST && known.find(&number.to_string()).is_some());
        }
    }
}
