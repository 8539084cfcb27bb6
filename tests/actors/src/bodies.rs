//! What is certified of made-up bodies. The numbers are given to nobody: no exchange in Japan
//! begins with a 0; `.example` is reserved (RFC 2606).

use akashi_proof::fault::Fault;
use akashi_proof::particulars::Particulars;
use akashi_proof::record::kind::Supervisor;

/// What is certified of a body of these names, all of it made up.
pub fn particulars(name_ja: &str, name_en: &str) -> Particulars {
    let text = |field| match field {
        "name_ja" => Some(name_ja),
        "name_kana" => Some("ためしのきかん"),
        "name_en" => Some(name_en),
        "telephone" => Some("+81-55-000-1234"),
        "email" => Some("keys@body.example"),
        "hours_ja" => Some("平日 9時〜17時"),
        "hours_en" => Some("Weekdays 9:00-17:00"),
        "address_ja" => Some("ためし県ためし市一丁目1番"),
        "address_en" => Some("1-1 Tameshi, Tameshi"),
        "web" => Some("https://body.example/"),
        _ => None,
    };
    let read = Particulars::read(|field| Ok::<_, Fault>(text(field).map(str::to_owned)));
    read.unwrap()
}

/// A supervisor as entry 0 names it, by its vkey line.
pub fn supervisor(vkey: impl Into<String>) -> Supervisor {
    Supervisor {
        vkey: vkey.into(),
        particulars: particulars("ためし監督局", "Test Supervisors"),
    }
}
