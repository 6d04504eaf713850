//! The names of one object's members, to find one that is there twice. Where next: `strict`.

use std::{borrow::Cow, collections::HashSet};

/// So many names are compared one by one, which is faster than hashing and takes no memory; a token has fewer.
const FEW: usize = 16;

/// The names seen so far.
pub(super) struct Names<'a> {
    few: [&'a str; FEW],
    count: usize,
    /// All that came later or was written with escapes: an object of thousands must not cost their square.
    more: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> Names<'a> {
    pub(super) fn new() -> Self {
        Self { few: [""; FEW], count: 0, more: None }
    }

    /// Adds `name`; whether it is new.
    pub(super) fn insert(&mut self, name: &Cow<'a, str>) -> bool {
        if self.few.iter().take(self.count).any(|seen| *seen == name.as_ref()) {
            return false;
        }
        match (name, self.few.get_mut(self.count)) {
            (Cow::Borrowed(name), Some(free)) if self.more.is_none() => {
                *free = name;
                self.count += 1;
                true
            }
            _ => self.more.get_or_insert_default().insert(name.clone()),
        }
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
                let cow = if *escaped { Cow::Owned(name.clone()) } else { Cow::Borrowed(name.as_str()) };
                prop_assert_eq!(small.insert(&cow), reference.insert(name.clone()), "{}", name);
            }
        }
    }
}
