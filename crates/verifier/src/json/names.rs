//! The names of one object's members, to find one that is there twice. Where next: `strict`.

use std::{borrow::Cow, collections::HashSet};

/// So many names are compared one by one, which is faster than hashing and takes no memory; a token has fewer.
const FEW: usize = 16;

/// The names seen so far.
pub(super) struct Names<'a> {
    few: [(Outline, &'a str); FEW],
    count: usize,
    /// All that came later or was written with escapes: an object of thousands must not cost their square.
    more: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> Names<'a> {
    pub(super) fn new() -> Self {
        Self { few: [(Outline::of(""), ""); FEW], count: 0, more: None }
    }

    /// Adds `name`; whether it is new.
    pub(super) fn insert(&mut self, name: &'a str) -> bool {
        if self.contains(name) {
            return false;
        }
        match self.few.get_mut(self.count) {
            Some(free) if self.more.is_none() => {
                *free = (Outline::of(name), name);
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
        let outline = Outline::of(name);
        let mut alike = self.few.iter().take(self.count).filter(|(other, _)| *other == outline);
        alike.any(|(_, seen)| *seen == name)
    }
}

/// The beginning of a name and its length: enough to tell nearly all names apart by one comparison of numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Outline(u64);

impl Outline {
    fn of(name: &str) -> Self {
        let beginning = name.bytes().take(7).fold(0, |number, byte| number << 8 | u64::from(byte));
        Self(beginning << 8 | name.len() as u64 & 0xff)
    }
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
