//! Taking the token out of the `Authorization` header (RFC 6750 §2.1), and refusing everything ambiguous before
//! it is looked at. Where next: `verifier`, which is given the token.

use crate::{Reason, Rejection};

/// The longest `Authorization` value that is read, in bytes.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;
const SCHEME: &[u8] = b"bearer";

/// The token of the one `Authorization` header among `authorization_values`, all values of that header.
///
/// The scheme's name is compared without regard to case (RFC 9110 §11.1), one or more spaces follow it
/// (RFC 6750 §2.1), then the token. The token's own grammar is judged by [`Verifier::verify`](crate::Verifier::verify).
///
/// # Errors
/// [`Reason::Missing`] without any header, [`Reason::Repeated`] with several, [`Reason::TooLong`] over 8 KiB,
/// [`Reason::OtherScheme`] for other schemes, [`Reason::Malformed`] if no token follows.
pub fn bearer<'a>(authorization_values: impl Iterator<Item = &'a [u8]>) -> Result<&'a [u8], Rejection> {
    Ok(only_token(authorization_values)?)
}

fn only_token<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Result<&'a [u8], Reason> {
    let value = values.next().ok_or(Reason::Missing)?;
    if values.next().is_some() {
        return Err(Reason::Repeated);
    }
    if value.len() > MAX_HEADER_BYTES {
        return Err(Reason::TooLong);
    }
    let (scheme, rest) = value.split_at_checked(SCHEME.len()).ok_or(Reason::OtherScheme)?;
    let after_blanks = rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len());
    let (blanks, token) = rest.split_at_checked(after_blanks).ok_or(Reason::Malformed)?;
    if !scheme.eq_ignore_ascii_case(SCHEME) || (blanks.is_empty() && !token.is_empty()) {
        return Err(Reason::OtherScheme);
    }
    if token.is_empty() { Err(Reason::Malformed) } else { Ok(token) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token<'a>(values: &[&'a str]) -> Result<&'a str, Reason> {
        let found =
            bearer(values.iter().map(|value| value.as_bytes())).map_err(|rejection| rejection.reason());
        found.map(|token| str::from_utf8(token).unwrap())
    }

    #[test]
    fn the_scheme_is_known_in_any_case() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", "bEaReR   a.b.c"] {
            assert_eq!(token(&[value]), Ok("a.b.c"), "{value}");
        }
    }

    #[test]
    fn exactly_one_header_is_read() {
        assert_eq!(token(&[]), Err(Reason::Missing));
        assert_eq!(token(&["Bearer a.b.c", "Bearer a.b.c"]), Err(Reason::Repeated));
    }

    #[test]
    fn other_schemes_are_not_tokens() {
        for value in
            ["Basic YTpi", "DPoP a.b.c", "", "a.b.c", "Bearera.b.c", "Bearer\ta.b.c", " Bearer a.b.c"]
        {
            assert_eq!(token(&[value]), Err(Reason::OtherScheme), "{value:?}");
        }
    }

    #[test]
    fn something_follows_the_scheme() {
        for value in ["Bearer", "Bearer ", "Bearer   "] {
            assert_eq!(token(&[value]), Err(Reason::Malformed), "{value:?}");
        }
    }

    #[test]
    fn eight_kibibytes_are_the_limit() {
        let fits = format!("Bearer {}", "a".repeat(MAX_HEADER_BYTES - 7));
        assert!(token(&[&fits]).is_ok());
        assert_eq!(token(&[&format!("{fits}a")]), Err(Reason::TooLong));
    }

    proptest! {
        #[test]
        fn no_header_panics(value in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = bearer([value.as_slice()].into_iter());
        }
    }
}
