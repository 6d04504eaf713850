//! The header by which a caller names a request (draft-ietf-httpapi-idempotency-key-header).

use actix_web::{HttpRequest, http::header::HeaderValue};
use chassis::problem::{Answer, Problem};

use crate::problems;

/// A caller's own name for a request: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The header's name.
    pub(crate) const HEADER: &str = "idempotency-key";
    const MAX_LENGTH: usize = 255;

    /// The key of `request`.
    ///
    /// # Errors
    /// 400 `idempotency_key_missing` or `idempotency_key_invalid`.
    pub(crate) fn of(request: &HttpRequest) -> Answer<Self> {
        let values: Vec<_> = request.headers().get_all(Self::HEADER).collect();
        match values.as_slice() {
            [] => Err(Problem::new(&problems::IDEMPOTENCY_KEY_MISSING)
                .detail("send a random key, and the same key again when you repeat the request")),
            [value] => Self::parse(value),
            _ => Err(invalid("there must be exactly one")),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(value: &HeaderValue) -> Answer<Self> {
        match value.to_str().map(str::trim) {
            Ok("") => Err(Problem::new(&problems::IDEMPOTENCY_KEY_MISSING).detail("the key is empty")),
            Ok(text) if text.len() <= Self::MAX_LENGTH => Ok(Self(text.to_owned())),
            Ok(_) => Err(invalid("a key has at most 255 characters")),
            Err(_) => Err(invalid("a key is visible ASCII")),
        }
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::new(&problems::IDEMPOTENCY_KEY_INVALID).detail(detail)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn code(values: &[&str]) -> Result<String, &'static str> {
        let request = values.iter().fold(TestRequest::post(), |request, value| {
            request.append_header((IdempotencyKey::HEADER, *value))
        });
        IdempotencyKey::of(&request.to_http_request()).map(|key| key.0).map_err(|problem| problem.code().name)
    }

    #[test]
    fn exactly_one_key_of_bearable_length_is_taken() {
        let longest = "k".repeat(255);
        assert_eq!(code(&[&longest]), Ok(longest.clone()));
        assert_eq!(code(&[" k "]), Ok("k".into()));
        assert_eq!(code(&[]), Err("idempotency_key_missing"));
        assert_eq!(code(&[" "]), Err("idempotency_key_missing"));
        assert_eq!(code(&[&"k".repeat(256)]), Err("idempotency_key_invalid"));
        assert_eq!(code(&["a", "b"]), Err("idempotency_key_invalid"));
        assert_eq!(code(&["ключ"]), Err("idempotency_key_invalid"));
    }
}
