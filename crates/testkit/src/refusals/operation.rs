//! Operations as an OpenAPI 3.1 document describes them, as far as refusals depend on it.

use std::collections::BTreeSet;

use identity::scope;
use reqwest::Method;
use serde_json::Value;

/// Stands for every path parameter: a well-formed id of nothing.
const ID: &str = "01890000-0000-7000-8000-000000000000";

pub(super) struct Operation {
    pub(super) method: Method,
    /// With its parameters in braces.
    template: String,
    /// The scopes it wants, or `None` if it wants no token at all.
    pub(super) scopes: Option<Vec<String>>,
    /// The headers it cannot do without.
    pub(super) headers: Vec<String>,
    pub(super) body: Option<Body>,
}

/// A body of JSON.
pub(super) struct Body {
    pub(super) required: bool,
    /// Whether the whole is one object with named members.
    pub(super) is_object: bool,
    /// Objects somewhere in it that take members they do not know.
    lenient: BTreeSet<String>,
}

/// All operations of the document.
pub(super) fn all(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(template, item)| {
        let methods = ["get", "post", "put", "patch", "delete"].into_iter();
        methods.filter_map(move |method| Some((method, template, item.get(method)?)))
    });
    operations.map(|(method, template, described)| read(document, method, template, described)).collect()
}

fn read(document: &Value, method: &str, template: &str, described: &Value) -> Operation {
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let required =
        parameters.filter(|parameter| parameter["in"] == "header" && parameter["required"] == true);
    Operation {
        method: method.to_uppercase().parse().expect("a method"),
        template: template.to_owned(),
        scopes: scopes(&described["security"]),
        headers: required.filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned())).collect(),
        body: body(document, &described["requestBody"]),
    }
}

/// The scopes of the scheme `bearer`, if it is required. Clients that show a secret of their own are another matter.
fn scopes(security: &Value) -> Option<Vec<String>> {
    let mut requirements = security.as_array()?.iter();
    let scopes = requirements.find_map(|requirement| requirement["bearer"].as_array())?;
    Some(scopes.iter().filter_map(|scope| Some(scope.as_str()?.to_owned())).collect())
}

fn body(document: &Value, described: &Value) -> Option<Body> {
    let content = described["content"].as_object()?;
    let (_, json) = content.iter().find(|(kind, _)| kind.ends_with("json"))?;
    let mut lenient = BTreeSet::new();
    find_lenient(document, &json["schema"], &mut BTreeSet::new(), &mut lenient);
    let is_object = resolve(document, &json["schema"]).get("properties").is_some();
    Some(Body { required: described["required"] == true, is_object, lenient })
}

/// Finds objects with named members that allow others, however deep.
fn find_lenient(
    document: &Value,
    schema: &Value,
    seen: &mut BTreeSet<String>,
    lenient: &mut BTreeSet<String>,
) {
    if let Some(name) = schema["$ref"].as_str() {
        if !seen.insert(name.to_owned()) {
            return;
        }
        let target = resolve(document, schema);
        if target.get("properties").is_some() && target["additionalProperties"] != false {
            lenient.insert(name.trim_start_matches("#/components/schemas/").to_owned());
        }
        return find_lenient(document, target, seen, lenient);
    }
    match schema {
        Value::Object(members) => {
            members.values().for_each(|part| find_lenient(document, part, seen, lenient));
        }
        Value::Array(parts) => parts.iter().for_each(|part| find_lenient(document, part, seen, lenient)),
        _ => {}
    }
}

fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let target = schema["$ref"].as_str().and_then(|name| document.pointer(name.trim_start_matches('#')));
    target.unwrap_or(schema)
}

impl Operation {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    pub(super) fn is_public(&self) -> bool {
        self.scopes.is_none()
    }

    /// Its path with an id for each parameter.
    pub(super) fn path(&self) -> String {
        self.path_with(ID)
    }

    /// Its path with `value` for each parameter.
    pub(super) fn path_with(&self, value: &str) -> String {
        let mut parts = self.template.split(['{', '}']).enumerate();
        parts.by_ref().map(|(index, part)| if index % 2 == 0 { part } else { value }).collect()
    }

    pub(super) fn has_parameters(&self) -> bool {
        self.template.contains('{')
    }

    /// What is wrong with its description alone.
    pub(super) fn faults(&self) -> Vec<String> {
        let name = self.name();
        let unknown = self.scopes.iter().flatten().filter(|scope| !scope::ALL.contains(&scope.as_str()));
        let unknown = unknown.map(|scope| format!("{name}: there is no scope {scope}"));
        let lenient = self.body.iter().flat_map(|body| &body.lenient);
        unknown.chain(lenient.map(|schema| format!("{name}: {schema} takes unknown fields"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations_are_read_with_all_that_matters() {
        let document = json!({
            "paths": { "/things/{id}/parts/{part}": { "post": {
                "security": [{ "bearer": ["profile"] }],
                "parameters": [
                    { "in": "path", "name": "id", "required": true },
                    { "in": "header", "name": "Idempotency-Key", "required": true },
                    { "in": "header", "name": "If-Match" },
                ],
                "requestBody": { "required": true, "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Outer" } } } },
            } } },
            "components": { "schemas": {
                "Outer": { "properties": { "inner": { "items": { "$ref": "#/components/schemas/Inner" } } },
                    "additionalProperties": false },
                "Inner": { "properties": { "outer": { "$ref": "#/components/schemas/Outer" } } },
            } },
        });
        let operations = all(&document);
        let operation = operations.first().unwrap();
        assert_eq!(operation.name(), "POST /things/{id}/parts/{part}");
        assert_eq!(operation.path_with("x"), "/things/x/parts/x");
        assert_eq!(operation.scopes, Some(vec!["profile".to_owned()]));
        assert_eq!(operation.headers, ["Idempotency-Key"]);
        assert!(operation.body.as_ref().unwrap().is_object);
        assert_eq!(scopes(&json!([{ "client": [] }])), None);
        assert_eq!(operation.faults(), ["POST /things/{id}/parts/{part}: Inner takes unknown fields"]);
    }
}
