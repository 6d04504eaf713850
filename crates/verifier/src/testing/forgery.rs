//! One bad token of each kind that every protected route has to refuse.

use serde_json::json;

use super::{HmacSecret, Issuer};
use crate::Reason;

/// A way for a token to be bad while all else in it is good. Made into one by [`Issuer::forge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// It was good an hour ago.
    Expired,
    /// It will be good in an hour.
    NotYetValid,
    /// It is meant for another service.
    WrongAudience,
    /// Another issuer is named.
    WrongIssuer,
    /// It is another kind of token, such as an ID token.
    WrongType,
    /// A claim was changed after signing.
    Tampered,
    /// Another key signed it.
    WrongKey,
    /// `alg: none`.
    Unsigned,
    /// HS256 with the public key's PEM as secret.
    HmacWithPem,
    /// HS256 with the public key's JWK as secret.
    HmacWithJwk,
}

impl Forgery {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Expired,
        Self::NotYetValid,
        Self::WrongAudience,
        Self::WrongIssuer,
        Self::WrongType,
        Self::Tampered,
        Self::WrongKey,
        Self::Unsigned,
        Self::HmacWithPem,
        Self::HmacWithJwk,
    ];

    /// For what it is refused.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Expired => Reason::Expired,
            Self::NotYetValid => Reason::NotYetValid,
            Self::WrongAudience => Reason::Audience,
            Self::WrongIssuer => Reason::Issuer,
            Self::WrongType => Reason::Type,
            Self::Tampered | Self::WrongKey => Reason::Signature,
            Self::Unsigned | Self::HmacWithPem | Self::HmacWithJwk => Reason::Algorithm,
        }
    }
}

impl Issuer {
    /// A token that must be refused, for `forgery` and nothing else.
    #[must_use]
    pub fn forge(&self, forgery: Forgery) -> String {
        let token = self.token();
        match forgery {
            Forgery::Expired => token.expired().mint(),
            Forgery::NotYetValid => {
                let (begin, end) = (self.now() + 3600, self.now() + 4200);
                token.claim("nbf", json!(begin)).claim("iat", json!(begin)).claim("exp", json!(end)).mint()
            }
            Forgery::WrongAudience => token.audience(["somebody-else"]).mint(),
            Forgery::WrongIssuer => token.claim("iss", json!("https://somebody-else.example")).mint(),
            Forgery::WrongType => token.header("typ", json!("JWT")).mint(),
            Forgery::Tampered => token.mint_tampered("roles", json!(["admin"])),
            Forgery::WrongKey => {
                let stranger = Self::signing_with(self.signing_key().algorithm, self.url(), self.clock());
                while stranger.kid() == self.kid() {
                    stranger.rotate();
                }
                token.signed_by(&stranger).mint()
            }
            Forgery::Unsigned => token.mint_unsigned(),
            Forgery::HmacWithPem => token.mint_hmac(HmacSecret::Pem),
            Forgery::HmacWithJwk => token.mint_hmac(HmacSecret::Jwk),
        }
    }
}
