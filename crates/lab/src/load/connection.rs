//! One connection that is kept alive, and as much HTTP/1.1 as the measured server speaks. Where next: `server`.

use std::{
    hint,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use crate::Outcome;

/// A server that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// How an answer is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// Without rest. Who sleeps has to be woken, and the server's processor does that: so much work that it would count
    /// against whatever makes the server slow enough to be waited for.
    Awake,
    /// Asleep, to leave the processor to others.
    Asleep,
}

/// A connection on which one request is under way at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    waiting: Waiting,
    received: Vec<u8>,
    /// Where the body of what was received begins.
    body: usize,
}

impl Connection {
    pub(crate) fn open(server: SocketAddr, waiting: Waiting) -> Outcome<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        match waiting {
            Waiting::Awake => stream.set_nonblocking(true)?,
            Waiting::Asleep => stream.set_read_timeout(Some(PATIENCE))?,
        }
        Ok(Self { stream, waiting, received: Vec::with_capacity(4096), body: 0 })
    }

    pub(crate) fn send(&mut self, request: &[u8]) -> Outcome<()> {
        Ok(self.stream.write_all(request)?)
    }

    /// Waits for the whole answer; gives its status.
    pub(crate) fn receive(&mut self) -> Outcome<u16> {
        self.received.clear();
        loop {
            let mut chunk = [0; 4096];
            let read = self.read(&mut chunk)?;
            self.received.extend_from_slice(chunk.get(..read).unwrap_or_default());
            match whole(&self.received)? {
                Some((status, body)) => {
                    self.body = body;
                    return Ok(status);
                }
                None if read == 0 => return Err("the server has closed the connection".into()),
                None => {}
            }
        }
    }

    /// The body of the answer that came last.
    pub(crate) fn body(&self) -> &[u8] {
        self.received.get(self.body..).unwrap_or_default()
    }

    pub(crate) fn local_port(&self) -> Outcome<u16> {
        Ok(self.stream.local_addr()?.port())
    }

    fn read(&mut self, chunk: &mut [u8]) -> Outcome<usize> {
        let begin = (self.waiting == Waiting::Awake).then(Instant::now);
        loop {
            match (self.stream.read(chunk), begin) {
                (Err(error), Some(begin))
                    if error.kind() == ErrorKind::WouldBlock && begin.elapsed() < PATIENCE =>
                {
                    hint::spin_loop();
                }
                (read, _) => return Ok(read?),
            }
        }
    }
}

/// The status of an answer that is complete and followed by nothing, and where its body begins.
fn whole(received: &[u8]) -> Outcome<Option<(u16, usize)>> {
    let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let (head, body) = received.split_at(end + 4);
    let head = str::from_utf8(head)?;
    let mut lines = head.split("\r\n");
    let status =
        lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)).ok_or("not HTTP/1.1")?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .ok_or("an answer without a length")?;
    let length: usize = length.1.trim().parse()?;
    match body.len() {
        shorter if shorter < length => Ok(None),
        exactly if exactly == length => Ok(Some((status.parse()?, end + 4))),
        _ => Err("more than one answer".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let answer = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\ndate: today\r\n\r\nno";
        for part in 0..answer.len() {
            assert_eq!(whole(&answer[..part]).unwrap(), None, "{part}");
        }
        assert_eq!(whole(answer).unwrap(), Some((401, answer.len() - 2)));
    }

    #[test]
    fn what_is_not_one_answer_is_an_error() {
        for text in [
            "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1",
            "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
            "HTTP/1.1 2\r\n\r\n",
        ] {
            assert!(whole(text.as_bytes()).is_err(), "{text}");
        }
    }
}
