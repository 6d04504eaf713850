//! What a flood is made of: tokens of which all but the signature may be good, each under a key of its own. Where next:
//! `regular`.

use std::{
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::Entropy;

use crate::{
    Outcome,
    load::{Load, request},
};

/// What a stall of the machine or of the server held back follows at once, as it would from senders elsewhere. Only what
/// is behind by more than this is given up.
const PATIENCE: Duration = Duration::from_millis(100);

/// A model of such tokens.
pub(crate) struct Garbage {
    /// The claims and the signature of a good token.
    rest: String,
    entropy: Box<dyn Entropy>,
}

impl Garbage {
    /// Tokens that differ from `token` in their header only.
    pub(crate) fn like(token: &str, entropy: impl Entropy) -> Outcome<Self> {
        let (_, rest) = token.split_once('.').ok_or("not a token")?;
        Ok(Self { rest: rest.to_owned(), entropy: Box::new(entropy) })
    }

    /// One more. Its key is named as keys are here: by what may be a thumbprint (RFC 7638).
    pub(crate) fn token(&self) -> String {
        let mut thumbprint = [0; 32];
        self.entropy.fill(&mut thumbprint);
        let kid = URL_SAFE_NO_PAD.encode(thumbprint);
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"{kid}"}}"#));
        format!("{header}.{}", self.rest)
    }
}

/// Sends `number` of them at an even pace, over all connections; gives how many were not answered 401.
pub(super) fn pour(garbage: &Garbage, load: &mut Load, number: u32, within: Duration) -> Outcome<u32> {
    let pause = within / number;
    let mut due = Instant::now();
    let mut others = 0;
    let mut count = |status: Option<u16>| others += u32::from(status.is_some_and(|status| status != 401));
    for _ in 0..number {
        let now = Instant::now();
        due = (due + pause).max(now.checked_sub(PATIENCE).unwrap_or(now));
        thread::sleep(due.saturating_duration_since(now));
        count(load.send(&request(Some(&garbage.token())))?);
    }
    while let Some(status) = load.finish()? {
        count(Some(status));
    }
    Ok(others)
}

#[cfg(test)]
mod tests {
    use identity::SystemEntropy;
    use verifier::{Reason, testing::Issuer};

    use super::*;
    use crate::mint::{self, Ready};

    #[test]
    fn nothing_but_the_key_is_wrong_with_it() {
        let runtime = mint::runtime().unwrap();
        let issuer: Issuer = mint::issuer();
        let garbage = Garbage::like(&issuer.token().mint(), SystemEntropy).unwrap();
        let (one, other) = (garbage.token(), garbage.token());
        assert_ne!(one, other);
        let verifier = &Ready::new(&runtime, &issuer).unwrap().verifier;
        let refused = runtime.block_on(verifier.verify(&one)).unwrap_err();
        assert_eq!(refused.reason(), Reason::UnknownKey);
    }
}
