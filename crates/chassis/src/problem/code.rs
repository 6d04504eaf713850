//! The closed list of codes: those of every service here, those of a domain in its own crate by the same macro.

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// What programs decide by. Never changes once published.
    pub name: &'static str,
    /// The HTTP status it always comes with.
    pub status: u16,
    /// One sentence for a human, the same for every occurrence (RFC 9457 §3.1.3).
    pub title: &'static str,
}

/// Declares a table of codes, `NAME = status "name" "Title";` each, and `ALL`, the list of them.
#[macro_export]
macro_rules! problem_codes {
    ($($name:ident = $status:literal $text:literal $title:literal;)*) => {
        $(
            #[doc = concat!("`", $text, "`, ", stringify!($status), ": ", $title, ".")]
            pub const $name: $crate::problem::Code =
                $crate::problem::Code { name: $text, status: $status, title: $title };
        )*

        /// Every code of this table.
        pub const ALL: &[$crate::problem::Code] = &[$($name),*];
    };
}

/// The codes that any service may answer with.
pub mod codes {
    problem_codes! {
        INVALID_REQUEST = 400 "invalid_request" "The request cannot be understood";
        INVALID_JSON = 400 "invalid_json" "The body is not the JSON that this operation takes";
        UNAUTHENTICATED = 401 "unauthenticated" "A valid access token is needed";
        INSUFFICIENT_SCOPE = 403 "insufficient_scope" "The access token does not allow this";
        FORBIDDEN = 403 "forbidden" "You may not do this";
        NOT_FOUND = 404 "not_found" "There is no such thing";
        METHOD_NOT_ALLOWED = 405 "method_not_allowed" "This cannot be done to that";
        BODY_TOO_LARGE = 413 "body_too_large" "The body is too large";
        UNSUPPORTED_MEDIA_TYPE = 415 "unsupported_media_type" "The body must be application/json";
        VALIDATION_FAILED = 422 "validation_failed" "A value is not acceptable";
        RATE_LIMITED = 429 "rate_limited" "Too many requests";
        INTERNAL = 500 "internal" "Something broke on our side";
        OVERLOADED = 503 "overloaded" "Too busy at this moment";
        UNAVAILABLE = 503 "unavailable" "Something this needs is not available";
    }
}
