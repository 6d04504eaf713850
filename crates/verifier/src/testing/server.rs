//! A [`Script`] behind a TCP port: as much HTTP/1.1 as it takes to answer badly.

use std::{fmt::Write as _, io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use url::Url;

use super::{Script, script::Reply};

/// A key endpoint on a free port of 127.0.0.1, until it is dropped.
pub struct JwksServer {
    address: SocketAddr,
    task: AbortHandle,
}

impl JwksServer {
    /// Starts to serve what `script` says, at any path.
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let task = tokio::spawn(serve(listener, script)).abort_handle();
        Self { address, task }
    }

    /// Where the key set is.
    #[must_use]
    pub fn url(&self) -> Url {
        format!("http://{}/.well-known/jwks.json", self.address).parse().expect("a URL")
    }
}

/// Stops listening and drops all connections.
impl Drop for JwksServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, script: Script) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let script = script.clone();
        // A client that goes away in the middle is its own affair.
        connections.spawn(async move { answer(stream, &script).await.ok() });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(mut stream: TcpStream, script: &Script) -> io::Result<()> {
    let head = read_head(&mut stream).await?;
    let etag = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("if-none-match"))
        .map(|(_, value)| value.trim());
    match script.reply(etag).await {
        Reply::Whole { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\n");
            for (name, value) in headers {
                let _ = write!(head, "{name}: {value}\r\n");
            }
            // Without a length the body ends with the connection, so that its size is not announced.
            head.push_str("\r\n");
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
            stream.shutdown().await
        }
        Reply::Endless { body } => {
            stream.write_all(b"HTTP/1.1 200 Scripted\r\nconnection: close\r\n\r\n").await?;
            stream.write_all(&body).await?;
            std::future::pending().await
        }
        Reply::Stalled => {
            stream.write_all(b"HTTP/1.1 200 Scripted\r\ncontent-length: 100\r\n\r\n{\"keys\":[").await?;
            std::future::pending().await
        }
        Reply::Closed => Ok(()),
    }
}

async fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > 16 * 1024 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
