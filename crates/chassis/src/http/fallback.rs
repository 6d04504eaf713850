//! What is answered where no route matches.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::header::{self, HeaderValue},
    web::Data,
};

use super::operations::Operations;
use crate::problem::{Problem, codes};

pub(super) async fn fallback(request: HttpRequest, operations: Data<Operations>) -> HttpResponse {
    let allowed = operations.allowed(request.path());
    if allowed.is_empty() {
        return Problem::new(&codes::NOT_FOUND).error_response();
    }
    let mut response = Problem::new(&codes::METHOD_NOT_ALLOWED).error_response();
    if let Ok(allow) = HeaderValue::try_from(allowed.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
