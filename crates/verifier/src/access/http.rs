//! What `axum` and `tower` services have in common: the types of the crate `http`.

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::Refusal;

/// All values of the `Authorization` header.
pub(super) fn authorization(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes)
}

/// The whole answer.
pub(super) fn response(refusal: &Refusal) -> Response<String> {
    let mut response = Response::new(refusal.body());
    *response.status_mut() =
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in refusal.headers() {
        // They are texts of ours and scope-tokens: all fit into a header.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
