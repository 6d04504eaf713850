//! Asking a process on this machine whether it is ready, for those who have neither shell nor curl.
//!
//! One request over a plain socket: a health check is started every few seconds, so it starts no threads and links
//! nothing but the standard library.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::{Duration, Instant},
};

use crate::settings::{Environment, Settings, examine};

/// How long the whole question may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest answer that is read.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// What a process says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// Whether requests should be sent to it.
    pub is_ready: bool,
    /// Its own words.
    pub text: String,
}

/// Where the service that is set up by `S` can be asked from this machine. Of its settings only `LISTEN` has to be
/// in order.
#[must_use]
pub fn own_address<S: Settings>(environment: &Environment) -> Option<SocketAddr> {
    let name = format!("{}_LISTEN", S::PREFIX);
    let variables = examine::<S>(environment).variables;
    let listen = variables.into_iter().find(|variable| variable.name == name)?.value?;
    let mut address: SocketAddr = listen.parse().ok()?;
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Some(address)
}

/// Asks the process at `address` for its `/readyz`; two seconds at most.
///
/// # Errors
/// When it does not answer in time or not in HTTP.
pub fn check(address: SocketAddr) -> io::Result<Readiness> {
    let deadline = Instant::now() + PATIENCE;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;

    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while (answer.len() as u64) < LONGEST_ANSWER {
        let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        stream.set_read_timeout(Some(left.ok_or(io::ErrorKind::TimedOut)?))?;
        match stream.read(&mut piece)? {
            0 => break,
            read => answer.extend_from_slice(piece.get(..read).unwrap_or_default()),
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    let (head, text) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|status| status.get(..3)?.parse::<u16>().ok());
    let status =
        status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))?;
    Ok(Readiness { is_ready: status == 200, text: text.to_owned() })
}

/// `<service> healthcheck`
pub(super) fn answer<S: Settings>(name: &str, environment: &Environment) -> ExitCode {
    let Some(address) = own_address::<S>(environment) else {
        eprintln!("{name}: {}_LISTEN is not an address and port", S::PREFIX);
        return ExitCode::FAILURE;
    };
    match check(address) {
        Ok(health) => {
            let _ = writeln!(io::stdout(), "{}", health.text);
            if health.is_ready { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{name}: {address} does not answer: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::{http::HttpSettings, settings::Reader};

    struct Sample;

    impl Settings for Sample {
        const PREFIX: &'static str = "SAMPLE";

        fn read(reader: &mut Reader<'_>) -> Option<Self> {
            HttpSettings::read(reader, 3009);
            reader.secret("KEY", "what nobody sets here").map(|_| Self)
        }
    }

    /// Answers one connection like this, then hangs up.
    fn answering(text: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn the_port_is_that_of_the_settings_whatever_else_is_wrong_with_them() {
        let at = |listen: &str| own_address::<Sample>(&[("SAMPLE_LISTEN", listen)].into_iter().collect());
        assert_eq!(at(""), Some("127.0.0.1:3009".parse().unwrap()));
        assert_eq!(at("0.0.0.0:80"), Some("127.0.0.1:80".parse().unwrap()));
        assert_eq!(at("[::]:80"), Some("[::1]:80".parse().unwrap()));
        assert_eq!(at("192.0.2.1:80"), Some("192.0.2.1:80".parse().unwrap()));
        assert_eq!(at("everywhere"), None);
    }

    #[test]
    fn only_200_is_ready() {
        for (status, is_ready) in
            [("200 OK", true), ("503 Service Unavailable", false), ("204 No Content", false)]
        {
            let answer: &'static str = format!("HTTP/1.1 {status}\r\nDate: x\r\n\r\n{{}}").leak();
            assert_eq!(check(answering(answer)).unwrap(), Readiness { is_ready, text: "{}".to_owned() });
        }
        assert!(check(answering("+OK POP3 ready\r\n")).is_err());
        assert!(check(answering("")).is_err());
    }

    #[test]
    fn who_accepts_and_stays_silent_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let began = Instant::now();
        assert!(check(listener.local_addr().unwrap()).is_err());
        assert!(began.elapsed() < 2 * PATIENCE);
    }
}
