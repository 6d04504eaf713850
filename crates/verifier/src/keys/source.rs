//! Where key sets come from: an HTTP endpoint, or, in tests, a script. What an answer means is decided in `refresh`,
//! the same for both.

use std::pin::Pin;

use super::FetchFailure;

/// What an endpoint answered, before any judgement.
#[derive(Debug, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// The `Age` header: the seconds the answer has spent in caches (RFC 9111 §5.1).
    pub(crate) age: Option<u64>,
    pub(crate) body: Vec<u8>,
}

/// The answer to come.
pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response, FetchFailure>> + Send + 'a>>;

/// Something that can be asked for a key set.
pub(crate) trait Source: Send + Sync + 'static {
    /// Asks for it, unless it is still the version called `etag` (RFC 9110 §13.1.2).
    fn get<'a>(&'a self, etag: Option<&'a str>) -> Answering<'a>;
}
