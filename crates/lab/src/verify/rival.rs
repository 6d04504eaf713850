//! What the most used crate for this takes, its key prepared as far as it can be. It does less: see the crate's own list
//! of what it does not refuse. Where next: `http`.

use identity::Claims;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use verifier::testing::Issuer;

use crate::{
    Outcome,
    mint::{self, PublicKey},
    rounds::nanoseconds_each,
};

pub(super) struct Rival<'a> {
    key: DecodingKey,
    rules: Validation,
    tokens: &'a [String],
}

impl<'a> Rival<'a> {
    pub(super) fn new(issuer: &Issuer, tokens: &'a [String]) -> Outcome<Self> {
        let key = PublicKey::of(issuer)?;
        let key = DecodingKey::from_rsa_components(&key.n, &key.e)?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_audience(&[mint::AUDIENCE]);
        rules.set_issuer(&[issuer.url()]);
        let rival = Self { key, rules, tokens };
        rival.tokens.iter().try_for_each(|token| rival.claims(token).map(drop))?;
        Ok(rival)
    }

    fn claims(&self, token: &str) -> jsonwebtoken::errors::Result<Claims> {
        Ok(decode::<Claims>(token, &self.key, &self.rules)?.claims)
    }

    pub(super) fn turn(&self) -> f64 {
        nanoseconds_each(self.tokens, |token| self.claims(token))
    }
}
