//! Hostile and broken key sets, as a table: see [`Issuer::key_set_attacks`]. Where next: `keys` for what is wrong with
//! one key of a set, `documents` for what is wrong with the set.

mod documents;
mod keys;

use std::fmt;

use serde_json::{Value, json};

use super::super::{Issuer, TokenBuilder};
use crate::{Reason, SetFault};

/// The name of the bad key, where it has one.
const KID: &str = "bad";

/// One row: what an endpoint publishes, who could then sign, and what has to come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySetAttack {
    /// What is wrong with the set.
    pub name: String,
    /// The document.
    pub jwks: String,
    /// For what the whole set is refused, so that the one in use stays in use. `None` if only the bad key in it is ignored:
    /// then the issuer's own key beside it is what is left.
    pub fault: Option<SetFault>,
    /// A token that only somebody accepts who takes the bad key, or takes it for what it is not.
    pub token: String,
    /// For what that token is refused.
    pub reason: Reason,
}

/// The row's name.
impl fmt::Display for KeySetAttack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Issuer {
    /// All rows, dated now, for a service that this issuer's tokens call `audience`. Whatever the endpoint publishes of
    /// these, tokens under this issuer's own key go on being accepted by a verifier that knows the key already.
    #[must_use]
    pub fn key_set_attacks(&self, audience: &str) -> Vec<KeySetAttack> {
        let stranger = self.stranger();
        let (own, bad) = (first_key(self), first_key(&stranger));
        let mut table = Table { issuer: self, stranger, audience, own, bad, rows: Vec::new() };
        keys::rows(&mut table);
        documents::rows(&mut table);
        table.rows
    }
}

fn first_key(issuer: &Issuer) -> Value {
    let set = serde_json::to_value(issuer.key_set()).expect("a key set is JSON");
    set.pointer("/keys/0").cloned().expect("an issuer always has a key")
}

struct Table<'i> {
    issuer: &'i Issuer,
    stranger: Issuer,
    audience: &'i str,
    /// The issuer's key as it is published.
    own: Value,
    /// The attacker's, to be spoiled.
    bad: Value,
    rows: Vec<KeySetAttack>,
}

impl Table<'_> {
    /// A token by the attacker's key under `kid`.
    fn token(&self, kid: &str) -> TokenBuilder {
        self.issuer.token().audience([self.audience]).signed_by(&self.stranger).header("kid", json!(kid))
    }

    /// The attacker's key with these members, `null` standing for none.
    fn spoiled(&self, members: Value) -> Value {
        let mut key = self.bad.clone();
        let object = key.as_object_mut().expect("a key is an object");
        object.insert("kid".to_owned(), json!(KID));
        for (name, value) in members.as_object().into_iter().flatten() {
            match value {
                Value::Null => object.remove(name),
                value => object.insert(name.clone(), value.clone()),
            };
        }
        key
    }

    fn push(&mut self, name: &str, jwks: String, fault: Option<SetFault>, token: String, reason: Reason) {
        self.rows.push(KeySetAttack { name: name.to_owned(), jwks, fault, token, reason });
    }

    /// The set of the issuer's key and `bad`, of which the latter is ignored.
    fn ignored(&mut self, name: &str, bad: &Value) {
        let jwks = json!({ "keys": [bad, self.own] }).to_string();
        let token = self.token(KID).mint();
        self.push(name, jwks, None, token, Reason::UnknownKey);
    }

    /// The set of the issuer's key and `bad`, which is refused.
    fn refused(&mut self, name: &str, bad: &Value, fault: SetFault) {
        let jwks = json!({ "keys": [bad, self.own] }).to_string();
        self.document(name, jwks, fault);
    }

    fn document(&mut self, name: &str, jwks: String, fault: SetFault) {
        let token = self.token(KID).mint();
        self.push(name, jwks, Some(fault), token, Reason::UnknownKey);
    }
}
