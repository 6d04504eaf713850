//! The rules about a token's header (RFC 7515 §4, RFC 9068 §2.1, RFC 8725 §3). The header is what an attacker
//! writes to choose how a token is judged, so it may choose nothing but the name of a key that is at hand anyway.
//! Where next: `claims`.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{
    Algorithm, Limits, Reason,
    json::{self, Presence},
};

/// What a header that is in order says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    /// The name of the key that is said to have signed the token.
    pub(crate) kid: Box<str>,
}

/// A header as it came. Members that are unknown and change nothing are ignored, as RFC 7515 §4 asks.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    alg: Option<Cow<'a, str>>,
    #[serde(borrow)]
    typ: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    #[serde(default)]
    crit: Presence,
    #[serde(default)]
    b64: Presence,
    #[serde(default)]
    zip: Presence,
    #[serde(default)]
    enc: Presence,
    #[serde(default)]
    jwk: Presence,
    #[serde(default)]
    jku: Presence,
    #[serde(default)]
    x5u: Presence,
    #[serde(default)]
    x5c: Presence,
}

impl Raw<'_> {
    /// `crit` and `b64` change how the token is read (RFC 7515 §4.1.11, RFC 7797), `zip` and `enc` belong to
    /// encryption (RFC 7516), and the rest bring a key of the attacker's own (RFC 8725 §3.10).
    fn has_forbidden_member(&self) -> bool {
        [self.crit, self.b64, self.zip, self.enc, self.jwk, self.jku, self.x5u, self.x5c]
            .contains(&Presence(true))
    }
}

impl Header {
    pub(super) fn parse(text: &[u8], limits: &Limits) -> Result<Self, Reason> {
        let raw: Raw<'_> = json::parse(text, limits.json_depth).map_err(|_| Reason::Malformed)?;
        if raw.has_forbidden_member() {
            return Err(Reason::ForbiddenHeader);
        }
        let algorithm = raw.alg.as_deref().and_then(Algorithm::parse).ok_or(Reason::Algorithm)?;
        if !raw.typ.is_some_and(|typ| is_access_token(&typ)) {
            return Err(Reason::Type);
        }
        let kid = raw.kid.ok_or(Reason::KeyId)?;
        if kid.is_empty() || kid.len() > limits.kid_bytes {
            return Err(Reason::KeyId);
        }
        Ok(Self { algorithm, kid: kid.into() })
    }
}

/// The algorithm that the header of a JWT of another kind names, if all else in it is in order: of these types, or of
/// none (RFC 7519 §5.1 leaves `typ` out where nothing else can be meant).
pub(super) fn algorithm(text: &[u8], types: &[&str], limits: &Limits) -> Result<Algorithm, Reason> {
    let raw: Raw<'_> = json::parse(text, limits.json_depth).map_err(|_| Reason::Malformed)?;
    if raw.has_forbidden_member() {
        return Err(Reason::ForbiddenHeader);
    }
    if raw.typ.is_some_and(|typ| !types.iter().any(|known| typ.eq_ignore_ascii_case(known))) {
        return Err(Reason::Type);
    }
    raw.alg.as_deref().and_then(Algorithm::parse).ok_or(Reason::Algorithm)
}

/// A media type: compared without regard to case, with or without its `application/` (RFC 9068 §2.1, RFC 7515 §4.1.9).
fn is_access_token(typ: &str) -> bool {
    typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, Reason> {
        Header::parse(text.as_bytes(), &Limits::default()).map(|header| header.kid.into())
    }

    #[test]
    fn a_header_in_order_names_its_key() {
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
            let text = format!(r#"{{"alg":"RS256","typ":"{typ}","kid":"k","cty":"ignored"}}"#);
            assert_eq!(parse(&text), Ok("k".to_owned()), "{typ}");
        }
    }

    #[test]
    fn only_algorithms_without_a_shared_secret_written_as_they_are() {
        for alg in
            ["none", "None", "NONE", "HS256", "RS384", "RS512", "ES256K", "rs256", "eddsa", "RS256 ", ""]
        {
            let text = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"k"}}"#);
            assert_eq!(parse(&text), Err(Reason::Algorithm), "{alg}");
        }
        assert_eq!(parse(r#"{"typ":"at+jwt","kid":"k"}"#), Err(Reason::Algorithm));
        assert_eq!(parse(r#"{"alg":["RS256"],"typ":"at+jwt","kid":"k"}"#), Err(Reason::Malformed));
    }

    #[test]
    fn only_access_tokens() {
        for typ in ["JWT", "jwt", "at", "logout+jwt", "dpop+jwt", "text/at+jwt", "at+jwt; x=y", ""] {
            let text = format!(r#"{{"alg":"RS256","typ":"{typ}","kid":"k"}}"#);
            assert_eq!(parse(&text), Err(Reason::Type), "{typ}");
        }
        assert_eq!(parse(r#"{"alg":"RS256","kid":"k"}"#), Err(Reason::Type));
    }

    #[test]
    fn a_key_is_named_in_bounds() {
        let with = |kid: &str| parse(&format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"{kid}"}}"#));
        assert!(with(&"k".repeat(128)).is_ok());
        assert_eq!(with(&"k".repeat(129)), Err(Reason::KeyId));
        assert_eq!(with(""), Err(Reason::KeyId));
        assert_eq!(parse(r#"{"alg":"RS256","typ":"at+jwt"}"#), Err(Reason::KeyId));
        assert_eq!(parse(r#"{"alg":"RS256","typ":"at+jwt","kid":7}"#), Err(Reason::Malformed));
    }

    #[test]
    fn members_that_choose_the_rules_are_refused_whatever_they_say() {
        for name in ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"] {
            for value in ["null", "[]", "true", r#""x""#, "{}"] {
                let text = format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":"k","{name}":{value}}}"#);
                assert_eq!(parse(&text), Err(Reason::ForbiddenHeader), "{name}: {value}");
            }
        }
    }

    #[test]
    fn ambiguous_headers_are_refused() {
        assert_eq!(
            parse(r#"{"alg":"RS256","alg":"RS256","typ":"at+jwt","kid":"k"}"#),
            Err(Reason::Malformed)
        );
        assert_eq!(parse(r#"{"alg":"RS256","typ":"at+jwt","kid":"k","x":1,"x":1}"#), Err(Reason::Malformed));
        assert_eq!(parse(r#"["RS256"]"#), Err(Reason::Malformed));
    }
}
