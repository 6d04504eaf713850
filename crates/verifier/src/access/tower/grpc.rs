//! Refusals as gRPC says them: an answer of status 200 that consists of trailers only.

use http::{HeaderMap, HeaderName, HeaderValue, Response, header};

use crate::access::Refusal;

const GRPC: &[u8] = b"application/grpc";
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// Whether a request is a gRPC call: `application/grpc`, perhaps with `+` and a format. In gRPC-Web a plain HTTP
/// status means the same, so that is answered like everybody else.
pub(super) fn is_call(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes) else {
        return false;
    };
    let (kind, rest) = content_type.split_at_checked(GRPC.len()).unwrap_or((content_type, &[]));
    kind.eq_ignore_ascii_case(GRPC) && matches!(rest.first(), None | Some(b'+' | b';' | b' '))
}

/// The whole answer. Codes need no percent-encoding.
pub(super) fn response(refusal: &Refusal) -> Response<()> {
    let mut response = Response::new(());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(STATUS, u16::from(refusal.grpc_status()).into());
    headers.insert(MESSAGE, HeaderValue::from_static(refusal.code()));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grpc_is_told_by_its_content_type() {
        let is_call = |content_type: Option<&'static str>| {
            let value = content_type.map(|value| (header::CONTENT_TYPE, HeaderValue::from_static(value)));
            is_call(&value.into_iter().collect())
        };
        for grpc in ["application/grpc", "application/grpc+proto", "Application/gRPC; x=1"] {
            assert!(is_call(Some(grpc)), "{grpc}");
        }
        for other in
            ["application/grpc-web", "application/grpcx", "application/json", "", "text/application/grpc"]
        {
            assert!(!is_call(Some(other)), "{other}");
        }
        assert!(!is_call(None));
    }
}
