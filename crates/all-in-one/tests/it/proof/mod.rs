//! Proofs that take minutes: three replicas of the issuer and two of each other service, each a process, on PostgreSQL and
//! Redis, under load. `scripts/prove-revocation` and `scripts/prove-rotation` run them; `--short` runs the same with fewer
//! repetitions.
//!
//! Where next: `revocation` and `rotation`, what is proved; `fleet`, the processes.

mod calls;
mod door;
mod faults;
mod figures;
mod fleet;
mod kinds;
mod load;
mod replica;
mod revocation;
mod rotation;
mod traffic;
mod watch;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "scripts/prove-revocation runs it"]
async fn revocation_in_full_timing() {
    revocation::prove(revocation::FULL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "scripts/prove-revocation --short runs it"]
async fn revocation_in_short_timing() {
    revocation::prove(revocation::SHORT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "scripts/prove-rotation runs it"]
async fn rotation_in_full_timing() {
    rotation::prove(rotation::FULL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "scripts/prove-rotation --short runs it"]
async fn rotation_in_short_timing() {
    rotation::prove(rotation::SHORT).await;
}
