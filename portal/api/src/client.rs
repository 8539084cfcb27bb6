//! Who asks: for rate limits only, never for the log.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, HOST, HeaderName};
use axum::http::uri::Authority;

use crate::proxies::{Proxies, Style, address_of};

pub(crate) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What proxies and content networks say beside `X-Forwarded-*` of whom they ask for.
const SAID_BY_PROXIES: [&str; 11] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-original-forwarded-for",
    "x-original-host",
    "client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
];

/// The address a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    address: Option<IpAddr>,
    by_proxy: bool,
    /// Whether the request names this machine as loopback does.
    asks_loopback: bool,
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
        let by_proxy = is_proxy || headers.keys().any(is_said_by_proxies);
        let address = match peer {
            Some(_) if is_proxy => named(headers, trusted).or(peer),
            peer => peer,
        };
        let asks_loopback = asks_loopback(request);
        Self {
            address,
            by_proxy,
            asks_loopback,
        }
    }

    /// Whether the request comes from this machine, through no proxy, and to a name of loopback:
    /// who may read figures. A page of somebody else's whose name leads to this machine (DNS
    /// rebinding) asks by that name.
    pub fn is_local(&self) -> bool {
        let from_here = self.address.is_none_or(|address| address.is_loopback());
        from_here && !self.by_proxy && self.asks_loopback
    }

    /// What counts as one sender: an IPv4 address, an IPv6 network of one customer (/64).
    pub fn bucket(&self) -> Vec<u8> {
        self.address.map_or_else(Vec::new, sender)
    }
}

/// Whether a header says that the request was forwarded.
fn is_said_by_proxies(name: &HeaderName) -> bool {
    name.as_str().starts_with("x-forwarded") || SAID_BY_PROXIES.contains(&name.as_str())
}

/// Whether every name the request asks for, in its URL (HTTP/2) and in `Host`, is one of loopback,
/// with any port; it must give one.
fn asks_loopback(request: &Request) -> bool {
    let in_url = request.uri().authority().map(|name| Some(name.clone()));
    let hosts = request.headers().get_all(HOST).into_iter();
    let hosts = hosts.map(|line| line.to_str().ok()?.parse::<Authority>().ok());
    let mut names = in_url.into_iter().chain(hosts).peekable();
    names.peek().is_some() && names.all(|name| name.is_some_and(|name| is_loopback(&name)))
}

fn is_loopback(name: &Authority) -> bool {
    const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
    let is_bare = !name.as_str().contains('@');
    is_bare
        && NAMES
            .iter()
            .any(|own| name.host().eq_ignore_ascii_case(own))
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
    use axum::http::HeaderValue;

    fn client(peer: &str, forwarded: Option<&str>, trusted: &[&str]) -> Option<IpAddr> {
        let trusted = Proxies::parse(trusted, Style::XForwardedFor).unwrap();
        by(peer, &FORWARDED_FOR, forwarded, &trusted).address
    }

    fn by(peer: &str, header: &HeaderName, line: Option<&str>, trusted: &Proxies) -> Client {
        let mut request = Request::new(Body::empty());
        let host = HeaderValue::from_static("127.0.0.1:8443");
        request.headers_mut().insert(HOST, host);
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
        let more = [
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded",
        ];
        for header in SAID_BY_PROXIES.into_iter().chain(more) {
            let name = HeaderName::from_static(header);
            let client = by("127.0.0.1", &name, Some("127.0.0.1"), &none);
            assert!(!client.is_local(), "{header}");
        }
        let other = HeaderName::from_static("x-request-id");
        assert!(by("127.0.0.1", &other, Some("1"), &none).is_local());
    }

    #[test]
    fn only_who_asks_for_loopback_by_its_name_is_local() {
        let of = |url: &str, hosts: &[&str]| {
            let mut request = Request::get(url).body(Body::empty()).unwrap();
            let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1)));
            request.extensions_mut().insert(peer);
            for host in hosts {
                request.headers_mut().append(HOST, host.parse().unwrap());
            }
            Client::of(&request, &Proxies::default()).is_local()
        };
        for host in [
            "localhost",
            "LOCALHOST:8443",
            "127.0.0.1",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:8443",
        ] {
            assert!(of("/metrics", &[host]), "{host}");
            assert!(of(&format!("https://{host}/metrics"), &[]), "{host}");
            assert!(!of(&format!("https://{host}/metrics"), &["evil.example"]));
            assert!(!of("/metrics", &[host, "evil.example"]), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8443",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost.",
            "a@localhost",
            "localhost@evil.example",
            "0.0.0.0",
            "::1",
            "",
        ] {
            assert!(!of("/metrics", &[host]), "{host}");
        }
        assert!(!of("/metrics", &[]));
        assert!(!of("https://evil.example/metrics", &["localhost"]));
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
                asks_loopback: false,
            }
            .bucket()
        };
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
