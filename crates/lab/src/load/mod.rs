//! Requests in quantity: several connections, each with one request under way, so that the server always has the next
//! one waiting. Costs less than the server's own work, so one processor drives one. Where next: `connection`.

mod connection;

use std::{collections::VecDeque, net::SocketAddr};

use crate::{Outcome, serve::PATH};
pub(crate) use connection::{Connection, Waiting};

/// A request's bytes: with a token or none.
pub(crate) fn request(token: Option<&str>) -> Vec<u8> {
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!("GET {PATH} HTTP/1.1\r\nHost: signet.example\r\nAccept: */*\r\n{authorization}\r\n").into_bytes()
}

/// Some connections to one server.
pub(crate) struct Load {
    /// Those that wait for an answer come first to last as they were asked; all others are idle.
    idle: Vec<Connection>,
    busy: VecDeque<Connection>,
}

impl Load {
    pub(crate) fn connect(server: SocketAddr, connections: usize, waiting: Waiting) -> Outcome<Self> {
        let idle = (0..connections).map(|_| Connection::open(server, waiting)).collect::<Outcome<_>>()?;
        Ok(Self { idle, busy: VecDeque::new() })
    }

    /// Sends `request`, if all connections wait for an answer after the oldest has come: then gives its status.
    pub(crate) fn send(&mut self, request: &[u8]) -> Outcome<Option<u16>> {
        let (mut connection, status) = match self.idle.pop() {
            Some(connection) => (connection, None),
            None => self
                .receive()?
                .map(|(connection, status)| (connection, Some(status)))
                .ok_or("no connections")?,
        };
        connection.send(request)?;
        self.busy.push_back(connection);
        Ok(status)
    }

    /// Waits for the oldest answer: its status, or `None` if there is nothing to wait for.
    pub(crate) fn finish(&mut self) -> Outcome<Option<u16>> {
        let Some((connection, status)) = self.receive()? else { return Ok(None) };
        self.idle.push(connection);
        Ok(Some(status))
    }

    fn receive(&mut self) -> Outcome<Option<(Connection, u16)>> {
        let Some(mut connection) = self.busy.pop_front() else { return Ok(None) };
        let status = connection.receive()?;
        Ok(Some((connection, status)))
    }

    /// Sends all of `requests` as fast as the server takes them; every answer must be 200.
    pub(crate) fn all<'a>(&mut self, requests: impl Iterator<Item = &'a [u8]>) -> Outcome<()> {
        for request in requests {
            self.send(request)?.map_or(Ok(()), must_be_200)?;
        }
        while let Some(status) = self.finish()? {
            must_be_200(status)?;
        }
        Ok(())
    }
}

fn must_be_200(status: u16) -> Outcome<()> {
    if status == 200 { Ok(()) } else { Err(format!("{status} instead of 200").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_token_or_none() {
        let text = String::from_utf8(request(Some("a.b.c"))).unwrap();
        assert!(text.starts_with("GET /hello HTTP/1.1\r\nHost: "), "{text}");
        assert!(text.ends_with("\r\nAuthorization: Bearer a.b.c\r\n\r\n"), "{text}");
        let text = String::from_utf8(request(None)).unwrap();
        assert!(!text.contains("Authorization") && text.ends_with("\r\n\r\n"), "{text}");
    }
}
