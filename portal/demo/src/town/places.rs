//! Who lives and works in the demo's town. All of it is made up: no such town, institution, person
//! or number exists. (Japanese mobile numbers whose first digit after the prefix is 0 are given to
//! nobody.)

use super::directory::{self, Texts};

/// The log's origin.
pub const ORIGIN: &str = "demo.akashi.example/log";

/// One of the two who admit institutions and put policies in force.
pub struct Supervisor {
    /// Its identifier: the name of its vkey in entry 0.
    pub id: &'static str,
    /// What is certified of it.
    pub texts: Texts,
}

/// The supervisors: both sign every act.
pub const SUPERVISORS: [Supervisor; 2] = [
    Supervisor {
        id: "supervisor.data-protection",
        texts: directory::DATA_PROTECTION,
    },
    Supervisor {
        id: "supervisor.audit-board",
        texts: directory::AUDIT_BOARD,
    },
];

/// An institution of the town.
pub struct Institution {
    /// Its identifier.
    pub id: &'static str,
    /// What is certified of it.
    pub texts: Texts,
    /// Its sector in the pack.
    pub sector: &'static str,
    /// Who works there: identifier and role.
    pub role_holders: &'static [(&'static str, &'static str)],
}

/// The larger hospital.
pub const CHUO: &str = "hospital.chuo";
/// The smaller hospital.
pub const MINATO: &str = "hospital.minato";
/// The pharmacy.
pub const PHARMACY: &str = "pharmacy.midori";
/// The city office.
pub const CITY: &str = "city.hinata";
/// The health insurer.
pub const INSURER: &str = "insurer.hinata";
/// The research institute.
pub const RESEARCH: &str = "research.hinata";

/// The institutions, in the order they were certified.
pub const INSTITUTIONS: [Institution; 6] = [
    Institution {
        id: CHUO,
        texts: directory::CHUO,
        sector: "hospital",
        role_holders: &[
            ("physician-1", "physician"),
            ("physician-2", "physician"),
            ("nurse-1", "nurse"),
            ("emergency-1", "emergency-physician"),
            (LOAD_ROLE_HOLDER, LOAD_ROLE),
        ],
    },
    Institution {
        id: MINATO,
        texts: directory::MINATO,
        sector: "hospital",
        role_holders: &[
            ("physician-1", "physician"),
            ("nurse-1", "nurse"),
            ("emergency-1", "emergency-physician"),
        ],
    },
    Institution {
        id: PHARMACY,
        texts: directory::PHARMACY,
        sector: "pharmacy",
        role_holders: &[
            ("pharmacist-1", "pharmacist"),
            ("pharmacist-2", "pharmacist"),
        ],
    },
    Institution {
        id: CITY,
        texts: directory::CITY,
        sector: "city",
        role_holders: &[
            ("welfare-1", "welfare-officer"),
            ("health-1", "public-health-nurse"),
            ("statistics-1", "statistics-officer"),
        ],
    },
    Institution {
        id: INSURER,
        texts: directory::INSURER,
        sector: "insurer",
        role_holders: &[("assessor-1", "claims-assessor")],
    },
    Institution {
        id: RESEARCH,
        texts: directory::RESEARCH,
        sector: "research",
        role_holders: &[("researcher-1", "researcher")],
    },
];

/// A citizen. Only the demo knows names; the ledger keeps none.
pub struct Citizen {
    /// What her keys and identifiers are drawn for.
    pub key: &'static str,
    /// Her name in Japanese.
    pub name_ja: &'static str,
    /// Her name in English.
    pub name_en: &'static str,
    /// Her number, E.164.
    pub phone: &'static str,
    /// Her address, if she gave one.
    pub email: Option<&'static str>,
    /// Whether her pages are in English.
    pub english: bool,
    /// Who has a code for her.
    pub links: &'static [&'static str],
}

/// The citizens.
pub const CITIZENS: [Citizen; 12] = [
    Citizen {
        key: "haruka",
        name_ja: "青葉 はるか",
        name_en: "Haruka Aoba",
        phone: "+819000000101",
        email: Some("haruka@mail.example"),
        english: false,
        links: &[CHUO, MINATO, PHARMACY, CITY, INSURER],
    },
    Citizen {
        key: "riku",
        name_ja: "海野 陸",
        name_en: "Riku Umino",
        phone: "+819000000102",
        email: Some("riku@mail.example"),
        english: false,
        links: &[CHUO, MINATO, PHARMACY, INSURER],
    },
    Citizen {
        key: "shizue",
        name_ja: "川辺 静江",
        name_en: "Shizue Kawabe",
        phone: "+819000000103",
        email: None,
        english: false,
        links: &[CHUO, PHARMACY, CITY, INSURER],
    },
    Citizen {
        key: "emma",
        name_ja: "エマ・リンド",
        name_en: "Emma Lind",
        phone: "+819000000104",
        email: Some("emma@mail.example"),
        english: true,
        links: &[CHUO, MINATO, PHARMACY],
    },
    Citizen {
        key: "takeshi",
        name_ja: "木村 武",
        name_en: "Takeshi Kimura",
        phone: "+819000000105",
        email: None,
        english: false,
        links: &[CHUO, CITY, INSURER],
    },
    Citizen {
        key: "yui",
        name_ja: "小森 結衣",
        name_en: "Yui Komori",
        phone: "+819000000106",
        email: Some("yui@mail.example"),
        english: false,
        links: &[MINATO, PHARMACY, RESEARCH],
    },
    Citizen {
        key: "daichi",
        name_ja: "坂口 大地",
        name_en: "Daichi Sakaguchi",
        phone: "+819000000107",
        email: None,
        english: false,
        links: &[CHUO, MINATO, CITY],
    },
    Citizen {
        key: "michiko",
        name_ja: "高田 美智子",
        name_en: "Michiko Takada",
        phone: "+819000000108",
        email: None,
        english: false,
        links: &[CHUO, PHARMACY, CITY],
    },
    Citizen {
        key: "sora",
        name_ja: "中川 空",
        name_en: "Sora Nakagawa",
        phone: "+819000000109",
        email: Some("sora@mail.example"),
        english: false,
        links: &[MINATO, PHARMACY],
    },
    Citizen {
        key: "an",
        name_ja: "グエン・アン",
        name_en: "Nguyen An",
        phone: "+819000000110",
        email: Some("an@mail.example"),
        english: true,
        links: &[CHUO, CITY],
    },
    Citizen {
        key: "kenji",
        name_ja: "原 健二",
        name_en: "Kenji Hara",
        phone: "+819000000111",
        email: None,
        english: false,
        links: &[CHUO, INSURER, RESEARCH],
    },
    Citizen {
        key: "mei",
        name_ja: "森 芽衣",
        name_en: "Mei Mori",
        phone: "+819000000112",
        email: None,
        english: false,
        links: &[CHUO],
    },
];

/// Whose statements `akashi load` signs.
pub const LOAD_ROLE_HOLDER: &str = "load-1";
/// In which role.
pub const LOAD_ROLE: &str = "physician";
/// What it asks for: treatment with what the pharmacy knows.
pub const LOAD_PROCESS: &str = "care.consult";
/// For which purpose.
pub const LOAD_PURPOSE: &str = "treatment";
/// Which categories.
pub const LOAD_CATEGORIES: [&str; 2] = ["allergy", "medication"];

/// The number of a synthetic person, E.164.
pub fn synthetic_phone(number: u64) -> String {
    format!("+81700{number:07}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use akashi_policies::Pack;
    use akashi_proof::ids::{InstitutionId, RoleCode, RoleHolderId};

    use super::*;

    #[test]
    fn the_town_fits_its_pack() {
        let pack = Pack::town().unwrap();
        for institution in &INSTITUTIONS {
            InstitutionId::parse(institution.id).unwrap();
            for (id, role) in institution.role_holders {
                RoleHolderId::parse(id).unwrap();
                let role = pack.role(&RoleCode::parse(role).unwrap()).unwrap();
                assert!(
                    role.sectors
                        .iter()
                        .any(|sector| sector == institution.sector),
                    "{id}"
                );
            }
        }
    }

    #[test]
    fn numbers_are_unassigned_and_nobody_shares_one() {
        let mut phones: BTreeSet<String> = CITIZENS
            .iter()
            .map(|citizen| citizen.phone.to_owned())
            .collect();
        phones.extend([1, 20_000, 9_999_999].map(synthetic_phone));
        assert_eq!(phones.len(), CITIZENS.len() + 3);
        for phone in phones {
            assert!(
                phone.len() == 13 && matches!(&phone[..6], "+81900" | "+81700"),
                "{phone}"
            );
        }
    }

    #[test]
    fn everybody_is_known_somewhere() {
        let known: BTreeSet<&str> = INSTITUTIONS
            .iter()
            .map(|institution| institution.id)
            .collect();
        for citizen in &CITIZENS {
            assert!(!citizen.links.is_empty() && citizen.links.iter().all(|id| known.contains(id)));
        }
    }
}
