//! How the whole process ends: soon, with exit status 0, whatever a client does.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::signet::Signet;

/// What a process manager waits before it kills.
const BOUND: Duration = Duration::from_secs(10);

/// A login whose body never comes, once it is being waited for.
fn stuck_request(signet: &Signet) -> TcpStream {
    let host = &signet.base_url["http://".len()..];
    let mut stream = TcpStream::connect(host).unwrap();
    let head = "Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n";
    write!(stream, "POST /auth/login HTTP/1.1\r\nHost: {host}\r\n{head}").unwrap();
    let mut answer = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 100"), "the handler waits for the body");
    stream
}

#[test]
fn a_stuck_request_is_cut_off_in_time() {
    let mut signet = Signet::start(&[]);
    let mut stuck = stuck_request(&signet);
    let began = Instant::now();
    signet.process.signal("TERM");
    let status = signet.process.ended();
    let took = began.elapsed();
    assert!(status.success(), "{status}: {}", signet.process.log());
    assert!(took > BOUND / 2, "it was given time: {took:?}");
    assert!(took < BOUND, "{took:?}: {}", signet.process.log());
    assert!(matches!(stuck.read(&mut [0; 16]), Ok(0) | Err(_)), "nobody answers it");
}

#[test]
fn who_interrupts_twice_waits_for_nobody() {
    let mut signet = Signet::start(&[]);
    let _stuck = stuck_request(&signet);
    let began = Instant::now();
    signet.process.signal("INT");
    signet.process.until_logged("shutting down");
    signet.process.signal("INT");
    assert!(signet.process.ended().success());
    assert!(began.elapsed() < BOUND / 2, "{:?}", began.elapsed());
}
