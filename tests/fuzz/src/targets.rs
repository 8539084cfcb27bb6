//! The list of targets: whoever writes a parser of outside bytes adds a row, and at least one seed
//! that it takes to `corpus/<name>/`.

use akashi_check::keys::parse_vkey_file;
use akashi_check::verify::HolderKey;
use akashi_policies::{FILES, Pack};
use akashi_proof::entry::Entry;
use akashi_proof::evidence::Evidence;
use akashi_proof::gate::{CatchUp, KeptGates, SeenLog};
use akashi_proof::history::HistoryReader;
use akashi_proof::history_key::HistoryKey;
use akashi_proof::ids::{LinkCode, Qid};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::particulars::{Line, Name, Reading, Telephone, WebPage};
use akashi_proof::record::body;
use akashi_proof::statement::{
    AccessClaims, ActClaims, Claims, LinkClaims, LinkEndClaims, Presentation, ReleaseClaims,
    RequestClaims,
};
use akashi_proof::strict_json::Members;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Checkpoint;
use akashi_tlog::signed_note::{Note, VerifyingKey};
use akashi_tlog::tile::entry_bundle;
use akashi_tlog::tile::{Tile, TileWidth};
use akashi_tlog::tlog_proof::TlogProof;
use akashi_tlog::witness_policy::Policy;

use crate::{Outcome, Target};

/// All of them.
pub const TARGETS: &[Target] = &[
    // Published formats.
    target("note", note),
    target("checkpoint", checkpoint),
    target("cosignature", cosignature),
    target("vkey", vkey),
    target("vkey_file", |bytes| parse_vkey_file(bytes).into()),
    target("tile_path", tile_path),
    target("entry_bundle", entry_bundle_of_any_width),
    target("tlog_proof", tlog_proof),
    target("witness_policy", |bytes| Policy::parse(bytes).into()),
    // What institutions send.
    target("jws", jws),
    target("strict_json", strict_json),
    target("claims_access", claims_access),
    target("claims_link", claims_link),
    target("claims_link_end", claims_link_end),
    target("claims_release", claims_release),
    target("claims_present", claims_present),
    target("claims_act", claims_act),
    target("claims_request", claims_request),
    target("particulars", particulars),
    target("link_code", link_code),
    target("qid", qid),
    // What people and holders keep.
    target("evidence", evidence),
    target("history", history),
    target("history_key", history_key),
    target("holder_key", |bytes| HolderKey::parse(bytes).into()),
    target("gates", |bytes| CatchUp::parse(bytes).into()),
    target("kept_gates", |bytes| KeptGates::parse(bytes).into()),
    target("seen_log", |bytes| SeenLog::parse(bytes).into()),
    // What the log and the store hold.
    target("entry", entry),
    target("record", record),
    // What reviewers write.
    target("pack", pack),
];

const fn target(name: &'static str, run: fn(&[u8]) -> Outcome) -> Target {
    Target { name, run }
}

/// One spelling: what was taken, written again, is what was read.
#[track_caller]
fn same(written: &[u8], read: &[u8]) -> Outcome {
    assert_eq!(
        String::from_utf8_lossy(written),
        String::from_utf8_lossy(read),
        "taken, and written otherwise"
    );
    Outcome::Taken
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn note(bytes: &[u8]) -> Outcome {
    match Note::parse(bytes) {
        Ok(note) => same(note.to_string().as_bytes(), bytes),
        Err(_) => Outcome::Refused,
    }
}

/// A note whose text is a checkpoint, or the text of one alone.
fn checkpoint(bytes: &[u8]) -> Outcome {
    let note = Note::parse(bytes).ok();
    let text = note.as_ref().map(Note::text).or(text(bytes));
    match text.map(Checkpoint::parse) {
        Some(Ok(checkpoint)) => {
            let text = text.unwrap_or_default();
            same(checkpoint.to_string().as_bytes(), text.as_bytes())
        }
        _ => Outcome::Refused,
    }
}

/// The signatures of a note against the key of a witness that has signed it.
fn cosignature(bytes: &[u8]) -> Outcome {
    const WITNESS: &str =
        "witness.example/w1+efcd800c+BGa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6";
    match (Note::parse(bytes), VerifyingKey::parse(WITNESS)) {
        (Ok(note), Ok(key)) => note.open(&[key]).into(),
        _ => Outcome::Refused,
    }
}

fn vkey(bytes: &[u8]) -> Outcome {
    match text(bytes).map(VerifyingKey::parse) {
        Some(Ok(key)) => same(key.to_string().as_bytes(), bytes),
        _ => Outcome::Refused,
    }
}

fn tile_path(bytes: &[u8]) -> Outcome {
    match text(bytes).map(Tile::parse) {
        Some(Ok(tile)) => same(tile.to_string().as_bytes(), bytes),
        _ => Outcome::Refused,
    }
}

/// Every width: one at most fits.
fn entry_bundle_of_any_width(bytes: &[u8]) -> Outcome {
    let widths = (1..=TileWidth::FULL.value()).filter_map(TileWidth::new);
    let taken: Vec<_> = widths
        .filter_map(|width| entry_bundle::decode(bytes, width).ok())
        .collect();
    assert!(taken.len() <= 1, "a bundle of two widths");
    match taken.first() {
        Some(entries) => {
            let written: Vec<u8> = entries
                .iter()
                .flat_map(|entry| {
                    let len = u16::try_from(entry.len()).unwrap_or(u16::MAX);
                    [&len.to_be_bytes()[..], entry].concat()
                })
                .collect();
            same(&written, bytes)
        }
        None => Outcome::Refused,
    }
}

fn tlog_proof(bytes: &[u8]) -> Outcome {
    match TlogProof::parse(bytes) {
        Ok(proof) => same(proof.to_string().as_bytes(), bytes),
        Err(_) => Outcome::Refused,
    }
}

fn jws(bytes: &[u8]) -> Outcome {
    match Jws::parse(bytes) {
        Ok(jws) => {
            read_claims(&jws);
            same(jws.as_bytes(), bytes)
        }
        Err(_) => Outcome::Refused,
    }
}

/// The claims of a statement, whatever its type.
fn read_claims(jws: &Jws) -> Outcome {
    match jws.typ() {
        Type::Access => AccessClaims::read(jws).into(),
        Type::Link => LinkClaims::read(jws).into(),
        Type::LinkEnd => LinkEndClaims::read(jws).into(),
        Type::Release => ReleaseClaims::read(jws).into(),
        Type::Present => Presentation::parse(jws.as_bytes()).into(),
        Type::Act => ActClaims::read(jws).into(),
        Type::Request => RequestClaims::read(jws).into(),
        Type::Consent => Outcome::Refused,
    }
}

/// Any bytes as the claims of a statement whose form is right: what fuzzing a JWS as a whole would
/// hardly come to.
fn claims(typ: Type, claims: &[u8]) -> Outcome {
    let kid = base64::url::encode(&[7; 32]);
    let header = format!(r#"{{"alg":"Ed25519","kid":"{kid}","typ":"{typ}"}}"#);
    let statement = [header.as_bytes(), claims, &[9; 64]]
        .map(base64::url::encode)
        .join(".");
    match Jws::parse(statement.as_bytes()) {
        Ok(jws) => read_claims(&jws),
        // Longer than a statement may be.
        Err(_) => Outcome::Refused,
    }
}

fn claims_access(bytes: &[u8]) -> Outcome {
    claims(Type::Access, bytes)
}

fn claims_link(bytes: &[u8]) -> Outcome {
    claims(Type::Link, bytes)
}

fn claims_link_end(bytes: &[u8]) -> Outcome {
    claims(Type::LinkEnd, bytes)
}

fn claims_release(bytes: &[u8]) -> Outcome {
    claims(Type::Release, bytes)
}

fn claims_present(bytes: &[u8]) -> Outcome {
    claims(Type::Present, bytes)
}

fn claims_act(bytes: &[u8]) -> Outcome {
    claims(Type::Act, bytes)
}

fn claims_request(bytes: &[u8]) -> Outcome {
    claims(Type::Request, bytes)
}

fn strict_json(bytes: &[u8]) -> Outcome {
    Members::parse(bytes, "").into()
}

/// A text in each of the fields a body is called and reached by: what one takes stays as it was.
fn particulars(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else {
        return Outcome::Refused;
    };
    let number = Telephone::parse(text).inspect(|number| {
        let digits = |c: char| c.is_ascii_digit() || c == '+';
        let uri = number.uri();
        assert!(
            uri.strip_prefix("tel:")
                .is_some_and(|rest| rest.chars().all(digits))
        );
    });
    let reading = Reading::parse(text).inspect(|reading| {
        assert!(
            !reading.sort_key().0.contains('ー'),
            "each sound has a place"
        );
    });
    let taken = [
        Name::parse(text).map(|name| name.to_string()),
        reading.map(|reading| reading.to_string()),
        number.map(|number| number.to_string()),
        Line::parse(text).map(|line| line.to_string()),
        WebPage::parse(text).map(|page| page.to_string()),
    ];
    let mut taken = taken.into_iter().flatten().peekable();
    if taken.peek().is_none() {
        return Outcome::Refused;
    }
    taken.for_each(|written| {
        same(written.as_bytes(), bytes);
    });
    Outcome::Taken
}

fn link_code(bytes: &[u8]) -> Outcome {
    match text(bytes).map(LinkCode::parse) {
        Some(Ok(code)) => {
            let sealed = code.sealed();
            assert_eq!(sealed.len(), LinkCode::SEALED_LEN, "what was sealed");
            same(code.as_str().as_bytes(), bytes)
        }
        _ => Outcome::Refused,
    }
}

fn qid(bytes: &[u8]) -> Outcome {
    match text(bytes).map(Qid::parse) {
        Some(Ok(qid)) => same(qid.as_str().as_bytes(), bytes),
        _ => Outcome::Refused,
    }
}

fn evidence(bytes: &[u8]) -> Outcome {
    match Evidence::parse(bytes) {
        Ok(evidence) => same(evidence.to_string().as_bytes(), bytes),
        Err(_) => Outcome::Refused,
    }
}

/// A whole file, line by line as its reader takes it.
fn history(bytes: &[u8]) -> Outcome {
    let mut reader = HistoryReader::new();
    let mut written = String::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match reader.line(line) {
            Ok(Some(item)) => written += &item.to_string(),
            Ok(None) => {}
            Err(_) => return Outcome::Refused,
        }
    }
    match reader.finish() {
        Ok((head, note)) => {
            let whole = format!("{head}{written}{note}");
            same(whole.as_bytes(), bytes)
        }
        Err(_) => Outcome::Refused,
    }
}

/// White space behind the key is the reader's to ignore: people copy it.
fn history_key(bytes: &[u8]) -> Outcome {
    match text(bytes).map(|text| (text, HistoryKey::parse(text))) {
        Some((text, Ok(key))) => same(key.to_text().as_bytes(), text.trim_end().as_bytes()),
        _ => Outcome::Refused,
    }
}

fn entry(bytes: &[u8]) -> Outcome {
    match Entry::parse(bytes) {
        Ok(entry) => same(&entry.to_bytes(), bytes),
        Err(_) => Outcome::Refused,
    }
}

fn record(bytes: &[u8]) -> Outcome {
    match body::decode(bytes) {
        Ok((record, record_key)) => same(&body::encode(&record, &record_key), bytes),
        Err(_) => Outcome::Refused,
    }
}

/// The files of a pack one behind the other, each after a line `=== NAME`.
fn pack(bytes: &[u8]) -> Outcome {
    let Some(text) = text(bytes) else {
        return Outcome::Refused;
    };
    let files = text.split("=== ").skip(1).filter_map(|part| {
        let (name, text) = part.split_once('\n')?;
        FILES
            .contains(&name)
            .then(|| (name.to_owned(), text.to_owned()))
    });
    Pack::from_files(files.collect()).into()
}
