//! Who asks: for rate limits only, never for the log.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::header::HeaderName;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    address: Option<IpAddr>,
    forwarded: bool,
}

impl Client {
    /// The peer; behind a trusted proxy the last address in `X-Forwarded-For` that is not itself a
    /// trusted proxy.
    pub fn of(request: &Request, trusted: &[IpAddr]) -> Self {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_canonical());
        let forwarded = request.headers().contains_key(FORWARDED_FOR);
        let by_proxy = || {
            let lines: Vec<&str> = request
                .headers()
                .get_all(FORWARDED_FOR)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .collect();
            let hops = lines
                .iter()
                .flat_map(|line| line.split(','))
                .rev()
                .map(|hop| hop.trim().parse::<IpAddr>().ok());
            // What cannot be read ends the search: whatever stands before it may be invented.
            hops.map_while(|hop| hop)
                .map(|hop| hop.to_canonical())
                .find(|hop| !trusted.contains(hop))
        };
        let address = match peer {
            Some(peer) if forwarded && trusted.contains(&peer) => by_proxy().or(Some(peer)),
            peer => peer,
        };
        Self { address, forwarded }
    }

    /// Whether the request comes from this machine and no proxy: who may read figures.
    pub fn is_local(&self) -> bool {
        !self.forwarded && self.address.is_none_or(|address| address.is_loopback())
    }

    /// What counts as one sender: an IPv4 address, an IPv6 network of one customer (/64).
    pub fn bucket(&self) -> Vec<u8> {
        match self.address {
            Some(IpAddr::V4(address)) => address.octets().to_vec(),
            Some(IpAddr::V6(address)) => network(address).to_vec(),
            None => Vec::new(),
        }
    }
}

fn network(address: Ipv6Addr) -> [u8; 8] {
    let mut network = [0; 8];
    network.copy_from_slice(&address.octets()[..8]);
    network
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn client(peer: &str, forwarded: Option<&str>, trusted: &[&str]) -> Option<IpAddr> {
        let mut request = Request::new(Body::empty());
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        if let Some(line) = forwarded {
            request
                .headers_mut()
                .insert(FORWARDED_FOR, line.parse().unwrap());
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        Client::of(&request, &trusted).address
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_their_part() {
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        assert_eq!(
            client("203.0.113.9", Some("198.51.100.1"), &[]),
            ip("203.0.113.9")
        );
        assert_eq!(
            client("10.0.0.1", Some("198.51.100.1"), &["10.0.0.1"]),
            ip("198.51.100.1")
        );
        assert_eq!(
            client(
                "10.0.0.1",
                Some("1.1.1.1, 198.51.100.1, 10.0.0.2"),
                &["10.0.0.1", "10.0.0.2"]
            ),
            ip("198.51.100.1")
        );
        assert_eq!(
            client("10.0.0.1", Some("1.1.1.1, nonsense"), &["10.0.0.1"]),
            ip("10.0.0.1")
        );
        assert_eq!(
            client("::ffff:10.0.0.1", Some("198.51.100.1"), &["10.0.0.1"]),
            ip("198.51.100.1")
        );
    }

    #[test]
    fn one_ipv6_customer_is_one_sender() {
        let of = |text: &str| {
            Client {
                address: Some(text.parse().unwrap()),
                forwarded: false,
            }
            .bucket()
        };
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
