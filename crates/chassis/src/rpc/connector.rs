//! How a connection to one of several replicas is made: by a name that stands for all of them.
//!
//! The name is resolved anew for every connection, since replicas come and go. Addresses are tried in random order:
//! resolvers sort them, and everybody would call the same replica.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::future::BoxFuture;
use hyper_util::rt::TokioIo;
use identity::Entropy;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tonic::{codegen::Service, transport::Uri};

/// How long one address may take before the next is tried.
const ADDRESS_TIMEOUT: Duration = Duration::from_millis(300);

/// Where the replicas behind a name are, now.
pub(super) type Resolve =
    Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Connects to any replica that takes the connection.
#[derive(Clone)]
pub(super) struct Connector {
    resolve: Resolve,
    entropy: Arc<dyn Entropy>,
}

impl Connector {
    pub(super) fn new(resolve: Resolve, entropy: Arc<dyn Entropy>) -> Self {
        Self { resolve, entropy }
    }

    /// Asks the system's resolver.
    pub(super) fn system(entropy: Arc<dyn Entropy>) -> Self {
        let resolve: Resolve =
            Arc::new(|name, port| Box::pin(async move { Ok(lookup_host((name, port)).await?.collect()) }));
        Self::new(resolve, entropy)
    }

    async fn connect(self, uri: Uri) -> io::Result<TcpStream> {
        let name = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let mut addresses = (self.resolve)(name, uri.port_u16().unwrap_or(80)).await?;
        self.shuffle(&mut addresses);
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name stands for no address");
        for address in addresses {
            match timeout(ADDRESS_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => failure = error,
                Err(_) => failure = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(failure)
    }

    /// Fisher and Yates. That a remainder is not quite uniform matters to nobody here.
    fn shuffle(&self, addresses: &mut [SocketAddr]) {
        for last in (1..addresses.len()).rev() {
            let mut random = [0; 4];
            self.entropy.fill(&mut random);
            addresses.swap(last, u32::from_be_bytes(random) as usize % (last + 1));
        }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.clone().connect(uri);
        Box::pin(async move { connecting.await.map(TokioIo::new) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use identity::SystemEntropy;
    use tokio::net::TcpListener;

    use super::*;

    /// A name that stands for whatever is written here.
    fn connector(addresses: &Arc<Mutex<Vec<SocketAddr>>>) -> Connector {
        let addresses = addresses.clone();
        let resolve: Resolve = Arc::new(move |name, port| {
            assert_eq!((name.as_str(), port), ("payments.test", 4004));
            let now = addresses.lock().unwrap().clone();
            Box::pin(async { Ok(now) })
        });
        Connector::new(resolve, Arc::new(SystemEntropy))
    }

    async fn connect(connector: &Connector) -> io::Result<SocketAddr> {
        connector.clone().connect(Uri::from_static("http://payments.test:4004")).await?.peer_addr()
    }

    async fn replica() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn every_replica_gets_connections_and_one_that_is_gone_hides_no_other() {
        let ((first, first_address), (_second, second_address)) = (replica().await, replica().await);
        let names = Arc::new(Mutex::new(vec![first_address, second_address]));
        let connector = connector(&names);
        let mut reached = Vec::new();
        // That all of them go to one is less likely than a cosmic ray.
        for _ in 0..64 {
            reached.push(connect(&connector).await.unwrap());
        }
        assert!(reached.contains(&first_address) && reached.contains(&second_address));

        drop(first);
        for _ in 0..16 {
            assert_eq!(connect(&connector).await.unwrap(), second_address);
        }
    }

    #[tokio::test]
    async fn a_name_is_asked_for_anew_each_time() {
        let names = Arc::new(Mutex::new(Vec::new()));
        let connector = connector(&names);
        assert_eq!(connect(&connector).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        let (_replica, address) = replica().await;
        names.lock().unwrap().push(address);
        assert_eq!(connect(&connector).await.unwrap(), address);
    }
}
