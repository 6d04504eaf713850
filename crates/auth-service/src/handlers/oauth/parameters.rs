//! The parameters of a request: `application/x-www-form-urlencoded`, each once (RFC 6749 §3.2).

use std::collections::BTreeMap;

use actix_web::{HttpMessage, HttpRequest};
use url::form_urlencoded;

use super::error::OAuthError;

/// What a request says, by name. One without a value is as good as one that is not there.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(super) fn parse(request: &HttpRequest, body: &[u8]) -> Result<Self, OAuthError> {
        if !request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthError::InvalidRequest("the body must be application/x-www-form-urlencoded"));
        }
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(OAuthError::InvalidRequest("a parameter is there twice"));
            }
        }
        Ok(Self(parameters))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
