//! Times as reports show them.

use jiff::Timestamp as Instant;

/// A time in the spelling of [RFC 3339], to the millisecond, in UTC.
///
/// [RFC 3339]: https://www.rfc-editor.org/rfc/rfc3339
#[must_use]
pub fn rfc3339(millis: u64) -> String {
    let instant = i64::try_from(millis)
        .ok()
        .and_then(|millis| Instant::from_millisecond(millis).ok());
    instant.map_or_else(
        || format!("{millis} ms since 1970"),
        |instant| instant.to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times_are_readable() {
        assert_eq!(rfc3339(1_000_000), "1970-01-01T00:16:40Z");
        assert_eq!(rfc3339(u64::MAX), "18446744073709551615 ms since 1970");
    }
}
