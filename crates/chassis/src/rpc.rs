//! The gRPC side of a service.
//!
//! Services call each other directly, without a balancer between them: `connector` finds a replica, HTTP/2 pings
//! notice within two seconds when it has vanished, its server ends each connection after a while so that new replicas
//! get their share, and [`again`] bridges the moment in which one ends.

mod again;
mod connector;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use identity::SystemEntropy;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Code, Status,
    metadata::{Ascii, MetadataMap, MetadataValue},
    service::Routes,
    transport::{Channel, Endpoint, Server},
};
use url::Url;
use verifier::{Verifier, access};

use crate::{
    caller::{Caller, Demand},
    problem::Problem,
    shutdown::Shutdown,
};

pub use again::again;
use connector::Connector;

/// How long a call may take, on either side.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How many calls one connection may have under way.
const CONCURRENCY: usize = 256;
/// A client pings as often when nothing else arrives, and waits as long for the answer.
const CLIENT_PING: Duration = Duration::from_secs(1);
/// The same for servers, which lose nothing but memory.
const SERVER_PING: Duration = Duration::from_secs(10);
/// How long a client may keep one connection, and so one replica. Calls under way then are finished.
const CONNECTION_AGE: Duration = Duration::from_mins(5);

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
        let mut builder = Server::builder()
            .timeout(TIMEOUT)
            .concurrency_limit_per_connection(CONCURRENCY)
            .http2_keepalive_interval(Some(SERVER_PING))
            .http2_keepalive_timeout(Some(SERVER_PING))
            .max_connection_age(CONNECTION_AGE);
        let incoming = TcpListenerStream::new(self.0);
        let ended =
            builder.add_routes(routes).serve_with_incoming_shutdown(incoming, shutdown.triggered()).await;
        ended.map_err(io::Error::other)
    }
}

/// A connection to a gRPC server at `url`, made when first used and again whenever it is lost. The name in the URL may
/// stand for several replicas; each connection is to one of them.
///
/// # Errors
/// When the URL is not one of a gRPC server.
pub fn connect(url: &Url) -> Result<Channel, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(url.to_string())?;
    let endpoint = endpoint
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(CLIENT_PING)
        .keep_alive_timeout(CLIENT_PING)
        .keep_alive_while_idle(true);
    Ok(endpoint.connect_with_connector_lazy(Connector::system(Arc::new(SystemEntropy))))
}

/// The caller of a gRPC method, by the access token in the metadata's `authorization`.
///
/// # Errors
/// `UNAUTHENTICATED`, `PERMISSION_DENIED` or `UNAVAILABLE`.
pub async fn caller<S: Demand>(verifier: &Verifier, metadata: &MetadataMap) -> Result<Caller<S>, Status> {
    let values = metadata.get_all("authorization");
    let authenticated =
        access::Caller::authenticate(verifier, values.iter().map(MetadataValue::as_bytes)).await;
    authenticated.map(Caller).map_err(|refusal| status(&refusal.into()))
}

/// An access token as it goes along with a call. Never shown when the metadata is.
///
/// # Errors
/// `INTERNAL` when it cannot stand there, which no token of an issuer does.
pub fn bearer(token: &str) -> Result<MetadataValue<Ascii>, Status> {
    let value = format!("Bearer {token}").parse::<MetadataValue<Ascii>>();
    let mut value = value.map_err(|_| Status::internal("the token cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
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
