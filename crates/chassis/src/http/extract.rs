//! Bodies, paths and queries that cannot be read become problems with a reason.

use actix_web::{
    ResponseError,
    error::{Error, JsonPayloadError, PathError, QueryPayloadError},
    web::{JsonConfig, PathConfig, PayloadConfig, QueryConfig},
};

use crate::problem::{Problem, codes};

/// The largest body any operation takes, in bytes.
const MAX_BODY: usize = 64 * 1024;

pub(super) fn json() -> JsonConfig {
    JsonConfig::default()
        .limit(MAX_BODY)
        .content_type_required(true)
        .error_handler(|error, _| refuse_json(&error))
}

pub(super) fn payload() -> PayloadConfig {
    PayloadConfig::new(MAX_BODY)
}

pub(super) fn path() -> PathConfig {
    PathConfig::default().error_handler(|_: PathError, _| Problem::new(&codes::NOT_FOUND).into())
}

pub(super) fn query() -> QueryConfig {
    QueryConfig::default().error_handler(|error: QueryPayloadError, _| {
        Problem::new(&codes::INVALID_REQUEST).detail(format!("the query string: {error}")).into()
    })
}

fn refuse_json(error: &JsonPayloadError) -> Error {
    match error {
        JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
            Problem::new(&codes::BODY_TOO_LARGE).detail(format!("at most {MAX_BODY} bytes are taken"))
        }
        JsonPayloadError::ContentType => Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE),
        JsonPayloadError::Deserialize(error) => Problem::new(&codes::INVALID_JSON).detail(error.to_string()),
        other if other.status_code().is_client_error() => Problem::new(&codes::INVALID_REQUEST),
        other => Problem::new(&codes::INTERNAL).cause(other.to_string()),
    }
    .into()
}
