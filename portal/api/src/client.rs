//! Who asks: for rate limits only, never for the log.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, HeaderName, VIA};

use crate::proxies::{Proxies, Style, address_of};

pub(crate) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// The address a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    address: Option<IpAddr>,
    by_proxy: bool,
}

impl Client {
    /// The peer; behind a trusted proxy the last address it names that is not itself a trusted
    /// proxy.
    pub fn of(request: &Request, trusted: &Proxies) -> Self {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_canonical());
        let headers = request.headers();
        let is_proxy = peer.is_some_and(|peer| trusted.contains(peer));
        let said = [FORWARDED_FOR, FORWARDED, REAL_IP, VIA];
        let by_proxy = is_proxy || said.iter().any(|name| headers.contains_key(name));
        let address = match peer {
            Some(_) if is_proxy => named(headers, trusted).or(peer),
            peer => peer,
        };
        Self { address, by_proxy }
    }

    /// Whether the request comes from this machine and no proxy: who may read figures.
    pub fn is_local(&self) -> bool {
        !self.by_proxy && self.address.is_none_or(|address| address.is_loopback())
    }

    /// What counts as one sender: an IPv4 address, an IPv6 network of one customer (/64).
    pub fn bucket(&self) -> Vec<u8> {
        self.address.map_or_else(Vec::new, sender)
    }
}

/// What counts as one sender of this address.
pub fn sender(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => network(address).to_vec(),
    }
}

/// Whom the proxies name: of their hops the last that is none of them. What cannot be read ends the
/// search: whatever stands before it may be invented.
fn named(headers: &HeaderMap, trusted: &Proxies) -> Option<IpAddr> {
    let header = match trusted.style() {
        Style::XForwardedFor => FORWARDED_FOR,
        Style::Forwarded => FORWARDED,
    };
    let mut hops = Vec::new();
    for line in headers.get_all(header) {
        let line = line.to_str().unwrap_or_default();
        hops.extend(trusted.style().hops(line).map(address_of));
    }
    let readable = hops.into_iter().rev().map_while(|hop| hop);
    let mut readable = readable.map(|hop| hop.to_canonical());
    readable.find(|hop| !trusted.contains(*hop))
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
        let trusted = Proxies::parse(trusted, Style::XForwardedFor).unwrap();
        by(peer, &FORWARDED_FOR, forwarded, &trusted).address
    }

    fn by(peer: &str, header: &HeaderName, line: Option<&str>, trusted: &Proxies) -> Client {
        let mut request = Request::new(Body::empty());
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        if let Some(line) = line {
            let headers = request.headers_mut();
            headers.insert(header, line.parse().unwrap());
        }
        Client::of(&request, trusted)
    }

    #[test]
    fn hops_are_read_as_proxies_write_them_and_ranges_are_trusted() {
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for (line, expected) in [
            ("198.51.100.1:5678", ip("198.51.100.1")),
            ("2001:db8::1", ip("2001:db8::1")),
            ("[2001:db8::1]", ip("2001:db8::1")),
            ("[2001:db8::1]:443", ip("2001:db8::1")),
            ("\"[2001:db8::1]:443\"", ip("2001:db8::1")),
            ("1.1.1.1, 198.51.100.1:80 , 10.9.9.9:80", ip("198.51.100.1")),
            ("1.1.1.1, 198.51.100.1:x", ip("10.0.0.1")),
            ("1.1.1.1, unknown, 10.9.9.9", ip("10.0.0.1")),
            ("1.1.1.1, [2001:db8::1]x", ip("10.0.0.1")),
        ] {
            let found = client("10.0.0.1", Some(line), &["10.0.0.0/8"]);
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn one_header_is_believed_and_the_other_is_the_visitor_s_invention() {
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let trusted = Proxies::parse(&["10.0.0.0/8"], Style::Forwarded).unwrap();
        let of = |line: &str| by("10.0.0.1", &FORWARDED, Some(line), &trusted).address;
        for (line, expected) in [
            ("for=198.51.100.1", ip("198.51.100.1")),
            ("For=\"[2001:db8::1]:4711\";proto=https", ip("2001:db8::1")),
            (
                "for=1.1.1.1, by=10.1.1.1;FOR=198.51.100.1:80",
                ip("198.51.100.1"),
            ),
            ("for=1.1.1.1;ext=\", for=2.2.2.2\"", ip("1.1.1.1")),
            ("for=198.51.100.1, for=10.2.2.2", ip("198.51.100.1")),
            ("for=1.1.1.1, for=_hidden", ip("10.0.0.1")),
            ("for=1.1.1.1, proto=https", ip("10.0.0.1")),
        ] {
            assert_eq!(of(line), expected, "{line}");
        }
        let other = by("10.0.0.1", &FORWARDED_FOR, Some("1.1.1.1"), &trusted);
        assert_eq!(other.address, ip("10.0.0.1"));
    }

    #[test]
    fn nothing_that_came_through_a_proxy_is_local() {
        let local = Proxies::parse(&["127.0.0.1"], Style::XForwardedFor).unwrap();
        let none = Proxies::default();
        assert!(by("127.0.0.1", &FORWARDED_FOR, None, &none).is_local());
        assert!(!by("127.0.0.1", &FORWARDED_FOR, None, &local).is_local());
        assert!(!by("192.0.2.1", &FORWARDED_FOR, None, &none).is_local());
        for header in [FORWARDED_FOR, FORWARDED, REAL_IP, VIA] {
            assert!(!by("127.0.0.1", &header, Some("127.0.0.1"), &none).is_local());
        }
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
                by_proxy: false,
            }
            .bucket()
        };
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
