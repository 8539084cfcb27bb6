//! Proxies in front of the server: which are believed, and how they name who is before them.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

/// How proxies name who is before them. One of the two is read and never the other: a proxy that
/// writes one hands on what a visitor wrote into the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// `X-Forwarded-For: address, address`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=address;..., for=address` ([RFC 7239]).
    ///
    /// [RFC 7239]: https://www.rfc-editor.org/rfc/rfc7239
    Forwarded,
}

impl Style {
    /// Each hop of one line of the header, the nearest last; empty where a hop does not say for
    /// whom.
    pub(crate) fn hops(self, line: &str) -> impl Iterator<Item = &str> {
        outside_quotes(line, ',').map(move |hop| match self {
            Self::XForwardedFor => hop,
            Self::Forwarded => outside_quotes(hop, ';')
                .filter_map(|pair| pair.split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
                .map_or("", |(_, node)| node),
        })
    }
}

/// The parts between separators that stand in no quotes.
fn outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

/// The address of a hop: with a port, in brackets, in quotes. `None` for anything else.
pub(crate) fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let quoted = hop.strip_prefix('"').and_then(|hop| hop.strip_suffix('"'));
    let hop = quoted.unwrap_or(hop);
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    if let Some(bracketed) = hop.strip_prefix('[') {
        let (address, rest) = bracketed.split_once(']')?;
        let good = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        return address.parse().ok().filter(|_| good).map(IpAddr::V6);
    }
    hop.parse().ok().or_else(|| {
        let (address, port) = hop.split_once(':')?;
        let address = address.parse().ok().filter(|_| is_port(port))?;
        Some(IpAddr::V4(address))
    })
}

/// Why a list of proxies cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProxy {
    /// Neither an address nor a range.
    #[error("entry {0}: expected an address or a range as 10.0.0.0/8, found something else")]
    Spelling(usize),
    /// A range that has most of the world in it.
    #[error(
        "entry {0}: expected a range no wider than /8 (IPv6: /7), found one that believes almost everybody"
    )]
    TooWide(usize),
}

/// The proxies that are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    ranges: Vec<IpNet>,
    style: Style,
}

impl Proxies {
    /// Of addresses and ranges (CIDR).
    ///
    /// # Errors
    /// [`BadProxy`] names the first bad entry, counted from one.
    pub fn parse(texts: &[impl AsRef<str>], style: Style) -> Result<Self, BadProxy> {
        let range = |(place, text): (usize, &str)| {
            let whole = text.parse::<IpAddr>().map(IpNet::from);
            let range: IpNet = whole
                .or_else(|_| text.parse())
                .map_err(|_| BadProxy::Spelling(place))?;
            let least = if range.addr().is_ipv4() { 8 } else { 7 };
            let wide = range.prefix_len() < least;
            (!wide).then_some(range).ok_or(BadProxy::TooWide(place))
        };
        let texts = texts.iter().map(|text| text.as_ref().trim());
        let ranges = (1..).zip(texts).map(range).collect::<Result<_, _>>()?;
        Ok(Self { ranges, style })
    }

    /// The same, naming who is before them in this way.
    #[must_use]
    pub fn with_style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// How they name who is before them.
    pub const fn style(&self) -> Style {
        self.style
    }

    /// Whether nobody is believed.
    pub const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether this address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.ranges.iter().any(|range| range.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_entry_is_named_by_its_place_and_never_repeated() {
        let of = |texts: &[&str]| Proxies::parse(texts, Style::default());
        let trusted = of(&["10.0.0.0/8", "::1", "fd00::/8", " 192.0.2.7 "]).unwrap();
        for (address, believed) in [
            ("10.255.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("::1", true),
            ("fd12::1", true),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("11.0.0.1", false),
        ] {
            assert_eq!(
                trusted.contains(address.parse().unwrap()),
                believed,
                "{address}"
            );
        }
        for (texts, bad) in [
            (["10.0.0.1", "proxy.example"], BadProxy::Spelling(2)),
            (["10.0.0.1/33", "::1"], BadProxy::Spelling(1)),
            (["10.0.0.1:80", "::1"], BadProxy::Spelling(1)),
            (["10.0.0.0/8", "0.0.0.0/0"], BadProxy::TooWide(2)),
            (["0.0.0.0/7", "::1"], BadProxy::TooWide(1)),
            (["::1", "::/6"], BadProxy::TooWide(2)),
        ] {
            assert_eq!(of(&texts), Err(bad));
        }
    }
}
