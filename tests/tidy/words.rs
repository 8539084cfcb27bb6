//! The texts people read keep to docs/WORDS.md: no word that is no longer used, no blank between a
//! number and what it counts, no English plural without its singular.
//!
//! A text is a string of a Rust source that speaks Japanese (English stands beside it) or of what
//! the API says of itself, a template of a page or a message, a file of a pack, a document.
//! Comments and unit tests are none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::root;

/// A text and where it stands.
struct Text {
    /// From the root of the repository.
    place: String,
    text: String,
}

/// What the API says of itself, in English alone: the page `/docs` and the problems are made of it.
const OF_THE_API: [&str; 4] = [
    "portal/api/src/openapi.rs",
    "portal/api/src/openapi/codes.rs",
    "portal/api/src/openapi/routes.rs",
    "portal/api/src/problem.rs",
];

/// Folders with texts; what lies in `tests`, `target` or a dot folder is not for people.
const FOLDERS: [&str; 4] = ["portal", "notifier", "policies", "docs"];

/// What each kind of file has at least, and a text of it that must have been seen: a scan that
/// misses a folder fails here, not in silence.
const SEEN: [(&str, usize, &str); 7] = [
    (".rs", 20, "許可のお願い"),
    ("problem.rs", 1, "There is nothing here."),
    ("schemas.json", 1, "The requester's own code for the person"),
    (".html", 5, "回復コードも要ります。"),
    (".txt", 70, "確認コード"),
    (".toml", 5, "予防接種の記録"),
    (".md", 12, "a history in plain Japanese or English"),
];

#[test]
fn no_text_has_a_word_that_is_no_longer_used() {
    let (texts, words) = (texts(), Retired::read());
    assert!(words.len() >= 60, "{} words in the list", words.len());
    let mut excepted = BTreeSet::new();
    let mut found = Vec::new();
    for word in &words {
        for text in texts.iter().filter(|text| word.is_in(&text.text)) {
            match word.except_in.iter().find(|end| text.place.ends_with(*end)) {
                Some(end) => {
                    excepted.insert((word.word.clone(), end.clone()));
                }
                None => found.push(format!(
                    "{}: `{}` (instead: {}) in `{}`",
                    text.place,
                    word.word,
                    word.instead,
                    text.text.trim()
                )),
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    for word in &words {
        for phrase in &word.except_phrases {
            assert!(
                texts.iter().any(|text| text.text.contains(phrase)),
                "docs/WORDS.md excepts `{phrase}`, which stands nowhere"
            );
        }
        for end in &word.except_in {
            assert!(
                excepted.contains(&(word.word.clone(), end.clone())),
                "docs/WORDS.md excepts `{}` in `{end}`, where it does not stand",
                word.word
            );
        }
    }
}

#[test]
fn the_list_finds_each_of_its_words() {
    for word in Retired::read() {
        assert!(word.is_in(&format!("あ{}い", word.word)), "{}", word.word);
        assert!(
            !word.is_in(&word.instead),
            "{}: instead of itself",
            word.word
        );
        for phrase in &word.except_phrases {
            assert!(
                phrase.contains(&word.word) && !word.is_in(phrase),
                "{phrase}"
            );
        }
    }
}

#[test]
fn no_blank_stands_between_a_number_and_what_it_counts() {
    assert_eq!(
        ["{count} 件", "6 けた", "SMS で", "公開 QR", "（{a}） の"].map(blank),
        [true, true, true, true, false]
    );
    assert_eq!(
        [
            "{count}件",
            "「いいえ BKTR」",
            "「はい {{ r }} {{ c }}」",
            "1. 公開"
        ]
        .map(blank),
        [false; 4]
    );
    let found: Vec<String> = texts()
        .iter()
        .filter(|text| !text.place.ends_with(".md"))
        .flat_map(|text| text.text.lines().map(move |line| (&text.place, line)))
        .filter(|(_, line)| blank(line))
        .map(|(place, line)| format!("{place}: {line}"))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_text_puts_quotation_marks_around_a_value_by_hand() {
    // `akashi_desk::words::quoted` does: what somebody else wrote could close them.
    let found: Vec<String> = texts()
        .into_iter()
        .filter(|text| !text.place.starts_with("docs/"))
        .filter(|text| !text.place.ends_with("/quoted.rs"))
        .filter(|text| {
            ["「{", "『{", "“{"]
                .iter()
                .any(|by_hand| text.text.contains(by_hand))
        })
        .map(|text| format!("{}: `{}`", text.place, text.text.trim()))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A plural behind a number stands right behind its singular, as `texts!` and `say_many!` want it.
#[test]
fn no_english_plural_is_without_its_singular() {
    assert_eq!(plural_after_number("All {n} records here"), Some("records"));
    assert_eq!(plural_after_number("{who} asks for {what}"), None);
    assert_eq!(plural_after_number("record {n}"), None);
    let mut pairs = 0;
    for (place, literals) in sources() {
        for (before, literal) in literals.iter().zip(literals.iter().skip(1)) {
            let Some(plural) = plural_after_number(literal) else {
                continue;
            };
            pairs += 1;
            assert!(
                !before.chars().any(is_japanese) && plural_after_number(before).is_none(),
                "{place}: `{literal}` says `1 {plural}`: give it a singular (`many`, `say_many!`)"
            );
        }
    }
    assert!(pairs >= 10, "{pairs} counted texts");
}

/// A row of the list.
struct Retired {
    word: String,
    instead: String,
    /// Ends of the places where it has another sense.
    except_in: Vec<String>,
    /// Longer words that hold it.
    except_phrases: Vec<String>,
}

impl Retired {
    /// The second table of docs/WORDS.md.
    fn read() -> Vec<Self> {
        let page = std::fs::read_to_string(root().join("docs/WORDS.md")).unwrap();
        let (_, list) = page.split_once("\n## No longer used\n").unwrap();
        let between = |text: &str, open: char, close: char| -> Vec<String> {
            let parts = text.split(open).skip(1);
            parts
                .map(|part| part.split(close).next().unwrap().to_owned())
                .collect()
        };
        let rows = list.lines().filter(|line| line.starts_with("| ")).skip(1);
        rows.map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let [_, word, instead, except, _] = cells[..] else {
                panic!("a row of three cells: {row}");
            };
            assert!(!word.is_empty() && !instead.is_empty(), "{row}");
            let places = except.split('`').skip(1).step_by(2);
            Self {
                word: word.to_owned(),
                instead: instead.to_owned(),
                except_in: places.map(str::to_owned).collect(),
                except_phrases: between(except, '「', '」'),
            }
        })
        .collect()
    }

    /// Words are looked for everywhere, at the beginning of a sentence too; `Akashi` only where
    /// Japanese stands around it.
    fn is_in(&self, text: &str) -> bool {
        let text = self
            .except_phrases
            .iter()
            .fold(text.to_owned(), |text, phrase| text.replace(phrase, ""));
        let begins = capitalised(&self.word);
        let has = |line: &&str| line.contains(&self.word) || line.contains(&begins);
        let lines = || text.lines().filter(has);
        if self.word == "Akashi" {
            lines().any(|line| line.chars().any(is_japanese))
        } else {
            lines().next().is_some()
        }
    }
}

/// As it begins a sentence.
fn capitalised(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), rest.as_str())
    })
}

/// Every text of the repository.
fn texts() -> Vec<Text> {
    let mut texts = Vec::new();
    for (place, literals) in sources() {
        texts.extend(literals.into_iter().map(|text| Text {
            place: place.clone(),
            text,
        }));
    }
    for ending in ["html", "txt", "toml", "md", "json"] {
        for (place, text) in files(ending) {
            // The languages of a pack and of a template's own words stand on one line, in quotes.
            texts.extend(text.split(['"', '\n']).map(|text| Text {
                place: place.clone(),
                text: text.to_owned(),
            }));
        }
    }
    for (ending, files_min, known) in SEEN {
        let of = || texts.iter().filter(|text| text.place.ends_with(ending));
        let places: BTreeSet<_> = of().map(|text| &text.place).collect();
        assert!(places.len() >= files_min, "{} {ending} files", places.len());
        assert!(
            of().any(|text| text.text.contains(known)),
            "`{known}` stands in no {ending} file"
        );
    }
    texts
}

/// The strings of the sources that hold texts: those in which Japanese stands, and the API's.
fn sources() -> Vec<(String, Vec<String>)> {
    let sources = files("rs").into_iter().map(|(place, source)| {
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        (place, literals(code))
    });
    sources
        .filter(|(place, literals)| {
            let is_japanese = || literals.iter().any(|text| text.chars().any(is_kana));
            OF_THE_API.contains(&place.as_str()) || is_japanese()
        })
        .collect()
}

/// The strings of a source, as they are written.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (before, here) = rest.split_at(at);
        rest = if here.starts_with("//") {
            here.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(after) = here.strip_prefix("'\"'") {
            after
        } else if let Some(text) = here.strip_prefix('"') {
            let (text, after) = if before.ends_with("r#") {
                text.split_once("\"#").unwrap_or((text, ""))
            } else {
                to_closing_quote(text)
            };
            found.push(text.to_owned());
            after
        } else {
            here.split_at(1).1
        };
    }
    found
}

/// A string whose opening quote is behind us, and what follows it.
fn to_closing_quote(text: &str) -> (&str, &str) {
    let mut escaped = false;
    let closes = |c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    };
    let end = text.find(closes).unwrap_or(text.len());
    (&text[..end], text.get(end + 1..).unwrap_or_default())
}

/// Files with this ending below the folders with texts, and the papers beside them.
fn files(ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root().join(folder)).collect();
    let mut take = |path: &Path| {
        let place = path.strip_prefix(root()).unwrap().to_str().unwrap();
        if place.ends_with(&format!(".{ending}")) && place != "docs/WORDS.md" {
            found.push((place.to_owned(), std::fs::read_to_string(path).unwrap()));
        }
    };
    for paper in [
        "README.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ] {
        take(&root().join(paper));
    }
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if !path.is_dir() {
                // Unit tests that stand in a file of their own.
                if name != "tests.rs" {
                    take(&path);
                }
            } else if !["tests", "target", "static"].contains(&name) && !name.starts_with('.') {
                folders.push(path);
            }
        }
    }
    found
}

/// Whether a line has a blank between Japanese and a number, a Latin word or what is put in. What
/// she types as a reply has one, and so has a word that was spelt with one.
fn blank(line: &str) -> bool {
    let line = ["いいえ ", "はい "]
        .iter()
        .fold(line.to_owned(), |line, typed| line.replace(typed, ""));
    let chars: Vec<char> = line.chars().collect();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "{}".contains(c);
    chars.windows(3).any(|near| {
        near[1] == ' '
            && (is_plain(near[0]) && is_japanese(near[2])
                || is_japanese(near[0]) && is_plain(near[2]))
    })
}

/// The plural that stands behind a number that is put in, unless it is a verb.
fn plural_after_number(text: &str) -> Option<&str> {
    const VERBS: [&str; 7] = ["asks", "needs", "is", "was", "has", "allows", "tries"];
    let words = text.split("} ").skip(1).filter_map(|after| {
        let word = after.split(|c: char| !c.is_ascii_lowercase()).next()?;
        (word.len() > 1 && word.ends_with('s')).then_some(word)
    });
    words.into_iter().find(|word| !VERBS.contains(word))
}

const fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30FA}')
}

const fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30FF}' | '\u{3005}' | '\u{4E00}'..='\u{9FFF}')
}
