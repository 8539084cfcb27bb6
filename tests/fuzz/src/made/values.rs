//! A value of each type that stands in a record, found by the type's name as the kinds declare it.

use akashi_proof::consent::AccessMode;
use akashi_proof::digest::Digest;
use akashi_proof::duty::Duty;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{GateNumber, Generation, LinkCode, Timestamp};
use akashi_proof::jws::Type;
use akashi_proof::particulars::Particulars;
use akashi_proof::reason::{Reason, Reasons};
use akashi_proof::record::kind::{
    AnsweredBy, Arrival, Assurance, BasisKind, BlockedBy, Channel, CountedFor, KeptBy, KeyUse,
    Language, LinkEnd, Outcome, ReleaseReason, Rule, Step, Supervisor, Template, YesNo,
};
use akashi_proof::record::value::Value;

use super::{NOW, ORIGIN};

/// The key of a supervisor that signs nothing.
pub const VKEY: &str = "supervisor.north+bb97aee3+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";

/// A value in its one spelling, marker byte included; what may be absent is where not `full`.
///
/// # Panics
/// Where a type is new: it needs a row here.
pub fn of(ty: &str, full: bool) -> Vec<u8> {
    if let Some(inner) = inside(ty, "Option") {
        return if full { of(inner, full) } else { vec![0] };
    }
    if let Some(inner) = inside(ty, "Vec").or(inside(ty, "Set")) {
        return one_of(&of(inner, full));
    }
    let time = Timestamp::from_seconds(NOW);
    let text = |text: &str| text.to_owned().encode();
    match ty {
        "u64" => 7_u64.encode(),
        "Epoch" => 0_u64.encode(),
        "LeafIndex" => 3_u64.encode(),
        "Seq" => 1_u64.encode(),
        "GateNumber" => GateNumber::new(4).unwrap().encode(),
        "KeyVersion" => 1_u64.encode(),
        "Generation" => Generation::FIRST.encode(),
        "Timestamp" => time.encode(),
        "String" => text("検査 inspection"),
        "Bytes" => text("header.claims.signature"),
        "Origin" => text(ORIGIN),
        "Digest" | "Secret" => [&[1][..], &[9; 32]].concat(),
        "SubjectHandle" | "ConsentId" | "GroupId" | "ContactId" | "NoticeId" => {
            [&[1][..], &[6; 16]].concat()
        }
        "InstitutionId" => text("hospital.chuo"),
        "RoleHolderId" => text("dr-sato"),
        "RoleCode" => text("physician"),
        "PurposeCode" => text("treatment"),
        "CategoryCode" => text("medication"),
        "ProcessId" => text("care.consult"),
        "Kid" => text(&Digest::from_bytes([9; 32]).to_base64url()),
        "Jti" => text("AAAAAAAAAAAAAAAAAAAAAA"),
        "Name" => particulars().name_ja.encode(),
        "Reading" => particulars().name_kana.encode(),
        "Telephone" => particulars().telephone.encode(),
        "Email" => particulars().email.encode(),
        "Line" => particulars().hours_en.encode(),
        "WebPage" => particulars().web.encode(),
        "Supervisor" => supervisor().encode(),
        "LinkCode" => LinkCode::from_sealed(&[3; LinkCode::SEALED_LEN]).encode(),
        "Reference" => text("BKTR"),
        "AccessMode" => AccessMode::View.encode(),
        "AnsweredBy" => first(AnsweredBy::ALL),
        "Arrival" => first(Arrival::ALL),
        "Assurance" => first(Assurance::ALL),
        "BasisKind" => first(BasisKind::ALL),
        "BlockedBy" => first(BlockedBy::ALL),
        "Channel" => first(Channel::ALL),
        "CountedFor" => first(CountedFor::ALL),
        "Duty" => Duty::EraseBy(time).encode(),
        "Fault" => Fault::new(FaultCode::UnknownCode, "holder", "one", "another").encode(),
        "Frequency" => text("3-each-month"),
        "KeptBy" => first(KeptBy::ALL),
        "KeyUse" => first(KeyUse::ALL),
        "Language" => first(Language::ALL),
        "LinkEnd" => first(LinkEnd::ALL),
        "Outcome" => first(Outcome::ALL),
        "Reasons" => Reasons::from(Reason::ConsentCovers).encode(),
        "ReleaseReason" => first(ReleaseReason::ALL),
        "Rule" => first(Rule::ALL),
        "Step" => first(Step::ALL),
        "Template" => first(Template::ALL),
        "Type" => Type::Access.encode(),
        "YesNo" => first(YesNo::ALL),
        other => panic!("no value of the type `{other}`: add a row to made/values.rs"),
    }
}

/// What is certified of everybody here.
pub fn particulars() -> Particulars {
    let text = |field| match field {
        "name_ja" => "葛\u{E0100}城　みどり薬局",
        "name_kana" => "かつらぎ　みどりやっきょく",
        "name_en" => "Midori \\ \"Pharmacy\"",
        "telephone" => "+81-55-000-1203",
        "email" => "kojin-joho@midori.example",
        "hours_ja" => "平日9時〜19時",
        "hours_en" => "Weekdays 9:00–19:00",
        "address_ja" => "ひなた市中央一丁目2番3号",
        "address_en" => "1-2-3 Chuo, Hinata City",
        _ => "https://www.midori.example/%E8%96%AC/?lang=ja",
    };
    Particulars::read(|field| Ok(Some(text(field).to_owned()))).unwrap()
}

fn supervisor() -> Supervisor {
    Supervisor {
        vkey: VKEY.to_owned(),
        particulars: particulars(),
    }
}

fn inside<'a>(ty: &'a str, around: &str) -> Option<&'a str> {
    let rest = ty.strip_prefix(around)?.strip_prefix('<')?;
    rest.strip_suffix('>')
}

/// A list of one item.
fn one_of(item: &[u8]) -> Vec<u8> {
    let item = &item[1..];
    let len = u32::try_from(item.len()).unwrap();
    [&[1, 0, 1][..], &len.to_be_bytes(), item].concat()
}

fn first<T: Value>(words: &[T]) -> Vec<u8> {
    words[0].encode()
}
