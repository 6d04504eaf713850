//! What the OpenAPI document says of every operation alike, so that no handler has to: how problems look.

use utoipa::{
    PartialSchema,
    openapi::{Content, OpenApi, Ref, RefOr, Response, path::Operation, path::PathItem},
};

use crate::problem::ProblemBody;

/// The name of a problem's schema.
const SCHEMA: &str = "Problem";
const MEDIA_TYPE: &str = "application/problem+json";

/// Describes the problems of every operation, and gives those that a handler mentions their body.
pub(super) fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    components.schemas.insert(SCHEMA.to_owned(), ProblemBody::schema());
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let wants_token = operation.security.as_ref().is_some_and(|security| !security.is_empty());
        let mut common = vec![("default", "Anything else is a problem (RFC 9457)")];
        if wants_token {
            common.push(("401", "`unauthenticated`: a valid access token is needed"));
            common.push(("403", "`insufficient_scope` or `forbidden`: the caller may not do this"));
        }
        let responses = &mut operation.responses.responses;
        for (status, description) in common {
            responses.entry(status.to_owned()).or_insert_with(|| Response::new(description).into());
        }
        for (status, response) in responses {
            if let RefOr::T(response) = response
                && response.content.is_empty()
                && (status == "default" || status.starts_with(['4', '5']))
            {
                let schema = Content::new(Some(Ref::from_schema_name(SCHEMA)));
                response.content.insert(MEDIA_TYPE.to_owned(), schema.into());
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn completed(responses: Value, security: Value) -> Value {
        let operation = json!({ "responses": responses, "security": security });
        let mut document: OpenApi = serde_json::from_value(json!({
            "openapi": "3.1.0",
            "info": { "title": "Notes", "version": "1" },
            "paths": { "/notes": { "get": operation } },
        }))
        .unwrap();
        complete(&mut document);
        serde_json::to_value(document).unwrap()
    }

    fn is_problem(response: &Value) -> bool {
        response["content"]["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem"
    }

    #[test]
    fn every_operation_describes_its_problems() {
        let mentioned = json!({ "200": { "description": "a note" }, "404": { "description": "no note" } });
        let document = completed(mentioned, json!([{ "bearer": ["profile"] }]));
        let responses = &document["paths"]["/notes"]["get"]["responses"];
        for status in ["default", "401", "403", "404"] {
            assert!(is_problem(&responses[status]), "{status}: {responses}");
        }
        assert_eq!(responses["404"]["description"], "no note");
        assert!(responses["200"].get("content").is_none());
        assert!(document["components"]["schemas"]["Problem"]["properties"]["code"].is_object());
    }

    #[test]
    fn what_an_operation_says_itself_stays() {
        let own = json!({ "400": { "description": "RFC 6749 §5.2", "content": { "application/json": {} } } });
        let document = completed(own.clone(), json!([]));
        let responses = &document["paths"]["/notes"]["get"]["responses"];
        assert_eq!(responses["400"]["content"], own["400"]["content"]);
        assert!(is_problem(&responses["default"]) && responses.get("401").is_none(), "{responses}");
    }
}
