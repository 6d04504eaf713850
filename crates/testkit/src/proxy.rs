//! A network that fails when told to, in front of any TCP server.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// What becomes of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// They work.
    Up,
    /// They stay, and new ones are taken, but nothing arrives any more: a frozen server, or a host that swallows
    /// packets.
    Hung,
    /// They are cut, and new ones at once.
    Cut,
}

/// Forwards connections to the servers behind it. Gone when dropped.
pub struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    accepted: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Forwards each connection to the first of `servers` that takes it.
    pub async fn start(servers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (network, state) = watch::channel(Network::Up);
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = accepted.clone();
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.expect("a connection");
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(forward(client, servers.clone(), state.clone()));
            }
        });
        Self { address, network, accepted, accepting }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has taken.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Lets the network be like this from now on.
    pub fn be(&self, network: Network) {
        self.network.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn forward(client: TcpStream, servers: Vec<SocketAddr>, network: watch::Receiver<Network>) {
    let mut cut = network.clone();
    let forwarding = async {
        until_up(&mut network.clone()).await;
        for server in servers {
            if let Ok(server) = TcpStream::connect(server).await {
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::join!(
                    copy(from_client, to_server, network.clone()),
                    copy(from_server, to_client, network.clone()),
                );
                return;
            }
        }
    };
    tokio::select! {
        () = forwarding => {}
        _ = cut.wait_for(|network| *network == Network::Cut) => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut network: watch::Receiver<Network>) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        until_up(&mut network).await;
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
    until_up(&mut network).await;
    let _ = to.shutdown().await;
}

async fn until_up(network: &mut watch::Receiver<Network>) {
    let _ = network.wait_for(|network| *network == Network::Up).await;
}
