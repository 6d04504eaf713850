//! Who is calling, by network address.

use std::{
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use ipnet::IpNet;

/// The networks whose `X-Forwarded-For` is believed; nobody's by default.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

/// The address of the client: the connection's peer, or what a trusted proxy says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl TrustedProxies {
    /// Walks the forwarding chain from the nearest hop outwards and stops at the first that is not trusted:
    /// whatever stands further left, anybody could have written.
    fn client(&self, peer: IpAddr, forwarded: &[IpAddr]) -> IpAddr {
        let mut client = peer;
        for &hop in forwarded.iter().rev() {
            if !self.trusts(client) {
                break;
            }
            client = hop;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromRequest for ClientAddress {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer =
            request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
        let Some(proxies) = request.app_data::<TrustedProxies>() else { return ready(Ok(Self(peer))) };
        let forwarded: Vec<IpAddr> = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map_while(|hop| hop.trim().parse().ok())
            .collect();
        ready(Ok(Self(proxies.client(peer, &forwarded))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_trusted_hops_are_believed() {
        let proxies = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap()]);
        let chain = [ip("6.6.6.6"), ip("203.0.113.9"), ip("10.0.0.2")];
        assert_eq!(proxies.client(ip("10.0.0.1"), &chain), ip("203.0.113.9"));
        assert_eq!(proxies.client(ip("203.0.113.7"), &chain), ip("203.0.113.7"));
        assert_eq!(TrustedProxies::default().client(ip("10.0.0.1"), &chain), ip("10.0.0.1"));
    }
}
