//! How a document is damaged: a few small steps, each of a kind that has broken a parser before.

use proptest::{prelude::*, sample::Index, strategy::ValueTree, test_runner::TestRunner};

/// What parsers are sensitive to.
const FRAGMENTS: [&str; 40] = [
    ".",
    "..",
    "=",
    "==",
    "-",
    "_",
    "+",
    "/",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "\u{feff}",
    "\u{7f}",
    "é",
    "\"",
    "\\",
    "\\u0061",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "0",
    "-1",
    "1e999",
    "{}",
    "[]",
    "\"\"",
    ",\"alg\":\"none\"",
    ",\"kid\":\"\"",
    ",\"exp\":9e9",
    "[[[[[[[[",
    "{\"a\":",
    "e30",
];

/// One step of damage. Positions are relative, so that a step fits a document of any length.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Flip(Index, u8),
    Set(Index, u8),
    Insert(Index, u8),
    Splice(Index, &'static str),
    Remove(Index, usize),
    Repeat(Index, usize),
    Swap(Index, Index),
    Cut(Index),
}

impl Step {
    fn apply(&self, document: &mut Vec<u8>) {
        // One past the end is a position too, for what only adds.
        let place = |index: &Index| index.index(document.len() + 1);
        let range = |index: &Index, length: usize| {
            let start = place(index);
            start..(start + length).min(document.len())
        };
        match self {
            Self::Flip(index, bit) => {
                let place = place(index);
                document.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1 << (bit % 8));
            }
            Self::Set(index, value) => {
                let place = place(index);
                document.iter_mut().skip(place).take(1).for_each(|byte| *byte = *value);
            }
            Self::Insert(index, value) => document.insert(place(index), *value),
            Self::Splice(index, fragment) => {
                let place = place(index);
                document.splice(place..place, fragment.bytes());
            }
            Self::Remove(index, length) => {
                let range = range(index, *length);
                document.drain(range);
            }
            Self::Repeat(index, length) => {
                let range = range(index, *length);
                let (end, copy) = (range.end, document[range].to_vec());
                document.splice(end..end, copy);
            }
            Self::Swap(one, other) => {
                let (one, other) = (place(one), place(other));
                if one.max(other) < document.len() {
                    document.swap(one, other);
                }
            }
            Self::Cut(index) => document.truncate(place(index)),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let (index, byte, length) = (any::<Index>, any::<u8>, || 1_usize..24);
    prop_oneof![
        4 => (index(), byte()).prop_map(|(index, bit)| Step::Flip(index, bit)),
        3 => (index(), byte()).prop_map(|(index, byte)| Step::Set(index, byte)),
        2 => (index(), byte()).prop_map(|(index, byte)| Step::Insert(index, byte)),
        4 => (index(), prop::sample::select(&FRAGMENTS[..])).prop_map(|(index, text)| Step::Splice(index, text)),
        2 => (index(), length()).prop_map(|(index, length)| Step::Remove(index, length)),
        2 => (index(), length()).prop_map(|(index, length)| Step::Repeat(index, length)),
        1 => (index(), index()).prop_map(|(one, other)| Step::Swap(one, other)),
        1 => index().prop_map(Step::Cut),
    ]
}

/// From none to a few steps: a document that was not damaged is worth a look too.
pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..5)
}

/// `document` after these steps.
pub(super) fn damaged(document: impl AsRef<[u8]>, steps: &[Step]) -> Vec<u8> {
    let mut document = document.as_ref().to_vec();
    for step in steps {
        step.apply(&mut document);
    }
    document
}

#[test]
fn damage_is_done() {
    let mut runner = TestRunner::deterministic();
    let whole = b"0123456789".to_vec();
    let changed = (0..200).filter(|_| {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        damaged(&whole, &steps) != whole
    });
    assert!(changed.count() > 100);
}
