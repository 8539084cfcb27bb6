//! `demo.json`: everything a script needs to drive the demo, private keys included. It describes a
//! made-up town; it is written for its owner alone all the same, as every file with keys is.

use std::collections::BTreeMap;
use std::path::Path;

use akashi_client::PrivateJwk;
use akashi_ledger::Ledger;
use akashi_proof::ids::InstitutionId;
use akashi_proof::key::evidence_kid;
use akashi_proof::record::kind::Language;
use akashi_tlog::base64;
use serde::{Deserialize, Serialize};

use crate::DemoError;
use crate::told::seeding::{link_code, link_label, recovery_code, signatory};
use crate::town::directory::Texts;
use crate::town::places::{
    CHUO, CITIZENS, Citizen, INSTITUTIONS, Institution, LOAD_CATEGORIES, LOAD_PROCESS,
    LOAD_PURPOSE, LOAD_ROLE, LOAD_ROLE_HOLDER, ORIGIN, PHARMACY, SUPERVISORS,
};
use crate::town::seed::{Seed, replace_private};

/// The whole file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// Says that nothing of it is real.
    pub note: String,
    /// The log's origin.
    pub origin: String,
    /// The log's key.
    pub vkey: String,
    /// Where everything is.
    pub urls: Urls,
    /// The supervisors.
    pub supervisors: Vec<SupervisorEntry>,
    /// The institutions.
    pub institutions: Vec<InstitutionEntry>,
    /// Who works there.
    pub role_holders: Vec<RoleHolderEntry>,
    /// The citizens.
    pub citizens: Vec<CitizenEntry>,
    /// What `akashi load` asks for.
    pub load: LoadEntry,
}

/// Where everything is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Urls {
    /// The portal.
    pub portal: String,
    /// Joining.
    pub enrol: String,
    /// Signing in.
    pub sign_in: String,
    /// A person's own pages.
    pub me: String,
    /// Who can sign in, and how.
    pub demo_sign_in: String,
    /// The phones.
    pub demo_phone: String,
    /// The mails.
    pub demo_mail: String,
    /// The API of institutions.
    pub api: String,
    /// Its description.
    pub openapi: String,
    /// Its documentation.
    pub docs: String,
    /// The public log: the prefix of its files.
    pub log: String,
    /// The published checkpoint.
    pub checkpoint: String,
}

/// A supervisor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SupervisorEntry {
    /// Its identifier.
    pub id: String,
    /// What entry 0 says of it: its names, telephone, hours, address, web page.
    #[serde(flatten)]
    pub particulars: BTreeMap<String, String>,
    /// Its key as it stands in entry 0.
    pub vkey: String,
    /// The name of its key.
    pub kid: String,
    /// Its key, private part included.
    pub jwk: PrivateJwk,
}

/// An institution.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstitutionEntry {
    /// Its identifier.
    pub id: String,
    /// What supervisors certified of it: its names, telephone, hours, address, web page.
    #[serde(flatten)]
    pub particulars: BTreeMap<String, String>,
    /// Its sector.
    pub sector: String,
    /// The name of its signing key.
    pub kid: String,
    /// Its signing key, private part included.
    pub jwk: PrivateJwk,
    /// The name of its evidence key.
    pub evidence_kid: String,
    /// Its evidence key, base64url.
    pub evidence_key: String,
}

/// A role-holder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoleHolderEntry {
    /// The institution.
    pub institution: String,
    /// The identifier there.
    pub id: String,
    /// The roles.
    pub roles: Vec<String>,
}

/// A citizen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CitizenEntry {
    /// A short name for scripts.
    pub key: String,
    /// The name in Japanese; only here, the ledger keeps none.
    pub name_ja: String,
    /// The name in English.
    pub name_en: String,
    /// The language of her pages.
    pub language: String,
    /// Her visible ID.
    pub qid: String,
    /// Her number, E.164.
    pub phone: String,
    /// Her address.
    pub email: Option<String>,
    /// Her recovery code.
    pub recovery_code: String,
    /// Her history key, as on the sheet she keeps secret: `akashi-audit history` takes it.
    pub history_key: String,
    /// Where her phone shows its messages.
    pub phone_url: String,
    /// Codes institutions have for her.
    pub links: Vec<LinkEntry>,
}

/// An institution's code for a citizen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LinkEntry {
    /// The institution.
    pub institution: String,
    /// Its code for her.
    pub code: String,
    /// The link key, base64url: gates of this link are made with it.
    pub link_key: String,
}

/// What `akashi load` asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadEntry {
    /// Where people are made.
    pub people_url: String,
    /// The institution that asks.
    pub requester: String,
    /// Who asks there.
    pub role_holder: String,
    /// In which role.
    pub role: String,
    /// The business process.
    pub process: String,
    /// The purpose.
    pub purpose: String,
    /// The institution that has the data.
    pub holder: String,
    /// Which categories.
    pub categories: Vec<String>,
}

impl InstitutionEntry {
    /// Its name in this language.
    pub fn name(&self, language: Language) -> &str {
        let member = match language {
            Language::Ja => "name_ja",
            Language::En => "name_en",
        };
        self.particulars.get(member).map_or("", String::as_str)
    }
}

impl Description {
    /// Describes the town as it runs under this base URL.
    ///
    /// # Errors
    /// [`DemoError`] when the ledger does not hold the town.
    pub fn of(seed: &Seed, ledger: &Ledger, vkey: String, base: &str) -> Result<Self, DemoError> {
        Ok(Self {
            note: "a made-up town: no such person, institution or number exists, and the keys protect nothing".into(),
            origin: ORIGIN.into(),
            vkey,
            urls: Urls::under(base),
            supervisors: SUPERVISORS
                .iter()
                .map(|supervisor| {
                    let signer = signatory(seed, supervisor.id)?;
                    Ok(SupervisorEntry {
                        id: supervisor.id.into(),
                        particulars: texts(&supervisor.texts)?,
                        vkey: signer.vkey().ok_or(DemoError::Town("a supervisor's vkey"))?,
                        kid: signer.kid().to_string(),
                        jwk: signer.jwk(),
                    })
                })
                .collect::<Result<_, DemoError>>()?,
            institutions: INSTITUTIONS
                .iter()
                .map(|institution| institution_entry(seed, institution))
                .collect::<Result<_, _>>()?,
            role_holders: INSTITUTIONS.iter().flat_map(role_holders).collect(),
            citizens: CITIZENS
                .iter()
                .map(|citizen| citizen_entry(seed, ledger, citizen, base))
                .collect::<Result<_, _>>()?,
            load: LoadEntry {
                people_url: format!("{base}/demo/people"),
                requester: CHUO.into(),
                role_holder: LOAD_ROLE_HOLDER.into(),
                role: LOAD_ROLE.into(),
                process: LOAD_PROCESS.into(),
                purpose: LOAD_PURPOSE.into(),
                holder: PHARMACY.into(),
                categories: LOAD_CATEGORIES.map(str::to_owned).into(),
            },
        })
    }

    /// Writes the file, whole or not at all, readable by its owner only.
    ///
    /// # Errors
    /// [`DemoError::File`].
    pub fn write(&self, path: &Path) -> Result<(), DemoError> {
        let failed = |error| DemoError::File {
            path: path.to_owned(),
            error,
        };
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        replace_private(path, format!("{text}\n").as_bytes()).map_err(failed)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`DemoError::File`].
    pub fn read(path: &Path) -> Result<Self, DemoError> {
        let failed = |error| DemoError::File {
            path: path.to_owned(),
            error,
        };
        let bytes = std::fs::read(path).map_err(failed)?;
        serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))
    }
}

impl Urls {
    fn under(base: &str) -> Self {
        let at = |path: &str| format!("{base}{path}");
        Self {
            portal: at("/"),
            enrol: at("/enrol"),
            sign_in: at("/sign-in"),
            me: at("/me"),
            demo_sign_in: at("/demo/sign-in"),
            demo_phone: at("/demo/phone"),
            demo_mail: at("/demo/mail"),
            api: at("/v1"),
            openapi: at("/v1/openapi.json"),
            docs: at("/docs"),
            log: at("/log"),
            checkpoint: at("/log/checkpoint"),
        }
    }
}

fn institution_entry(
    seed: &Seed,
    institution: &Institution,
) -> Result<InstitutionEntry, DemoError> {
    let signer = signatory(seed, institution.id)?;
    let evidence = seed.secret("evidence", institution.id);
    Ok(InstitutionEntry {
        id: institution.id.into(),
        particulars: texts(&institution.texts)?,
        sector: institution.sector.into(),
        kid: signer.kid().to_string(),
        jwk: signer.jwk(),
        evidence_kid: evidence_kid(&evidence).to_string(),
        evidence_key: base64::url::encode(evidence.expose()),
    })
}

/// What was certified, by the names of its members.
fn texts(texts: &Texts) -> Result<BTreeMap<String, String>, DemoError> {
    let particulars = texts.particulars()?;
    let own = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    Ok(particulars.texts().map(own).collect())
}

fn role_holders(institution: &Institution) -> Vec<RoleHolderEntry> {
    let entry = |(id, role): &(&str, &str)| RoleHolderEntry {
        institution: institution.id.to_owned(),
        id: (*id).to_owned(),
        roles: vec![(*role).to_owned()],
    };
    institution.role_holders.iter().map(entry).collect()
}

fn citizen_entry(
    seed: &Seed,
    ledger: &Ledger,
    citizen: &Citizen,
    base: &str,
) -> Result<CitizenEntry, DemoError> {
    let links = citizen.links.iter().map(|id| {
        let institution = InstitutionId::parse(id).map_err(|_| DemoError::Town("an identifier"))?;
        let code = link_code(ledger, seed.subject(citizen.key), &institution)
            .ok_or(DemoError::Town("a link code"))?;
        let link_key = seed.secret("link", &link_label(citizen.key, id));
        Ok(LinkEntry {
            institution: (*id).to_owned(),
            code: code.as_str().to_owned(),
            link_key: base64::url::encode(link_key.expose()),
        })
    });
    let subject = seed.subject(citizen.key);
    let person = ledger
        .reader()
        .person(&subject)
        .ok_or(DemoError::Town("a citizen"))?;
    let history_key = ledger.reader().history_key(&person)?;
    Ok(CitizenEntry {
        key: citizen.key.into(),
        name_ja: citizen.name_ja.into(),
        name_en: citizen.name_en.into(),
        language: if citizen.english { "en" } else { "ja" }.into(),
        qid: seed.qid(citizen.key).as_str().to_owned(),
        phone: citizen.phone.into(),
        email: citizen.email.map(str::to_owned),
        recovery_code: recovery_code(seed, citizen.key).grouped(),
        history_key: history_key.to_text(),
        phone_url: format!("{base}/demo/phone/{}", citizen.phone),
        links: links.collect::<Result<_, DemoError>>()?,
    })
}
