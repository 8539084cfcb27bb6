//! Mail addresses as the registry has them, in one spelling: a mail goes where the text says.
//!
//! Less than RFC 5321 allows: lower case alone, no quotes, no address of a machine, ASCII. What is
//! refused here is anybody's to have, but not to be certified.

use super::checked_text;
use super::web_page::is_host;

/// RFC 5321, section 4.5.3.1.3.
const EMAIL_LEN_MAX: usize = 254;
/// RFC 5321, section 4.5.3.1.1.
const LOCAL_LEN_MAX: usize = 64;

checked_text! {
    /// A mail address: `kojin-joho@hospital.example`.
    Email: "a mail address in lower case, such as kojin-joho@hospital.example (at most 254 characters of ASCII)", check;
}

fn check(text: &str) -> Result<(), String> {
    if text.len() > EMAIL_LEN_MAX {
        return Err(format!("{} characters", text.chars().count()));
    }
    let is_wrong = |c: char| !is_of_local(c) && c != '.' && c != '@';
    if let Some((at, c)) = text.chars().enumerate().find(|(_, c)| is_wrong(*c)) {
        let shown = if c.is_ascii_graphic() {
            format!("`{c}`")
        } else {
            format!("U+{:04X}", u32::from(c))
        };
        return Err(format!("{shown} as character {}", at + 1));
    }
    let Some((local, host)) = text.split_once('@') else {
        return Err("no `@`".to_owned());
    };
    if local.len() > LOCAL_LEN_MAX || local.split('.').any(str::is_empty) {
        return Err("no name of at most 64 characters before the `@`, with single dots".to_owned());
    }
    if !is_host(host) {
        return Err("no host with a name of two or more parts in lower case".to_owned());
    }
    Ok(())
}

/// What stands in the name beside dots: `atext` of RFC 5322, section 3.2.3, but upper case, the
/// grave accent and the bar, which shells and tables take for something else.
const fn is_of_local(c: char) -> bool {
    c.is_ascii_lowercase()
        || c.is_ascii_digit()
        || matches!(
            c,
            '!' | '#'
                | '$'
                | '%'
                | '&'
                | '\''
                | '*'
                | '+'
                | '-'
                | '/'
                | '='
                | '?'
                | '^'
                | '_'
                | '{'
                | '}'
                | '~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken() {
        let long = format!("{}@hospital.example", "a".repeat(LOCAL_LEN_MAX));
        for good in [
            "kojin-joho@hospital.example",
            "it.keys+akashi@www.city.hinata.example",
            "info@xn--wgv71a.example",
            &long,
        ] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn nothing_else_is_an_address() {
        let long = format!("{}@hospital.example", "a".repeat(LOCAL_LEN_MAX + 1));
        let longer = format!("a@{}example", "hospital.".repeat(30));
        for bad in [
            "",
            "@",
            "keys",
            "keys@",
            "@hospital.example",
            "Keys@hospital.example",
            "keys@Hospital.example",
            "keys@hospital",
            "keys@127.0.0.1",
            "keys@[127.0.0.1]",
            "keys@-hospital.example",
            "keys@hospital..example",
            "keys@hospital.example.",
            "a@b@hospital.example",
            ".keys@hospital.example",
            "keys.@hospital.example",
            "ke..ys@hospital.example",
            "\"keys\"@hospital.example",
            "<keys@hospital.example>",
            "keys@hospital.example,b@evil.example",
            "keys@hospital.example\r\nBcc: b@evil.example",
            "keys @hospital.example",
            " keys@hospital.example",
            "鍵@hospital.example",
            "keys@病院.example",
            "keys\u{202E}@hospital.example",
            &long,
            &longer,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }
}
