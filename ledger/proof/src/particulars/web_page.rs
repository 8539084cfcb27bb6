//! Addresses of web pages as the registry has them: what is shown is where the link leads.
//!
//! Far less than RFC 3986 allows: `https` alone, a host with a name, no port, no credentials, no
//! fragment, ASCII. A name in another script stands in its `xn--` form, in which nobody takes it
//! for one that looks alike.

use super::checked_text;

/// Longer than any front page, short enough to be copied from paper.
const WEB_LEN_MAX: usize = 200;
/// RFC 1035, section 2.3.4.
const LABEL_LEN_MAX: usize = 63;

const SCHEME: &str = "https://";

checked_text! {
    /// The address of a web page: `https://hospital.example/`.
    WebPage: "the address of a web page, such as https://hospital.example/ (at most 200 characters of ASCII)", check;
}

fn check(text: &str) -> Result<(), String> {
    let Some(rest) = text.strip_prefix(SCHEME) else {
        return Err(format!("another beginning than `{SCHEME}`"));
    };
    if text.len() > WEB_LEN_MAX {
        return Err(format!("{} characters", text.chars().count()));
    }
    let Some((host, path)) = rest.split_once('/') else {
        return Err("no `/` after the name of the host".to_owned());
    };
    let is_wrong = |c: char| !is_of_path(c) && c != '%';
    if let Some((at, c)) = text
        .chars()
        .enumerate()
        .skip(SCHEME.len())
        .find(|(_, c)| is_wrong(*c))
    {
        let shown = if c.is_ascii_graphic() {
            format!("`{c}`")
        } else {
            format!("U+{:04X}", u32::from(c))
        };
        return Err(format!("{shown} as character {}", at + 1));
    }
    if !is_host(host) {
        return Err("no host with a name of two or more parts in lower case".to_owned());
    }
    if !escapes_are_whole(path) {
        return Err("a `%` without two hexadecimal digits in upper case".to_owned());
    }
    Ok(())
}

/// A name that the domain name system can have, and that is no number: `hospital.example`.
pub(super) fn is_host(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && labels
            .last()
            .is_some_and(|top| top.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_LEN_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// What stands in a path or a query unescaped, but for quotes, brackets and `@`.
const fn is_of_path(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            '-' | '.' | '_' | '~' | '/' | '?' | '=' | '&' | '+' | ',' | ';' | ':' | '!'
        )
}

fn escapes_are_whole(path: &str) -> bool {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
    path.split('%')
        .skip(1)
        .all(|after| matches!(after.as_bytes(), [a, b, ..] if is_hex(*a) && is_hex(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_pages_are_taken() {
        for good in [
            "https://hospital.example/",
            "https://www.city.hinata.example/soshiki/12/?lang=ja&page=1",
            "https://xn--wgv71a.example/",
            "https://hospital.example/%E7%97%85",
        ] {
            assert_eq!(WebPage::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn nothing_else_is_an_address() {
        let long = format!("https://hospital.example/{}", "a".repeat(WEB_LEN_MAX));
        for bad in [
            "",
            "http://hospital.example/",
            "HTTPS://hospital.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "//hospital.example/",
            "https://hospital.example",
            "https://hospital.example?x",
            "https://hospital/",
            "https://Hospital.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://hospital.example:443/",
            "https://user:secret@hospital.example/",
            "https://hospital.example@evil.example/",
            "https://-hospital.example/",
            "https://hospital..example/",
            "https://hospital.example./",
            "https://病院.example/",
            "https://hospital.example/病",
            "https://hospital.example/\u{202E}",
            "https://hospital.example/a b",
            "https://hospital.example/\n",
            "https://hospital.example/\"><script>",
            "https://hospital.example/#top",
            "https://hospital.example/%7g",
            "https://hospital.example/%e7",
            "https://hospital.example/%",
            "https:///x",
            "https:/\\hospital.example/",
            " https://hospital.example/",
            &long,
        ] {
            assert!(WebPage::parse(bad).is_err(), "{bad}");
        }
    }
}
