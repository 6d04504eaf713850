//! What a snapshot says. The first line names the form, its version and the SHA-256 of the rest, which is one JSON
//! object: a member for each thing that is kept. Members that are unknown are ignored, so that there may be more of
//! them one day; whatever changes the meaning of those there are gets another version.

use aws_lc_rs::digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Doubt;
use crate::disk::hexadecimal;

/// How every snapshot begins, of whatever version.
const FORM: &str = "signet-verifier-snapshot ";
const VERSION: &str = "1";

/// What is kept about one issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) issuer: String,
    pub(super) jwks_url: String,
    pub(super) keys: Published,
}

/// A key set as it was published: kept as it came, so that it is judged by the same rules when it is read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Published {
    pub(in super::super) document: String,
    /// What the issuer calls this version (RFC 9110 §8.8.3).
    pub(in super::super) etag: Option<String>,
    /// When the issuer last said that this is its key set.
    pub(in super::super) confirmed_at: Timestamp,
}

impl Content {
    pub(super) fn encode(&self) -> Vec<u8> {
        // Texts and an instant: there is nothing in them that JSON could not say.
        let body = serde_json::to_string(self).unwrap_or_default();
        format!("{}{body}", first_line(&body)).into_bytes()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Doubt> {
        let text = str::from_utf8(bytes).map_err(|_| Doubt::Damaged)?;
        let (line, body) = text.split_once('\n').ok_or(Doubt::Damaged)?;
        let (version, _) =
            line.strip_prefix(FORM).and_then(|rest| rest.split_once(' ')).ok_or(Doubt::Damaged)?;
        if version != VERSION {
            return Err(Doubt::OtherVersion);
        }
        if text.strip_suffix(body) != Some(&first_line(body)) {
            return Err(Doubt::Damaged);
        }
        serde_json::from_str(body).map_err(|_| Doubt::Damaged)
    }
}

fn first_line(body: &str) -> String {
    let sum = hexadecimal(digest::digest(&digest::SHA256, body.as_bytes()).as_ref());
    format!("{FORM}{VERSION} {sum}\n")
}
