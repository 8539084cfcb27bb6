//! `docs/RECORD_FORMAT.md` says of every kind which fields it has, in which order and of which type. The page is read
//! by people who write their own tools, so it must say exactly what the code does.

use akashi_proof::record::{Kind, field_names, field_types};

const PAGE: &str = include_str!("../../docs/RECORD_FORMAT.md");

fn section(kind: Kind) -> String {
    let mut text = format!("#### `{}` schema {} ({} stream)\n\n```text\n", kind.name(), kind.schema(), kind.stream());
    for (position, (name, of)) in field_names(kind).into_iter().zip(field_types(kind)).enumerate() {
        text.push_str(&format!("{position:>2}  {name:<18} {}\n", of.replace(' ', "")));
    }
    text + "```\n"
}

#[test]
fn the_page_lists_every_kind_as_it_is() {
    let missing: Vec<String> =
        Kind::ALL.iter().map(|kind| section(*kind)).filter(|text| !PAGE.contains(text)).collect();
    assert!(missing.is_empty(), "docs/RECORD_FORMAT.md must hold:\n{}", missing.join("\n"));
    assert_eq!(PAGE.matches("#### `").count(), Kind::ALL.len(), "a section for a kind that is not there");
}
