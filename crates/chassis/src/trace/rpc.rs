//! Calls between services, as spans on both sides (OpenTelemetry semantic conventions for RPC 1.37).

use tonic::{
    Code, Request, Response, Status,
    metadata::{Ascii, MetadataMap, MetadataValue},
};

use super::{
    Kind, Span, TRACEPARENT, TraceContext, Tracer,
    span::{Value, child},
};

/// Calls `method` (`package.Service/Method`) as a part of what is done now.
///
/// # Errors
/// As `send`.
pub async fn call<M, R, F>(
    method: &'static str,
    mut request: Request<M>,
    send: impl FnOnce(Request<M>) -> F,
) -> Result<Response<R>, Status>
where
    F: Future<Output = Result<Response<R>, Status>>,
{
    let Some(span) = child(Kind::Client, method) else { return send(request).await };
    // A context consists of hexadecimal digits and dashes.
    if let Ok(parent) = MetadataValue::<Ascii>::try_from(span.context().to_string()) {
        request.metadata_mut().insert(TRACEPARENT, parent);
    }
    let answer = watched(&span, method, send(request)).await;
    if let Err(status) = &answer {
        span.fail(name_of(status.code()));
    }
    answer
}

/// Answers a call of `method` as a part of the trace that its metadata names.
///
/// # Errors
/// As `work`.
pub async fn serve<T>(
    tracer: &Tracer,
    method: &'static str,
    metadata: &MetadataMap,
    work: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    let parent = metadata.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let span = tracer.span(Kind::Server, method, parent.and_then(TraceContext::parse));
    let answer = watched(&span, method, work).await;
    // What the caller did wrong is no failure of the one who says so.
    if let Err(status) = &answer
        && is_own_failure(status.code())
    {
        span.fail(name_of(status.code()));
    }
    answer
}

async fn watched<T>(
    span: &Span,
    method: &'static str,
    work: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    span.set("rpc.system", "grpc");
    if let Some((service, method)) = method.split_once('/') {
        span.set("rpc.service", service);
        span.set("rpc.method", method);
    }
    let answer = span.scope(work).await;
    let code = answer.as_ref().map_or_else(Status::code, |_| Code::Ok);
    span.set("rpc.grpc.status_code", Value::Number(i64::from(i32::from(code))));
    answer
}

fn is_own_failure(code: Code) -> bool {
    use Code::{DataLoss, DeadlineExceeded, Internal, Unavailable, Unimplemented, Unknown};
    matches!(code, Unknown | DeadlineExceeded | Unimplemented | Internal | Unavailable | DataLoss)
}

/// As the specification of gRPC names it.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
