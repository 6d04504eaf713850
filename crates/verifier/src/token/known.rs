//! Headers that verified tokens had. All tokens of one key have the same header, and what a header says follows from
//! its text alone, so one that was read before need not be read again. Where next: `header`.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Header;

/// More than an honest issuer has keys at a time.
const MOST: usize = 32;

/// A few headers, found by their whole text.
#[derive(Debug, Default)]
pub(crate) struct KnownHeaders(ArcSwap<Vec<Known>>);

#[derive(Debug, Clone)]
struct Known {
    text: Box<[u8]>,
    header: Arc<Header>,
}

impl KnownHeaders {
    /// What a header in base64url says, if it is known.
    pub(super) fn find(&self, text: &[u8]) -> Option<Arc<Header>> {
        let known = self.0.load();
        known.iter().find(|known| *known.text == *text).map(|known| Arc::clone(&known.header))
    }

    /// Remembers the header of a token that was verified; forgets all others when there are too many.
    pub(crate) fn remember(&self, text: &[u8], header: &Arc<Header>) {
        if self.find(text).is_some() {
            return;
        }
        self.0.rcu(|known| {
            let mut known = if known.len() < MOST { Vec::clone(known) } else { Vec::new() };
            known.push(Known { text: text.into(), header: Arc::clone(header) });
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
        known.remember(b"abcd", &header);
        known.remember(b"abcd", &header);
        assert_eq!(known.find(b"abcd"), Some(Arc::clone(&header)));
        assert!(["abc", "abcde", "abce", ""].iter().all(|text| known.find(text.as_bytes()).is_none()));
        for number in 0..1000 {
            let text = number.to_string().into_bytes();
            known.remember(&text, &header);
            assert!(known.0.load().len() <= MOST && known.find(&text).is_some());
        }
    }
}
