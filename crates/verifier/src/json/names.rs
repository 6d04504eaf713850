//! The names of one object's members, to find one that is there twice. Where next: `strict`.

use std::{borrow::Cow, collections::HashSet};

/// So many names are compared one by one, which is faster than hashing and takes no memory; a token has fewer.
const FEW: usize = 16;

/// The names seen so far.
pub(super) struct Names<'a> {
    few: [&'a str; FEW],
    /// Of each of the few, in the same place. Apart from them, so that one is compared with all at once.
    outlines: [u32; FEW],
    count: usize,
    /// All that came later or was written with escapes: an object of thousands must not cost their square.
    more: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> Names<'a> {
    pub(super) fn new() -> Self {
        Self { few: [""; FEW], outlines: [0; FEW], count: 0, more: None }
    }

    /// Adds `name`; whether it is new.
    pub(super) fn insert(&mut self, name: &'a str) -> bool {
        if self.contains(name) {
            return false;
        }
        match (self.few.get_mut(self.count), self.outlines.get_mut(self.count)) {
            (Some(free), Some(free_outline)) if self.more.is_none() => {
                (*free, *free_outline) = (name, outline(name));
                self.count += 1;
                true
            }
            _ => self.insert_more(Cow::Borrowed(name)),
        }
    }

    /// Adds a name that was written with escapes; whether it is new.
    pub(super) fn insert_escaped(&mut self, name: &str) -> bool {
        self.insert_more(Cow::Owned(name.to_owned()))
    }

    fn insert_more(&mut self, name: Cow<'a, str>) -> bool {
        !self.contains(&name) && self.more.get_or_insert_default().insert(name)
    }

    fn contains(&self, name: &str) -> bool {
        let outline = outline(name);
        // All of them, since it takes longer to stop than to go on.
        let alike = self.outlines.iter().filter(|other| **other == outline).count();
        alike > 0 && self.few.iter().take(self.count).any(|seen| *seen == name)
    }
}

/// Some of a name's letters and its length: enough to tell nearly all names apart by one comparison of numbers.
#[expect(clippy::cast_possible_truncation, reason = "a part of the length will do")]
fn outline(name: &str) -> u32 {
    let name = name.as_bytes();
    // The first four and the last four letters, which may be the same ones.
    let letters = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => u32::from_le_bytes(*first) ^ u32::from_le_bytes(*last).rotate_left(3),
        _ => name.iter().fold(0, |letters, letter| letters << 8 | u32::from(*letter)),
    };
    letters ^ (name.len() as u32) << 24
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_is_new_once(names in proptest::collection::vec(("[a-e]{0,2}", any::<bool>()), 0..60)) {
            let (mut small, mut reference) = (Names::new(), HashSet::new());
            for (name, escaped) in &names {
                let new = if *escaped { small.insert_escaped(name) } else { small.insert(name) };
                prop_assert_eq!(new, reference.insert(name), "{}", name);
            }
        }
    }
}
