//! A network that fails when told to, in front of any TCP server.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use chassis::database::DatabaseSettings;
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};
use url::Url;

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
    /// They are cut, and new ones refused: a process that is no more.
    Refused,
}

/// Forwards connections to the servers behind it. Gone when dropped.
pub struct Proxy {
    address: SocketAddr,
    wanted: watch::Sender<Network>,
    seen: Arc<Seen>,
    accepting: JoinHandle<()>,
}

/// What clients have done.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    pieces: AtomicUsize,
}

impl Proxy {
    /// Forwards each connection to the first of `servers` that takes it.
    pub async fn start(servers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (wanted, wish) = watch::channel(Network::Up);
        let seen = Arc::<Seen>::default();
        let accepting = tokio::spawn(accept(listener, servers, wish, seen.clone()));
        Self { address, wanted, seen, accepting }
    }

    /// A network between a PostgreSQL server and whoever uses these settings.
    pub async fn before(database: &DatabaseSettings) -> (Self, DatabaseSettings) {
        let mut url: Url = database.url.expose_secret().parse().expect("a URL");
        let server = (url.host_str().expect("a host"), url.port().unwrap_or(5432)).to_socket_addrs();
        let proxy = Self::start(server.expect("an address").collect()).await;
        url.set_ip_host(proxy.address.ip()).expect("a URL of a server");
        url.set_port(Some(proxy.address.port())).expect("a URL of a server");
        let settings = DatabaseSettings { url: DatabaseSettings::of(url).url, ..database.clone() };
        (proxy, settings)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has taken.
    pub fn accepted(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    /// How often clients have sent something.
    pub fn heard(&self) -> usize {
        self.seen.pieces.load(Ordering::Relaxed)
    }

    /// Lets the network be like this from now on.
    pub fn be(&self, network: Network) {
        self.wanted.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Takes connections while there is a listener. It goes before connections are cut, so that nobody comes back to it.
async fn accept(
    listener: TcpListener,
    servers: Vec<SocketAddr>,
    mut wish: watch::Receiver<Network>,
    seen: Arc<Seen>,
) {
    let address = listener.local_addr().expect("an address");
    let mut listener = Some(listener);
    let (network, state) = watch::channel(Network::Up);
    loop {
        let changed = tokio::select! {
            changed = wish.changed() => changed,
            Ok((client, _)) = async { listener.as_ref().expect("polled only with one").accept().await },
                if listener.is_some() =>
            {
                seen.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(forward(client, servers.clone(), wish.clone(), state.clone(), seen.clone()));
                continue;
            }
        };
        if changed.is_err() {
            return;
        }
        let wanted = *wish.borrow_and_update();
        if wanted == Network::Refused {
            listener = None;
        } else if listener.is_none() {
            listener = Some(TcpListener::bind(address).await.expect("the port is still free"));
        }
        network.send_replace(wanted);
    }
}

/// Nothing passes from the moment that the network is wished to be otherwise; the connection is `cut` when that has been
/// seen to.
async fn forward(
    client: TcpStream,
    servers: Vec<SocketAddr>,
    network: watch::Receiver<Network>,
    mut cut: watch::Receiver<Network>,
    seen: Arc<Seen>,
) {
    let forwarding = async {
        until_up(&mut network.clone()).await;
        for server in servers {
            if let Ok(server) = TcpStream::connect(server).await {
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                let answers = AtomicUsize::default();
                tokio::join!(
                    copy(from_client, to_server, network.clone(), &seen.pieces),
                    copy(from_server, to_client, network.clone(), &answers),
                );
                return;
            }
        }
    };
    tokio::select! {
        () = forwarding => {}
        _ = cut.wait_for(|network| matches!(network, Network::Cut | Network::Refused)) => {}
    }
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: watch::Receiver<Network>,
    pieces: &AtomicUsize,
) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        pieces.fetch_add(1, Ordering::Relaxed);
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
