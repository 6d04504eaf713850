//! The operations a server offers, as its OpenAPI document lists them, to tell "no such thing" from "not like
//! this".

use std::collections::BTreeSet;

use actix_router::{IntoPatterns, ResourceDef};
use actix_web::http::Method;
use utoipa::openapi::{OpenApi, PathItem};

/// Which methods each path takes.
#[derive(Clone)]
pub(super) struct Operations(Vec<(ResourceDef, Vec<Method>)>);

impl Operations {
    pub(super) fn of(document: &OpenApi) -> Self {
        let entries = document.paths.paths.iter();
        Self(entries.map(|(path, item)| (ResourceDef::new(path.patterns()), methods(item))).collect())
    }

    /// The methods that `path` takes, none when there is no such path.
    pub(super) fn allowed(&self, path: &str) -> Vec<&str> {
        let matching = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        let methods: BTreeSet<_> =
            matching.flat_map(|(_, methods)| methods.iter().map(Method::as_str)).collect();
        methods.into_iter().collect()
    }
}

fn methods(item: &PathItem) -> Vec<Method> {
    [
        (item.get.is_some(), Method::GET),
        (item.post.is_some(), Method::POST),
        (item.put.is_some(), Method::PUT),
        (item.patch.is_some(), Method::PATCH),
        (item.delete.is_some(), Method::DELETE),
    ]
    .into_iter()
    .filter_map(|(offered, method)| offered.then_some(method))
    .collect()
}
