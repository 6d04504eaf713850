//! Random damage to everything that is read from outside: tokens, their headers and claims, the `Authorization` header,
//! key sets, and JSON as such. Whatever comes of it, nothing panics, nothing but the original is accepted, and what is
//! accepted means the same to a second, plainer reader.
//!
//! Each test damages a few thousand documents. `PROPTEST_CASES=10000000 cargo test --release -p verifier fuzz` goes
//! on for as long as one likes. Where next: `damage` for how documents are damaged, `reference` for the second reader.

mod damage;
mod documents;
mod json;
mod key_sets;
mod reference;
mod tokens;

use proptest::test_runner::Config;

/// So many cases, or as many as the environment asks for if that is more.
fn cases(least: u32) -> Config {
    let config = Config::default();
    Config { cases: config.cases.max(least), ..config }
}
