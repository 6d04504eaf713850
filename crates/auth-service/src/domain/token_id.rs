//! The name of an access token as an operator types it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::TokenId;

/// The text cannot be the name of an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is named by its `jti`, 22 characters of base64url, and never by itself")]
pub struct InvalidTokenId;

/// The name of a token, its `jti`. What is no such name is refused, since it would revoke nothing.
///
/// # Errors
/// If it is not 128 bits as base64url.
pub fn token_id(text: &str) -> Result<TokenId, InvalidTokenId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidTokenId)?;
    if bytes.len() == 16 { Ok(TokenId(text.into())) } else { Err(InvalidTokenId) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_named_by_128_bits() {
        let name = "AAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(token_id(name), Ok(TokenId(name.into())));
        for other in
            ["", "A", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA==", "a.b.c"]
        {
            assert_eq!(token_id(other), Err(InvalidTokenId), "{other}");
        }
    }
}
