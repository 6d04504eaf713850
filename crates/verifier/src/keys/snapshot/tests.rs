//! What makes a snapshot be doubted. A reader that is wrong about one trusts keys that it should not.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::digest;
use identity::SystemEntropy;
use jiff::SignedDuration;
use serde_json::json;
use tempfile::TempDir;
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::{content::Content, *};
use crate::{
    Algorithm,
    disk::hexadecimal,
    testing::{Issuer, TestClock},
};

const ISSUER: &str = "https://auth.example";

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn issuer() -> Issuer {
    Issuer::new(ISSUER, Arc::new(TestClock::default()))
}

/// A folder, and what looks after one issuer's file in it.
struct Shelf {
    folder: TempDir,
    trust: Trust,
    archive: Archive,
}

impl Shelf {
    fn new() -> Self {
        let (folder, trust) = (tempfile::tempdir().unwrap(), issuer().trust("users"));
        let archive = Archive::new(folder.path().to_owned(), &trust, Arc::new(SystemEntropy));
        Self { folder, trust, archive }
    }

    /// What is in order, to be spoiled.
    fn content(&self) -> Content {
        let (issuer, jwks_url) = (self.trust.issuer.clone(), self.trust.jwks_url.to_string());
        let keys = Published {
            document: self::issuer().jwks(),
            etag: Some("\"1\"".to_owned()),
            confirmed_at: now(),
        };
        Content { issuer, jwks_url, keys }
    }

    /// What is made of these bytes.
    fn reading(&self, bytes: &[u8]) -> Result<Published, Doubt> {
        disk::replace(self.folder.path(), &self.archive.name, 1, bytes).unwrap();
        self.archive.read(&self.trust, &Limits::default(), now()).map(|(_, published)| published)
    }

    /// What is made of a snapshot in order but for this change.
    fn after(&self, spoil: impl FnOnce(&mut Content)) -> Result<(), Doubt> {
        let mut content = self.content();
        spoil(&mut content);
        self.reading(&content.encode()).map(|_| ())
    }
}

/// A first line and a body that belong together, whatever they say.
fn signed(version: &str, body: &str) -> Vec<u8> {
    let sum = hexadecimal(digest::digest(&digest::SHA256, body.as_bytes()).as_ref());
    format!("signet-verifier-snapshot {version} {sum}\n{body}").into_bytes()
}

#[test]
fn what_was_kept_comes_back() {
    let shelf = Shelf::new();
    assert_eq!(shelf.reading(&shelf.content().encode()), Ok(shelf.content().keys));
    let (keys, _) = shelf.archive.restore(&shelf.trust, &Limits::default(), now()).unwrap();
    assert!(keys.find(&issuer().kid()).is_some());
}

#[test]
fn no_file_is_no_reason_to_warn() {
    let shelf = Shelf::new();
    let (found, warnings) =
        warnings_in(|| shelf.archive.restore(&shelf.trust, &Limits::default(), now()).is_some());
    assert_eq!((found, warnings), (false, 0));
}

#[test]
fn whatever_is_ignored_is_told_once() {
    let shelf = Shelf::new();
    assert!(shelf.reading(b"garbage").is_err());
    let (found, warnings) =
        warnings_in(|| shelf.archive.restore(&shelf.trust, &Limits::default(), now()).is_some());
    assert_eq!((found, warnings), (false, 1));
}

#[test]
fn cut_off_anywhere_it_is_damaged() {
    let shelf = Shelf::new();
    let whole = shelf.content().encode();
    for length in 0..whole.len() {
        assert_eq!(
            Content::decode(&whole[..length]),
            Err(Doubt::Damaged),
            "{length} of {} bytes",
            whole.len()
        );
    }
    assert_eq!(shelf.reading(&whole[..whole.len() / 2]), Err(Doubt::Damaged));
    assert!(shelf.reading(&[whole.as_slice(), b"\n"].concat()).is_err());
    assert!(shelf.reading(&whole).is_ok());
}

#[test]
fn with_any_bit_turned_it_is_refused() {
    let shelf = Shelf::new();
    let whole = shelf.content().encode();
    for position in 0..whole.len() {
        for bit in 0..8 {
            let mut turned = whole.clone();
            turned[position] ^= 1 << bit;
            let doubt = Content::decode(&turned).unwrap_err();
            assert!(
                matches!(doubt, Doubt::Damaged | Doubt::OtherVersion),
                "byte {position}, bit {bit}: {doubt}"
            );
        }
    }
}

#[test]
fn another_version_is_refused() {
    let (shelf, body) = (Shelf::new(), "{}");
    for version in ["0", "2", "10", "1.1", "01"] {
        assert_eq!(shelf.reading(&signed(version, body)), Err(Doubt::OtherVersion), "{version}");
    }
}

#[test]
fn there_may_be_more_in_it_than_is_known() {
    let shelf = Shelf::new();
    let mut body = serde_json::to_value(shelf.content()).unwrap();
    body["revocations"] = json!({ "entries": [1, 2, 3] });
    assert_eq!(shelf.reading(&signed("1", &body.to_string())), Ok(shelf.content().keys));
    for name in ["issuer", "jwks_url", "keys"] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(shelf.reading(&signed("1", &body.to_string())), Err(Doubt::Damaged), "without {name}");
    }
}

#[test]
fn what_is_about_others_is_refused() {
    let shelf = Shelf::new();
    assert_eq!(shelf.after(|content| content.issuer.push('/')), Err(Doubt::OtherIssuer));
    assert_eq!(shelf.after(|content| content.jwks_url.push('2')), Err(Doubt::OtherIssuer));
}

#[test]
fn it_must_be_neither_of_the_future_nor_past_the_stale_limit() {
    let shelf = Shelf::new();
    let nanosecond = SignedDuration::from_nanos(1);
    let dated = |age: SignedDuration| shelf.after(|content| content.keys.confirmed_at = now() - age);
    assert_eq!(dated(SignedDuration::from_hours(24)), Ok(()));
    assert_eq!(dated(SignedDuration::from_hours(24) + nanosecond), Err(Doubt::TooOld));
    assert_eq!(dated(SignedDuration::from_secs(-30)), Ok(()));
    assert_eq!(dated(SignedDuration::from_secs(-30) - nanosecond), Err(Doubt::FromTheFuture));
    assert_eq!(shelf.after(|content| content.keys.confirmed_at = Timestamp::MAX), Err(Doubt::FromTheFuture));
    assert_eq!(shelf.after(|content| content.keys.confirmed_at = Timestamp::MIN), Err(Doubt::TooOld));
}

#[test]
fn its_keys_are_judged_as_if_they_were_fetched() {
    let shelf = Shelf::new();
    let private = issuer().jwks().replacen('{', r#"{"keys":[],"#, 1);
    for (document, fault) in [
        (private, SetFault::NotAKeySet),
        (issuer().jwks().replacen(r#""kty""#, r#""d":"AA","kty""#, 1), SetFault::SecretPublished),
        (r#"{"keys":[]}"#.to_owned(), SetFault::NoUsableKey),
        (" ".repeat(64 * 1024 + 1), SetFault::TooLong),
        (
            Issuer::signing_with(Algorithm::Es256, ISSUER, Arc::new(TestClock::default())).jwks(),
            SetFault::NoUsableKey,
        ),
    ] {
        assert_eq!(shelf.after(|content| content.keys.document = document), Err(Doubt::Refused(fault)));
    }
}

#[test]
fn each_issuer_has_its_own_file() {
    let name = |issuer: &str| {
        let trust = Trust::new(issuer, "users", "https://auth.example/jwks".parse().unwrap());
        Archive::new(PathBuf::new(), &trust, Arc::new(SystemEntropy)).name
    };
    assert_ne!(name("https://auth.example"), name("https://auth.example/"));
    assert!(name("../../../etc/passwd").bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn writing_is_told_of_when_it_begins_and_ends_to_fail() {
    let archive = Shelf::new().archive;
    let (denied, full) = (Err(io::ErrorKind::PermissionDenied), Err(io::ErrorKind::StorageFull));
    for (outcome, warnings) in [(Ok(()), 0), (denied, 1), (denied, 0), (full, 1), (Ok(()), 0), (full, 1)] {
        assert_eq!(warnings_in(|| archive.note(outcome)).1, warnings, "{outcome:?}");
        assert_eq!(archive.outcomes.failing(), outcome.err());
    }
    assert_eq!(archive.outcomes.counts(), (2, 4));
}

/// Counts warnings.
struct Counting(Arc<AtomicUsize>);

impl Subscriber for Counting {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn warnings_in<T>(action: impl FnOnce() -> T) -> (T, usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let outcome = tracing::subscriber::with_default(Counting(Arc::clone(&count)), action);
    (outcome, count.load(Ordering::Relaxed))
}
