//! How the town's institutions and supervisors are called and reached, as supervisors certify it.
//!
//! Nobody answers: no exchange in Japan begins with a 0, so that `055-000-...` is given to nobody,
//! and names under `.example` lead nowhere (RFC 2606).

use akashi_proof::fault::Fault;
use akashi_proof::particulars::Particulars;

use crate::DemoError;

/// What is certified of one of them.
pub struct Texts {
    /// Its name in Japanese.
    pub name_ja: &'static str,
    /// How that is read.
    pub name_kana: &'static str,
    /// Its name in English.
    pub name_en: &'static str,
    telephone: &'static str,
    email: &'static str,
    hours_ja: &'static str,
    hours_en: &'static str,
    address_ja: &'static str,
    address_en: &'static str,
    web: Option<&'static str>,
}

impl Texts {
    /// The particulars.
    ///
    /// # Errors
    /// [`DemoError::Town`] where a text is unfit.
    pub fn particulars(&self) -> Result<Particulars, DemoError> {
        let text = |field| match field {
            "name_ja" => Some(self.name_ja),
            "name_kana" => Some(self.name_kana),
            "name_en" => Some(self.name_en),
            "telephone" => Some(self.telephone),
            "email" => Some(self.email),
            "hours_ja" => Some(self.hours_ja),
            "hours_en" => Some(self.hours_en),
            "address_ja" => Some(self.address_ja),
            "address_en" => Some(self.address_en),
            "web" => self.web,
            _ => None,
        };
        let read = Particulars::read(|field| Ok::<_, Fault>(text(field).map(str::to_owned)));
        read.map_err(|_| DemoError::Town("particulars"))
    }
}

/// One of the two who admit institutions.
pub const DATA_PROTECTION: Texts = Texts {
    name_ja: "ひなた県個人情報保護事務局",
    name_kana: "ひなたけん　こじんじょうほうほごじむきょく",
    name_en: "Hinata Prefecture Data Protection Office",
    telephone: "+81-55-000-1101",
    email: "kojin-joho@privacy.pref.hinata.example",
    hours_ja: "平日8時30分〜17時15分（年末年始を除く）",
    hours_en: "Weekdays 8:30-17:15, closed over the New Year",
    address_ja: "ひなた県ひなた市県庁前1番1号 県庁別館2階",
    address_en: "Prefectural Office Annex 2F, 1-1 Kenchomae, Hinata City, Hinata",
    web: Some("https://privacy.pref.hinata.example/"),
};

/// The other.
pub const AUDIT_BOARD: Texts = Texts {
    name_ja: "ひなた市民監査会",
    name_kana: "ひなた　しみんかんさかい",
    name_en: "Hinata Citizens' Audit Board",
    telephone: "+81-55-000-1102",
    email: "kojin-joho@kansa.hinata.example",
    hours_ja: "火曜・木曜10時〜16時、第2土曜10時〜12時",
    hours_en: "Tuesdays and Thursdays 10:00-16:00, second Saturday of the month 10:00-12:00",
    address_ja: "ひなた県ひなた市本町二丁目4番6号 市民センター内",
    address_en: "Citizens' Centre, 2-4-6 Honcho, Hinata City, Hinata",
    web: Some("https://kansa.hinata.example/"),
};

/// The larger hospital.
pub const CHUO: Texts = Texts {
    name_ja: "ひなた中央総合病院",
    name_kana: "ひなたちゅうおう　そうごうびょういん",
    name_en: "Hinata Chuo General Hospital",
    telephone: "+81-55-000-1201",
    email: "kojin-joho@chuo-hospital.hinata.example",
    hours_ja: "個人情報の窓口：平日8時30分〜17時（急病は24時間）",
    hours_en: "Privacy desk: weekdays 8:30-17:00 (emergencies at any hour)",
    address_ja: "ひなた県ひなた市中央一丁目1番1号",
    address_en: "1-1-1 Chuo, Hinata City, Hinata",
    web: Some("https://chuo-hospital.hinata.example/kojin-joho/"),
};

/// The smaller hospital.
pub const MINATO: Texts = Texts {
    name_ja: "みなと病院",
    name_kana: "みなとびょういん",
    name_en: "Minato Hospital",
    telephone: "+81-55-000-1202",
    email: "kojin-joho@minato-hospital.example",
    hours_ja: "月曜〜土曜9時〜12時、月曜・水曜・金曜15時〜18時",
    hours_en: "Mondays to Saturdays 9:00-12:00; Mondays, Wednesdays and Fridays also 15:00-18:00",
    address_ja: "ひなた県ひなた市港町三丁目2番8号",
    address_en: "3-2-8 Minatomachi, Hinata City, Hinata",
    web: Some("https://minato-hospital.example/"),
};

/// The pharmacy: it has no web page.
pub const PHARMACY: Texts = Texts {
    name_ja: "みどり薬局",
    name_kana: "みどりやっきょく",
    name_en: "Midori Pharmacy",
    telephone: "+81-55-000-1203",
    email: "kojin-joho@pharmacy.hinata.example",
    hours_ja: "平日9時〜19時、土曜9時〜13時",
    hours_en: "Weekdays 9:00-19:00, Saturdays 9:00-13:00",
    address_ja: "ひなた県ひなた市中央一丁目2番3号",
    address_en: "1-2-3 Chuo, Hinata City, Hinata",
    web: None,
};

/// The city office.
pub const CITY: Texts = Texts {
    name_ja: "ひなた市役所",
    name_kana: "ひなたしやくしょ",
    name_en: "Hinata City Office",
    telephone: "+81-55-000-1204",
    email: "kojin-joho@www.city.hinata.example",
    hours_ja: "平日8時30分〜17時15分（木曜は19時まで）",
    hours_en: "Weekdays 8:30-17:15, Thursdays until 19:00",
    address_ja: "ひなた県ひなた市本町一丁目1番1号 福祉課（1階）",
    address_en: "Welfare Division, ground floor, 1-1-1 Honcho, Hinata City, Hinata",
    web: Some("https://www.city.hinata.example/fukushi/"),
};

/// The health insurer.
pub const INSURER: Texts = Texts {
    name_ja: "ひなた健康保険組合",
    name_kana: "ひなた　けんこうほけんくみあい",
    name_en: "Hinata Health Insurance Society",
    telephone: "+81-55-000-1205",
    email: "kojin-joho@kenpo.hinata.example",
    hours_ja: "平日9時〜17時",
    hours_en: "Weekdays 9:00-17:00",
    address_ja: "ひなた県ひなた市駅前二丁目5番1号 ひなたビル6階",
    address_en: "Hinata Building 6F, 2-5-1 Ekimae, Hinata City, Hinata",
    web: Some("https://kenpo.hinata.example/"),
};

/// The research institute.
pub const RESEARCH: Texts = Texts {
    name_ja: "ひなた医学研究所",
    name_kana: "ひなた　いがくけんきゅうじょ",
    name_en: "Hinata Institute of Medical Research",
    telephone: "+81-55-000-1206",
    email: "kojin-joho@research.hinata.example",
    hours_ja: "平日10時〜16時",
    hours_en: "Weekdays 10:00-16:00",
    address_ja: "ひなた県ひなた市学園町7番2号",
    address_en: "7-2 Gakuencho, Hinata City, Hinata",
    web: Some("https://research.hinata.example/"),
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_is_certified_at_a_number_nobody_has_and_a_page_that_is_nowhere() {
        let all = [
            DATA_PROTECTION,
            AUDIT_BOARD,
            CHUO,
            MINATO,
            PHARMACY,
            CITY,
            INSURER,
            RESEARCH,
        ];
        let mut numbers = BTreeSet::new();
        for texts in &all {
            let particulars = texts.particulars().unwrap();
            let number = particulars.telephone.as_str().to_owned();
            assert!(number.starts_with("+81-55-000-"), "{number}");
            assert!(numbers.insert(number), "two share a number");
            let host = particulars
                .web
                .iter()
                .filter_map(|web| web.as_str().split('/').nth(2));
            assert!(host.into_iter().all(|host| host.ends_with(".example")));
        }
    }
}
