//! What every operation of every service must refuse, checked on a running service.
//!
//! The operations come from the service's own `/openapi.json`, into which every route enters by being mounted at
//! all: a new one cannot be forgotten here. Where next: `operation` for how they are read, `probe` for what is sent,
//! `attacks` for all that is known to be tried on one operation, which would take too long on every one.

mod attacks;
mod operation;
mod probe;
mod raw;

use std::collections::BTreeSet;

use crate::{Client, Issuer};
pub use attacks::withstands_attacks;
use operation::Operation;

/// Sends every operation of the service at `base_url` what it must refuse: bad credentials where it wants a token,
/// tokens without its scope, bodies that are too large, malformed, of no declared type, or with unknown members.
///
/// `public` lists the operations that want no token, such as `POST /auth/login`. The service must trust `issuer`.
///
/// # Panics
/// With everything that was not refused as it must be; also when `public` and the operations whose `security` does not
/// ask for a `bearer` token are not the same.
pub async fn check(base_url: &str, issuer: &Issuer, public: &[&str]) {
    let client = Client::new(base_url);
    let document = client.get("/openapi.json").await.expect(200).json();
    let operations = operation::all(&document);
    assert!(!operations.is_empty(), "{base_url}/openapi.json lists no operation");

    let open: BTreeSet<_> =
        operations.iter().filter(|operation| operation.is_public()).map(Operation::name).collect();
    let listed: BTreeSet<_> = public.iter().map(ToString::to_string).collect();
    assert_eq!(
        open, listed,
        "the operations that want no bearer token (left) are not the public ones (right)"
    );

    let mut faults = Vec::new();
    for operation in &operations {
        faults.extend(operation.faults());
        faults.extend(probe::credentials(&client, issuer, operation).await);
        faults.extend(probe::bodies(&client, issuer, operation).await);
        faults.extend(probe::path(&client, issuer, operation).await);
    }
    assert!(faults.is_empty(), "{} refusals are not as they must be:\n{}", faults.len(), faults.join("\n"));
}
