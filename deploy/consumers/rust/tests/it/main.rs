//! The three consumers against one table: each is started as a process, given the keys of a throwaway issuer, and sent
//! tokens. Where next: `consumer`, which starts them, and `tokens`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

mod consumer;
mod ending;
mod laxity;
mod outage;
mod rotation;
mod tokens;

/// Runs an asynchronous function as one test for each consumer.
macro_rules! for_each_consumer {
    ($($name:ident),* $(,)?) => {
        $(
            mod $name {
                #[tokio::test]
                async fn rust() {
                    super::$name(crate::consumer::Kind::Rust).await;
                }

                #[tokio::test]
                async fn python() {
                    super::$name(crate::consumer::Kind::Python).await;
                }

                #[tokio::test]
                async fn node() {
                    super::$name(crate::consumer::Kind::Node).await;
                }
            }
        )*
    };
}
use for_each_consumer;
