//! Requests as bytes, one a connection: what no HTTP client would agree to send.

use std::{net::SocketAddr, time::Duration};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::http::Response;

/// No answer may take longer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A service to be sent bytes.
pub(super) struct Target {
    address: SocketAddr,
    /// The request line and what every request needs, its end excluded.
    head: String,
}

impl Target {
    /// `GET path` of the service at `base_url`, which is `http` and an address.
    pub(super) fn new(base_url: &str, path: &str) -> Self {
        let address = base_url.strip_prefix("http://").expect("plain HTTP").parse().expect("an address");
        let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        Self { address, head }
    }

    /// The answer to a request with these lines in its head, and this body behind it.
    pub(super) async fn send(&self, lines: &[Vec<u8>], body: &[u8]) -> Result<Response, String> {
        let mut request = self.head.clone().into_bytes();
        for line in lines {
            request.extend_from_slice(line);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body);
        let received = timeout(TIMEOUT, self.exchange(&request)).await;
        let received = received.map_err(|_| "no answer in time".to_owned())?;
        response(&received.map_err(|error| error.to_string())?)
    }

    async fn exchange(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(request).await?;
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await?;
        Ok(received)
    }
}

/// Reads the one answer that `received` must be.
fn response(received: &[u8]) -> Result<Response, String> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no whole head")?;
    let (head, body) = received.split_at(end);
    let body = String::from_utf8_lossy(&body[4..]).into_owned();
    let head = std::str::from_utf8(head).map_err(|_| "a head that is not text")?;
    let (line, fields) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|line| line.get(..3)?.parse().ok());
    let status = status.ok_or_else(|| format!("another beginning: {line}"))?;
    let mut headers = HeaderMap::new();
    for field in fields.split("\r\n") {
        let (name, value) = field.split_once(':').ok_or_else(|| format!("no field: {field}"))?;
        let name: HeaderName = name.parse().map_err(|_| format!("no name: {name}"))?;
        headers.append(name, HeaderValue::from_str(value.trim()).map_err(|_| format!("no value: {value}"))?);
    }
    let announced = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if announced != Some(body.len()) {
        return Err(format!("{} bytes of body, of which {announced:?} were announced", body.len()));
    }
    Ok(Response::received(status, headers, body, line))
}
