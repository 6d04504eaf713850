//! Has the crate compiled again when a migration is added: `sqlx::migrate!` notices changed files, not new ones.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
