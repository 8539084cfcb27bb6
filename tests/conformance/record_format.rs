//! `docs/RECORD_FORMAT.md` says of every kind which fields it has, in which order and of which
//! type. The page is read by people who write their own tools, so it must say exactly what the code
//! does.

use akashi_proof::history::{CLOSED, HEADER, RECORDS_MAX};
use akashi_proof::record::disclosure_text::LINE_LEN_MAX;
use akashi_proof::record::{Kind, field_names, field_types};

const PAGE: &str = include_str!("../../docs/RECORD_FORMAT.md");

fn section(kind: Kind) -> String {
    let mut text = format!(
        "#### `{}` schema {} ({} stream)\n\n```text\n",
        kind.name(),
        kind.schema(),
        kind.stream()
    );
    for (position, (name, of)) in field_names(kind)
        .into_iter()
        .zip(field_types(kind))
        .enumerate()
    {
        text.push_str(&format!(
            "{position:>2}  {name:<18} {}\n",
            of.replace(' ', "")
        ));
    }
    text + "```\n"
}

#[test]
fn the_page_lists_every_kind_as_it_is() {
    let missing: Vec<String> = Kind::ALL
        .iter()
        .map(|kind| section(*kind))
        .filter(|text| !PAGE.contains(text))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/RECORD_FORMAT.md must hold:\n{}",
        missing.join("\n")
    );
    assert_eq!(
        PAGE.matches("#### `").count(),
        Kind::ALL.len(),
        "a section for a kind that is not there"
    );
}

#[test]
fn the_page_says_what_a_history_file_closes_and_how_long_it_may_be() {
    let (last, others) = CLOSED.split_last().unwrap();
    let names: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
    let thousands = |number: u64| match (number / 1_000_000, number / 1_000 % 1_000, number % 1_000)
    {
        (0, thousands, rest) => format!("{thousands},{rest:03}"),
        (millions, thousands, rest) => format!("{millions},{thousands:03},{rest:03}"),
    };
    for said in [
        format!("Closed are {} and `{last}`,", names.join(", ")),
        format!("```text\n{HEADER}\norigin <origin>\nepoch <epoch> <n>"),
        format!("at most {} records", thousands(RECORDS_MAX)),
        format!("at most {} bytes", thousands(LINE_LEN_MAX as u64)),
    ] {
        assert!(
            PAGE.contains(&said),
            "docs/RECORD_FORMAT.md must say: {said}"
        );
    }
}
