//! `GET /auth/admin/claim`
//!
//! One self-contained page. The link's secret stands behind the `#` of its address, which browsers send to
//! nobody, so that no log and no proxy ever sees it. The content security policy lets exactly this script and
//! this style run, by their hashes, and lets the page talk to nothing but its own origin.

use std::sync::LazyLock;

use actix_web::{HttpResponse, get, http::header};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};

const STYLE: &str = include_str!("claim_page/style.css");
const SCRIPT: &str = include_str!("claim_page/script.js");
const PAGE: &str = concat!(
    include_str!("claim_page/head.html"),
    "<style>",
    include_str!("claim_page/style.css"),
    "</style>",
    include_str!("claim_page/body.html"),
    "<script>",
    include_str!("claim_page/script.js"),
    "</script></body></html>\n",
);

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
});

/// The page behind the administrator's link.
#[utoipa::path(
    tag = "administration",
    responses((status = 200, description = "A form", body = String, content_type = "text/html")),
)]
#[get("/admin/claim")]
pub(crate) async fn claim_page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(PAGE)
}
