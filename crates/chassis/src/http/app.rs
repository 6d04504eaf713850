//! Routes and the document that describes them.

use std::{fmt::Write, sync::Arc};

use actix_web::App;
use utoipa::openapi::{
    Components, Info, OpenApi, OpenApiBuilder,
    security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_actix_web::AppExt;

use super::{Description, document::complete, mount::ServiceConfig};
use crate::problem::codes;

/// What a service serves. Called once per worker thread.
pub type Routes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// The OpenAPI document of `routes`.
#[must_use]
pub fn openapi(description: &Description, routes: &Routes) -> OpenApi {
    let app = App::new().into_utoipa_app().openapi(base(description));
    let mut document = app.configure(|config| routes(config)).split_for_parts().1;
    complete(&mut document);
    document
}

/// The document before any route is in it. Users authenticate by access tokens, clients by their secret.
pub(super) fn base(description: &Description) -> OpenApi {
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT (RFC 9068)".to_owned());
    let mut components = Components::new();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("client", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
    let mut info = Info::new(description.title, env!("CARGO_PKG_VERSION"));
    info.description = Some(format!("{}\n\n{}", description.about, problem_table(description)));
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Every code a problem can carry, in Markdown.
fn problem_table(description: &Description) -> String {
    let mut table = "Problems (`application/problem+json`, RFC 9457) carry one of these codes:\n\n\
                     | code | status | meaning |\n|---|---|---|\n"
        .to_owned();
    for code in [codes::ALL].iter().chain(description.problems).copied().flatten() {
        let _ = writeln!(table, "| `{}` | {} | {} |", code.name, code.status, code.title);
    }
    table
}
