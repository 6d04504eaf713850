//! `GET /.well-known/jwks.json`

use actix_web::{HttpRequest, HttpResponse, get, http::header, web::Data};

use crate::app::App;

/// The public keys that verify access tokens (RFC 7517).
#[utoipa::path(
    tag = "discovery",
    responses(
        (status = 200, description = "The key set", body = Object, content_type = "application/json"),
        (status = 304, description = "Unchanged since the `ETag` in `If-None-Match`"),
    ),
)]
#[get("/jwks.json")]
pub(crate) async fn key_set(app: Data<App>, request: HttpRequest) -> HttpResponse {
    let keys = app.keyring.published();
    let known = request.headers().get_all(header::IF_NONE_MATCH);
    let known = known.filter_map(|value| value.to_str().ok()).any(|value| keys.is_known_to(value));
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, keys.etag.as_str()))
        .insert_header((header::CACHE_CONTROL, keys.cache_control(app.now()).as_ref()));
    if known { response.finish() } else { response.content_type("application/json").body(keys.body.clone()) }
}
