//! The README shows code that compiles: what it shows is in `examples/`, to the letter.

const README: &str = include_str!("../../README.md");
const EXAMPLES: [&str; 4] = [
    include_str!("../../examples/axum.rs"),
    include_str!("../../examples/actix.rs"),
    include_str!("../../examples/tonic.rs"),
    include_str!("../../examples/testing.rs"),
];

#[test]
fn the_readme_shows_examples() {
    let blocks: Vec<_> =
        README.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        assert!(EXAMPLES.iter().any(|example| example.contains(block)), "in no example:\n{block}");
    }
}
