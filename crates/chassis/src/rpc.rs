//! The gRPC side of a service.

use std::{io, net::SocketAddr, time::Duration};

use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Code, Status,
    metadata::{MetadataMap, MetadataValue},
    service::Routes,
    transport::{Channel, Endpoint, Server},
};
use url::Url;
use verifier::Verifier;

use crate::{
    caller::{Caller, Demand},
    problem::Problem,
    shutdown::Shutdown,
};

/// How long a call may take, on either side.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How many calls one connection may have under way.
const CONCURRENCY: usize = 256;

/// A bound but not yet serving gRPC server.
pub struct RpcServer(TcpListener);

impl RpcServer {
    /// Takes the port.
    ///
    /// # Errors
    /// When the address is taken or may not be used.
    pub async fn bind(listen: SocketAddr) -> io::Result<Self> {
        let bound = TcpListener::bind(listen).await;
        bound
            .map(Self)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Serves until shut down, then finishes what is under way.
    ///
    /// # Errors
    /// When the transport fails.
    pub async fn serve(self, routes: Routes, shutdown: Shutdown) -> io::Result<()> {
        let mut builder = Server::builder().timeout(TIMEOUT).concurrency_limit_per_connection(CONCURRENCY);
        let incoming = TcpListenerStream::new(self.0);
        let ended =
            builder.add_routes(routes).serve_with_incoming_shutdown(incoming, shutdown.triggered()).await;
        ended.map_err(io::Error::other)
    }
}

/// A connection to the gRPC server at `url`, made when first used and again whenever it is lost.
///
/// # Errors
/// When the URL is not one of a gRPC server.
pub fn connect(url: &Url) -> Result<Channel, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(url.to_string())?;
    Ok(endpoint.timeout(TIMEOUT).connect_timeout(CONNECT_TIMEOUT).connect_lazy())
}

/// The caller of a gRPC method, by the access token in the metadata's `authorization`.
///
/// # Errors
/// `UNAUTHENTICATED`, `PERMISSION_DENIED` or `UNAVAILABLE`.
pub async fn caller<S: Demand>(verifier: &Verifier, metadata: &MetadataMap) -> Result<Caller<S>, Status> {
    let values = metadata.get_all("authorization");
    let authenticated = Caller::authenticate(verifier, values.iter().map(MetadataValue::as_bytes)).await;
    authenticated.map_err(|problem| status(&problem))
}

/// A problem as gRPC says it. What the caller is not told stays in the log.
#[must_use]
pub fn status(problem: &Problem) -> Status {
    let code = match problem.code().status {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::NotFound,
        409 => Code::AlreadyExists,
        400 | 422 => Code::InvalidArgument,
        503 => Code::Unavailable,
        _ => Code::Internal,
    };
    tracing::info!(%problem, "call refused");
    Status::new(code, problem.code().name)
}
