//! Days as people write them. A browser's own date field sends `2027-03-05`; a browser without one
//! sends what was typed.

use akashi_notifier::typed::plain_line;
use jiff::civil::Date;

/// Longest text looked at: the longest honest spelling has 20 characters.
const TYPED_MAX: usize = 40;

/// Reads a day: `2027-03-05`, `2027/3/5`, `2027.3.5`, `2027年3月5日`, `20270305`, and with the year
/// of the era `令和9年3月5日`, `R9.3.5`; in any width. `None` for what is no such day: the year comes
/// first, since `3/5` and `5/3` are two days to two people.
pub fn read_date(typed: &str) -> Option<Date> {
    if typed.chars().count() > TYPED_MAX {
        return None;
    }
    let line: String = plain_line(typed).split_whitespace().collect();
    let (before_year_1, line) = era(&line);
    let mut parts: Vec<&str> = line.split(['-', '/', '.', '年', '月', '日']).collect();
    // "…5日" ends in a mark.
    if line.ends_with('日') {
        parts.pop();
    }
    let date = match (parts.as_slice(), before_year_1) {
        ([all], None) if all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        ([year, month, day], _) => (*year, *month, *day),
        _ => return None,
    };
    let (year, month, day) = date;
    let year = match before_year_1 {
        Some(before) => before.checked_add(number(if year == "元" { "1" } else { year }, 2)?)?,
        None if year.len() == 4 => number(year, 4)?,
        None => return None,
    };
    let (month, day) = (number(month, 2)?, number(day, 2)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The eras people still write, by the year before their first.
const ERAS: [(&str, char, i16); 3] = [
    ("令和", 'R', 2018),
    ("平成", 'H', 1988),
    ("昭和", 'S', 1925),
];

/// The year before the first of the era a text begins with, and what follows.
fn era(line: &str) -> (Option<i16>, &str) {
    for (name, letter, before) in ERAS {
        let rest = line.strip_prefix(name);
        let rest = rest.or_else(|| line.strip_prefix(letter));
        if let Some(rest) = rest.or_else(|| line.strip_prefix(letter.to_ascii_lowercase())) {
            return (Some(before), rest);
        }
    }
    (None, line)
}

/// A number of one to `most` ASCII digits, more than zero.
fn number(digits: &str, most: usize) -> Option<i16> {
    let plain = (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain
        .then(|| digits.parse().ok())
        .flatten()
        .filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// A day in every spelling that is read.
    fn spellings(date: Date) -> Vec<String> {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let reiwa = year - 2018;
        let mut all = vec![
            format!("{year}-{month:02}-{day:02}"),
            format!("{year}-{month}-{day}"),
            format!("{year}/{month}/{day}"),
            format!("{year}.{month:02}.{day:02}"),
            format!("{year}年{month}月{day}日"),
            format!(" {year} 年 {month} 月 {day} 日 "),
            format!("{year}{month:02}{day:02}"),
            format!("令和{reiwa}年{month}月{day}日"),
            format!("R{reiwa}.{month}.{day}"),
            format!("r{reiwa}/{month}/{day}"),
        ];
        if reiwa == 1 {
            all.push(format!("令和元年{month}月{day}日"));
        }
        let widen = |c: char| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap(),
            other => other,
        };
        let wide = all.iter().map(|text| text.chars().map(widen).collect());
        let wide: Vec<String> = wide.collect();
        all.extend(wide);
        all
    }

    proptest! {
        #[test]
        fn every_day_is_read_in_every_spelling(
            year in 2019..2118_i16,
            month in 1..=12_i8,
            day in 1..=31_i8,
        ) {
            let date = Date::new(year, month, day);
            prop_assume!(date.is_ok());
            let date = date.unwrap();
            for typed in spellings(date) {
                prop_assert_eq!(read_date(&typed), Some(date), "{}", typed);
            }
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for typed in [
            "2027-03-05",
            "2027/03/05",
            "2027/3/5",
            "2027.3.5",
            "2027-3-5",
            "２０２７／０３／０５",
            "２０２７ー３ー５",
            "2027年3月5日",
            "2027 年 3 月 5 日",
            "２０２７年３月５日",
            "令和9年3月5日",
            "令和９年３月５日",
            "R9.3.5",
            "r9/3/5",
            "Ｒ９．３．５",
            "20270305",
            "\u{202D}2027-03-05\u{202C}",
            " 2027\u{2011}03\u{2011}05\u{A0}",
        ] {
            assert_eq!(read_date(typed), Some(date(2027, 3, 5)), "{typed:?}");
        }
        assert_eq!(read_date("令和元年5月1日"), Some(date(2019, 5, 1)));
        assert_eq!(read_date("平成31年4月30日"), Some(date(2019, 4, 30)));
        assert_eq!(read_date("S64.1.7"), Some(date(1989, 1, 7)));
    }

    #[test]
    fn what_is_no_day_or_could_be_two_is_not_read() {
        for typed in [
            "",
            "3/5",
            "05/03/2027",
            "27/3/5",
            "2027-02-30",
            "2027-13-01",
            "2027-00-01",
            "2027-3",
            "2027-3-5-6",
            "2027年3月",
            "来年の3月",
            "R.3.5",
            "令和",
            "2027030",
            "R20270305",
            "+027-03-05",
            "2027-+3-05",
            "٢٠٢٧-٠٣-٠٥",
            "日",
        ] {
            assert_eq!(read_date(typed), None, "{typed:?}");
        }
        assert_eq!(read_date(&"1".repeat(100_000)), None);
    }
}
