//! Everything that is known to be tried on a verifier of access tokens, as a table: see [`Issuer::attacks`].
//!
//! One file per point of attack, each a list of rows: `header` for what surrounds the token, `grammar` for its spelling,
//! `json` for its documents, `algorithm`, `key_source` and `kind` for its header, `signature`, and `claims`. Hostile key
//! sets have a table of their own: see [`Issuer::key_set_attacks`].

mod algorithm;
mod claims;
mod grammar;
mod header;
mod json;
mod key_set;
mod key_source;
mod kind;
mod numbers;
mod signature;

use std::fmt::{self, Write as _};

use super::{Issuer, TokenBuilder};
use crate::Reason;
pub use key_set::KeySetAttack;

/// One row: what is sent, and what has to come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attack {
    /// What is tried.
    pub name: String,
    /// The values of the `Authorization` headers, as they are sent: one in most rows.
    pub authorization: Vec<Vec<u8>>,
    /// For what it is refused. `None` marks a control, which has to be accepted: without those, a service that
    /// refuses everything would pass.
    pub reason: Option<Reason>,
    /// What HTTP makes of these values on their way to the verifier.
    pub over_http: OverHttp,
}

/// What becomes of header values on their way through an HTTP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverHttp {
    /// They arrive as they are.
    Arrives,
    /// The server takes the blanks at either end away (RFC 9112 §5.1), and what is left is a good token.
    Trimmed,
    /// A server may answer 400 or 431 by itself, the value being too long or no field value (RFC 9110 §5.5). If it does
    /// not, the verifier refuses.
    MayNotArrive,
    /// There is no way to send this: it would end the header. It can only be given to the verifier itself.
    NeverArrives,
}

impl Attack {
    /// Whether a service may answer this row with `status`. The answers 401 and 2xx are the verifier's verdict.
    #[must_use]
    pub const fn allows_status(&self, status: u16) -> bool {
        match (self.over_http, self.reason) {
            (OverHttp::Trimmed, _) | (OverHttp::Arrives, None) => matches!(status, 200..=299),
            (OverHttp::Arrives, Some(_)) => status == 401,
            (OverHttp::MayNotArrive, _) => matches!(status, 400 | 401 | 431),
            (OverHttp::NeverArrives, _) => false,
        }
    }
}

/// The row's name.
impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Issuer {
    /// All rows, dated now, for a service that this issuer's tokens call `audience`. Each is wrong in one way and good in
    /// all others, so that what refuses it is the rule it breaks.
    ///
    /// The tokens that everything starts from are those of [`token`](Self::token). A service that wants a scope which
    /// these do not grant answers 403 to the controls.
    #[must_use]
    pub fn attacks(&self, audience: &str) -> Vec<Attack> {
        let mut table = Table { issuer: self, stranger: self.stranger(), audience, rows: Vec::new() };
        header::rows(&mut table);
        grammar::rows(&mut table);
        json::rows(&mut table);
        algorithm::rows(&mut table);
        key_source::rows(&mut table);
        kind::rows(&mut table);
        signature::rows(&mut table);
        claims::rows(&mut table);
        table.rows
    }

    /// An issuer that calls itself the same and signs with another key.
    pub(super) fn stranger(&self) -> Self {
        let stranger = Self::new(self.url(), self.clock());
        while self.key_set().keys.iter().any(|key| key["kid"] == stranger.kid()) {
            stranger.rotate();
        }
        stranger
    }
}

/// The rows so far, and what more are made of.
struct Table<'i> {
    issuer: &'i Issuer,
    /// The attacker, who has keys too.
    stranger: Issuer,
    audience: &'i str,
    rows: Vec<Attack>,
}

impl Table<'_> {
    /// A good token, to be spoiled.
    fn token(&self) -> TokenBuilder {
        self.issuer.token().audience([self.audience])
    }

    fn now(&self) -> i64 {
        self.issuer.now()
    }

    fn push(&mut self, name: &str, values: Vec<Vec<u8>>, reason: Option<Reason>, over_http: OverHttp) {
        self.rows.push(Attack { name: name.to_owned(), authorization: values, reason, over_http });
    }

    /// A token that is refused.
    fn refused(&mut self, name: &str, token: impl AsRef<[u8]>, reason: Reason) {
        self.push(name, vec![bearer(token)], Some(reason), OverHttp::Arrives);
    }

    /// A token that is accepted.
    fn accepted(&mut self, name: &str, token: impl AsRef<[u8]>) {
        self.push(name, vec![bearer(token)], None, OverHttp::Arrives);
    }
}

/// A header's value that presents `token`.
fn bearer(token: impl AsRef<[u8]>) -> Vec<u8> {
    [b"Bearer ", token.as_ref()].concat()
}

/// Every byte as two hexadecimal digits, each pair behind `prefix`.
fn hexadecimal(bytes: &[u8], prefix: &str) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{prefix}{byte:02x}");
        text
    })
}
