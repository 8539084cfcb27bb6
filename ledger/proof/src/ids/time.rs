//! Instants, as the sequencer assigns them.

use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z, as assigned by the sequencer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The last instant of the year 9999: anything later is a mistake, not a date.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Wraps milliseconds since 1970.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Wraps whole seconds since 1970; saturates far beyond any date a record may carry.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Wraps what a clock of the system says since 1970; saturates in half a billion years.
    pub fn from_unix(since: Duration) -> Self {
        Self(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The beginning of the second this instant lies in: as statements say times.
    pub const fn whole_second(self) -> Self {
        Self(self.0 - self.0 % 1_000)
    }

    /// This instant moved later by `millis`, saturating.
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This instant moved earlier by `millis`, saturating at 1970.
    pub const fn minus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// How many whole minutes since 1970 (UTC): by which a minute's refusals are counted.
    pub const fn minute_utc(self) -> u64 {
        self.0 / (60 * 1_000)
    }

    /// How many whole hours since 1970 (UTC): by which an hour's emergencies are counted.
    pub const fn hour_utc(self) -> u64 {
        self.0 / (3_600 * 1_000)
    }

    /// How many whole days since 1970 (UTC): by which a day's acts are counted.
    pub const fn day_utc(self) -> u64 {
        self.hour_utc() / 24
    }

    /// The first instant of the hour (UTC) after the one this instant lies in.
    pub const fn next_hour_utc(self) -> Self {
        Self((self.hour_utc() + 1) * 3_600 * 1_000)
    }

    /// The first instant of the day (UTC) after the one this instant lies in.
    pub const fn next_day_utc(self) -> Self {
        Self((self.day_utc() + 1) * 24 * 3_600 * 1_000)
    }

    /// The calendar year (UTC) this instant lies in; 9999 for anything later than [`Self::MAX`].
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a year up to 9999 fits, and try_from is not const"
    )]
    pub const fn year_utc(self) -> u16 {
        const DAY: u64 = 24 * 3_600 * 1_000;
        const YEARS_400: u64 = 146_097;
        let millis = if self.0 > Self::MAX.0 {
            Self::MAX.0
        } else {
            self.0
        };
        // Counted in years that begin in March, so that the leap day is the last of its year; the
        // first of them begins with 1 March of the year 0, 719,468 days before 1970.
        let days = millis / DAY + 719_468;
        let day = days % YEARS_400;
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let january_or_february = day_of_year >= 306;
        (days / YEARS_400 * 400 + year + january_or_february as u64) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_calendar_years_in_utc() {
        const DAY: u64 = 24 * 3_600 * 1_000;
        let mut new_year = 0;
        for year in 1970..=9999 {
            assert_eq!(Timestamp(new_year).year_utc(), year);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            new_year += DAY * if leap { 366 } else { 365 };
            assert_eq!(Timestamp(new_year - 1).year_utc(), year);
        }
        assert_eq!(new_year - 1, Timestamp::MAX.as_millis());
        assert_eq!(Timestamp(u64::MAX).year_utc(), 9999);
    }
}
