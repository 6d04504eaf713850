//! Messages between two services that no user stands behind, signed by a key that both hold.
//!
//! The metadata `signet-message-id`, `signet-message-time` and `signet-message-signature` carry an id, the seconds
//! since 1970 and HMAC-SHA256 over `id.time.method.` and the message's protobuf encoding. A message counts for
//! five minutes around its time; its receiver does the same thing however often it comes.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use secrecy::{ExposeSecret, SecretString};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
};
use uuid::Uuid;

const ID: &str = "signet-message-id";
const TIME: &str = "signet-message-time";
const SIGNATURE: &str = "signet-message-signature";
/// How far a message's time may be from ours.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The key two services share.
#[derive(Clone)]
pub struct PeerKey(hmac::Key);

/// The key is too short or not base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at least 32 random bytes in base64")]
pub struct InvalidPeerKey;

impl PeerKey {
    /// Reads a key of at least 32 bytes in base64.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(secret: &SecretString) -> Result<Self, InvalidPeerKey> {
        let bytes = BASE64_STANDARD.decode(secret.expose_secret()).map_err(|_| InvalidPeerKey)?;
        if bytes.len() < 32 {
            return Err(InvalidPeerKey);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// A call of `method` that carries `message` and its signature.
    pub fn sign<M: Message>(&self, method: &str, id: Uuid, now: Timestamp, message: M) -> Request<M> {
        let (id, time) = (id.to_string(), now.as_second().to_string());
        let tag = hmac::sign(&self.0, &content(method, &id, &time, &message));
        let mut request = Request::new(message);
        let signature = BASE64_STANDARD.encode(tag);
        for (name, value) in [(ID, id), (TIME, time), (SIGNATURE, signature)] {
            // Digits, hexadecimal and base64 are always valid metadata.
            if let Ok(value) = MetadataValue::<Ascii>::try_from(value) {
                request.metadata_mut().insert(name, value);
            }
        }
        request
    }

    /// Checks that `request` is a call of `method` signed with this key at about `now`.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, without saying why.
    pub fn verify<M: Message>(
        &self,
        method: &str,
        now: Timestamp,
        request: &Request<M>,
    ) -> Result<(), Status> {
        let text = |name: &str| request.metadata().get(name).and_then(|value| value.to_str().ok());
        let verified = || -> Option<()> {
            let (id, time, signature) = (text(ID)?, text(TIME)?, text(SIGNATURE)?);
            let tag = BASE64_STANDARD.decode(signature).ok()?;
            let sent = Timestamp::from_second(time.parse().ok()?).ok()?;
            hmac::verify(&self.0, &content(method, id, time, request.get_ref()), &tag).ok()?;
            (now.duration_since(sent).abs() <= TOLERANCE).then_some(())
        };
        verified().ok_or_else(|| Status::unauthenticated("unauthenticated"))
    }
}

fn content(method: &str, id: &str, time: &str, message: &impl Message) -> Vec<u8> {
    let mut content = format!("{id}.{time}.{method}.").into_bytes();
    content.extend(message.encode_to_vec());
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHOD: &str = "signet.test.v1.Tests/Report";

    fn key(byte: u8) -> PeerKey {
        PeerKey::parse(&SecretString::from(BASE64_STANDARD.encode([byte; 32]))).unwrap()
    }

    #[test]
    fn a_signed_message_is_taken_for_five_minutes() {
        let sent = Timestamp::from_second(1_000_000).unwrap();
        let request = key(1).sign(METHOD, Uuid::nil(), sent, "paid".to_owned());
        for (seconds, fresh) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
            let now = sent + SignedDuration::from_secs(seconds);
            assert_eq!(key(1).verify(METHOD, now, &request).is_ok(), fresh, "{seconds} s");
        }
    }

    #[test]
    fn another_key_method_id_time_or_message_is_refused() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let signed = || key(1).sign(METHOD, Uuid::nil(), now, "paid".to_owned());
        assert!(key(2).verify(METHOD, now, &signed()).is_err());
        assert!(key(1).verify("signet.test.v1.Tests/Release", now, &signed()).is_err());
        for (name, value) in [(ID, "other"), (TIME, "1000001"), (SIGNATURE, "AAAA")] {
            let mut request = signed();
            request.metadata_mut().insert(name, value.parse().unwrap());
            assert!(key(1).verify(METHOD, now, &request).is_err(), "{name}");
        }
        let mut request = signed();
        *request.get_mut() = "free".to_owned();
        assert!(key(1).verify(METHOD, now, &request).is_err());
        assert!(key(1).verify(METHOD, now, &Request::new("paid".to_owned())).is_err());
    }

    #[test]
    fn short_keys_are_refused() {
        assert!(PeerKey::parse(&SecretString::from(BASE64_STANDARD.encode([1; 31]))).is_err());
        assert!(PeerKey::parse(&SecretString::from("not base64".to_owned())).is_err());
    }
}
