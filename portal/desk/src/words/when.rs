//! Times as people say them, in the ledger's time zone.

use akashi_proof::ids::Timestamp;
use akashi_proof::record::kind::Language;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};

use crate::words::say::{pick, say};

/// Says times in one language and time zone.
#[derive(Clone)]
pub struct When {
    zone: TimeZone,
    language: Language,
}

impl When {
    /// `zone` is the IANA name in entry 0; a name this build does not know is shown in UTC.
    pub fn new(zone: &str, language: Language) -> Self {
        Self {
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
            language,
        }
    }

    fn zoned(&self, time: Timestamp) -> Zoned {
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        jiff::Timestamp::from_millisecond(millis)
            .unwrap_or(jiff::Timestamp::MAX)
            .to_zoned(self.zone.clone())
    }

    /// The calendar day.
    pub fn day(&self, time: Timestamp) -> Date {
        self.zoned(time).date()
    }

    /// "2026年11月20日（金）", "Friday 20 November 2026".
    pub fn say_day(&self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let (weekday, month_name) = (
            self.weekday(date.weekday()),
            MONTHS
                .iter()
                .zip(1..)
                .find_map(|(name, number)| (number == month).then_some(*name))
                .unwrap_or_default(),
        );
        say!(
            self.language,
            "{year}年{month}月{day}日（{weekday}）",
            "{weekday} {day} {month_name} {year}"
        )
    }

    /// "2026年11月20日（金）9時10分", "Friday 20 November 2026, 09:10".
    pub fn say(&self, time: Timestamp) -> String {
        let zoned = self.zoned(time);
        let (day, clock) = (self.say_day(zoned.date()), self.clock(time));
        say!(self.language, "{day}{clock}", "{day}, {clock}")
    }

    /// As [`Self::say`], for paper: with the year of the era, by which many count their lives.
    /// "2026年（令和8年）11月20日（金）9時10分".
    pub fn say_on_paper(&self, time: Timestamp) -> String {
        let (said, year) = (self.say(time), self.zoned(time).year());
        match (self.language, year - REIWA_BEFORE_YEAR_1) {
            // 2019 was of two eras, and no ledger is as old.
            (Language::Ja, era @ 2..) => said.replacen('年', &format!("年（令和{era}年）"), 1),
            (Language::Ja | Language::En, _) => said,
        }
    }

    /// "9時10分", "09:10".
    pub fn clock(&self, time: Timestamp) -> String {
        let zoned = self.zoned(time);
        let (hour, minute) = (zoned.hour(), zoned.minute());
        say!(
            self.language,
            "{hour}時{minute:02}分",
            "{hour:02}:{minute:02}"
        )
    }

    /// For the `datetime` attribute.
    pub fn machine(&self, time: Timestamp) -> String {
        self.zoned(time)
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    }

    /// The last day on which something ends that ends before this instant: "until the end of this
    /// day".
    pub fn last_day(&self, until: Timestamp) -> Date {
        self.day(until.minus_millis(1))
    }

    /// [`Self::last_day`] in words.
    pub fn say_last_day(&self, until: Timestamp) -> String {
        self.say_day(self.last_day(until))
    }

    /// The first instant of a day; `None` for a day no timestamp can hold.
    pub fn begin_of(&self, date: Date) -> Option<Timestamp> {
        let zoned = date.to_zoned(self.zone.clone()).ok()?;
        u64::try_from(zoned.timestamp().as_millisecond())
            .ok()
            .map(Timestamp::from_millis)
    }

    /// The first instant after a day: validity ends there, exclusive.
    pub fn end_of(&self, date: Date) -> Option<Timestamp> {
        self.begin_of(date.checked_add(1.day()).ok()?)
    }

    const fn weekday(&self, weekday: Weekday) -> &'static str {
        match weekday {
            Weekday::Monday => pick(self.language, "月", "Monday"),
            Weekday::Tuesday => pick(self.language, "火", "Tuesday"),
            Weekday::Wednesday => pick(self.language, "水", "Wednesday"),
            Weekday::Thursday => pick(self.language, "木", "Thursday"),
            Weekday::Friday => pick(self.language, "金", "Friday"),
            Weekday::Saturday => pick(self.language, "土", "Saturday"),
            Weekday::Sunday => pick(self.language, "日", "Sunday"),
        }
    }
}

/// The year before the first year of Reiwa.
const REIWA_BEFORE_YEAR_1: i16 = 2018;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_those_of_the_ledgers_zone() {
        let (ja, en) = (
            When::new("Asia/Tokyo", Language::Ja),
            When::new("Asia/Tokyo", Language::En),
        );
        let time = Timestamp::from_millis(1_795_132_200_000); // 2026-11-19T23:50:00Z
        assert_eq!(ja.say(time), "2026年11月20日（金）8時50分");
        assert_eq!(en.say(time), "Friday 20 November 2026, 08:50");
        assert_eq!(ja.machine(time), "2026-11-20T08:50:00+09:00");
        assert_eq!(ja.clock(time), "8時50分");
        assert_eq!(en.clock(time), "08:50");
        assert_eq!(
            ja.say_on_paper(time),
            "2026年（令和8年）11月20日（金）8時50分"
        );
        assert_eq!(en.say_on_paper(time), en.say(time));
    }

    #[test]
    fn until_a_day_is_until_its_end() {
        let when = When::new("Asia/Tokyo", Language::Ja);
        let date = jiff::civil::date(2027, 3, 31);
        let until = when.end_of(date).unwrap();
        assert_eq!(when.machine(until), "2027-04-01T00:00:00+09:00");
        assert_eq!(when.last_day(until), date);
        assert_eq!(
            when.begin_of(date).unwrap().plus_millis(24 * 3_600_000),
            until
        );
    }
}
