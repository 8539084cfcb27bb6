//! What an institution or a supervisor is called and how people reach it, as an operator writes it
//! down: a TOML file that goes from supervisor to supervisor, so that all sign the same.
//!
//! ```toml
//! name_ja = "中央病院"
//! name_kana = "ちゅうおうびょういん"
//! name_en = "Chuo Hospital"
//! telephone = "+81-55-000-1201"
//! email = "kojin-joho@hospital.example"
//! hours_ja = "平日8時30分〜17時15分"
//! hours_en = "Weekdays 8:30-17:15"
//! address_ja = "ひなた県ひなた市中央一丁目1番1号"
//! address_en = "1-1-1 Chuo, Hinata City"
//! web = "https://hospital.example/"    # may be left out
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::particulars::Particulars;
use clap::Args;
use toml::{Table, Value};

/// Where particulars come from: a file, and over it single arguments.
#[derive(Clone, Debug, Default, Args)]
pub struct ParticularsArgs {
    /// Names, telephone, e-mail, hours, address and web page, in a TOML file
    #[arg(long, value_name = "FILE")]
    pub particulars: Option<PathBuf>,
    /// Its name in Japanese, over the file's
    #[arg(long)]
    pub name_ja: Option<String>,
    /// How that is read, in hiragana
    #[arg(long)]
    pub name_kana: Option<String>,
    /// Its name in English
    #[arg(long)]
    pub name_en: Option<String>,
    /// Its telephone number for questions: `+81-55-000-1201`
    #[arg(long)]
    pub telephone: Option<String>,
    /// Where it is told what is done to its keys: `kojin-joho@hospital.example`
    #[arg(long)]
    pub email: Option<String>,
    /// When somebody answers, in Japanese
    #[arg(long)]
    pub hours_ja: Option<String>,
    /// When somebody answers, in English
    #[arg(long)]
    pub hours_en: Option<String>,
    /// Where it is, in Japanese
    #[arg(long)]
    pub address_ja: Option<String>,
    /// Where it is, in English
    #[arg(long)]
    pub address_en: Option<String>,
    /// Its web page, if it has one: `https://hospital.example/`
    #[arg(long)]
    pub web: Option<String>,
}

/// Why there are no particulars.
#[derive(Debug, thiserror::Error)]
pub enum ParticularsError {
    /// The file cannot be read.
    #[error("`{path}`: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not TOML.
    #[error("`{path}`: {error}")]
    Syntax {
        /// Which.
        path: PathBuf,
        /// Where and what.
        error: toml::de::Error,
    },
    /// One of them is missing, unfit, or none.
    #[error(transparent)]
    Field(#[from] Fault),
}

impl ParticularsArgs {
    /// Puts them together.
    ///
    /// # Errors
    /// [`ParticularsError`] naming the first that is missing or unfit.
    pub fn read(&self) -> Result<Particulars, ParticularsError> {
        let mut table = match &self.particulars {
            Some(path) => file(path)?,
            None => Table::new(),
        };
        for (name, argument) in self.arguments() {
            if let Some(text) = argument {
                table.insert(name.to_owned(), Value::String(text.clone()));
            }
        }
        Ok(take_all(table)?)
    }

    const fn arguments(&self) -> [(&'static str, &Option<String>); 10] {
        [
            ("name_ja", &self.name_ja),
            ("name_kana", &self.name_kana),
            ("name_en", &self.name_en),
            ("telephone", &self.telephone),
            ("email", &self.email),
            ("hours_ja", &self.hours_ja),
            ("hours_en", &self.hours_en),
            ("address_ja", &self.address_ja),
            ("address_en", &self.address_en),
            ("web", &self.web),
        ]
    }
}

fn file(path: &Path) -> Result<Table, ParticularsError> {
    let text = fs::read_to_string(path).map_err(|error| ParticularsError::File {
        path: path.to_owned(),
        error,
    })?;
    toml::from_str(&text).map_err(|error| ParticularsError::Syntax {
        path: path.to_owned(),
        error,
    })
}

/// The particulars of a table that holds nothing else.
///
/// # Errors
/// A [`Fault`] naming the first member that is missing, unfit or unknown.
pub fn take_all(mut table: Table) -> Result<Particulars, Fault> {
    let particulars = Particulars::read(|name| take_text(&mut table, name))?;
    match table.keys().next() {
        None => Ok(particulars),
        Some(name) => {
            let (expected, found) = ("no such member", "one");
            Err(Fault::new(FaultCode::UnknownMember, name, expected, found))
        }
    }
}

/// Takes one text out of the table, if it is there.
///
/// # Errors
/// A [`Fault`] where it is no text.
pub fn take_text(table: &mut Table, name: &'static str) -> Result<Option<String>, Fault> {
    match table.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => {
            let found = format!("{} {}", article(&other), other.type_str());
            Err(Fault::new(
                FaultCode::BadMember,
                name,
                "a text in quotes",
                found,
            ))
        }
    }
}

const fn article(value: &Value) -> &'static str {
    match value {
        Value::Integer(_) | Value::Array(_) => "an",
        Value::String(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Table(_) => "a",
    }
}

/// Shows on the screen what is about to be signed: a supervisor signs what it has read.
pub fn show(particulars: &Particulars) {
    for (name, text) in particulars.texts() {
        println!("{name:<11} {text}");
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A file of particulars in this folder.
    pub(crate) fn written(folder: &Path) -> PathBuf {
        let texts = akashi_actors::particulars("中央病院", "Chuo Hospital");
        let lines: String = texts
            .texts()
            .map(|(name, text)| format!("{name} = {text:?}\n"))
            .collect();
        let path = folder.join("particulars.toml");
        fs::write(&path, lines).unwrap();
        path
    }

    #[test]
    fn an_argument_goes_over_the_file_and_the_rest_stands() {
        let folder = tempfile::tempdir().unwrap();
        let args = ParticularsArgs {
            particulars: Some(written(folder.path())),
            telephone: Some("+81-55-000-4321".into()),
            ..ParticularsArgs::default()
        };
        let read = args.read().unwrap();
        assert_eq!(read.telephone.as_str(), "+81-55-000-4321");
        assert_eq!(read.name_ja.as_str(), "中央病院");
    }

    #[test]
    fn what_is_missing_unfit_or_unknown_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let honest = fs::read_to_string(&path).unwrap();
        let args = || ParticularsArgs {
            particulars: Some(path.clone()),
            ..ParticularsArgs::default()
        };
        for (from, to, said) in [
            (
                "name_kana",
                "#name_kana",
                "`name_kana`: expected a text, found nothing",
            ),
            ("+81-55", "055", "`telephone`: expected a telephone number"),
            (
                "web = ",
                "website = ",
                "`website`: expected no such member, found one",
            ),
            (
                "web = \"",
                "web = 7 #",
                "`web`: expected a text in quotes, found an integer",
            ),
            ("web = \"", "web = ", "particulars.toml`:"),
        ] {
            fs::write(&path, honest.replace(from, to)).unwrap();
            let error = args().read().unwrap_err().to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
        let nowhere = ParticularsArgs::default().read().unwrap_err();
        assert!(nowhere.to_string().contains("`name_ja`"));
    }
}
