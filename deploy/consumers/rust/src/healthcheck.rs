//! `consumer-rust healthcheck`: asks the service of the same environment for `/livez`, for images without a shell.

use std::{error::Error, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::settings;

pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    timeout(Duration::from_secs(2), ask()).await?
}

async fn ask() -> Result<(), Box<dyn Error>> {
    let listen = settings::listen();
    let (_, port) = listen.rsplit_once(':').ok_or("LISTEN has no port")?;
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    if answer.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err("the service is not well".into()) }
}
