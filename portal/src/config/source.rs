//! Where settings come from: the file, then the environment, then flags; the later wins.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::config::Config;
use crate::config::keys::{self, KEYS, Key, Kind};

/// Why settings could not be read. A value is never repeated: it may be a secret at a wrong place.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("config file `{path}`: {error}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not TOML.
    #[error("config file `{path}`: line {line}: {what}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// There is no such setting.
    #[error("there is no setting `{name}` ({place}); docs/akashi.example.toml lists all")]
    Unknown {
        /// As it was written.
        name: String,
        /// Where it was written.
        place: &'static str,
    },
    /// A value of another kind.
    #[error("setting `{name}` ({place}): expected {expected}")]
    Value {
        /// Which setting.
        name: &'static str,
        /// Where it was written.
        place: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// `--set` without `=`.
    #[error("--set: expected `section.name=value`")]
    Assignment,
    /// The settings together are not complete, or one is not what it must be.
    #[error("settings: {0}")]
    Settings(String),
}

impl ConfigError {
    /// Says, where no file was named, that one is usually meant.
    pub fn without_file(self, none_was_named: bool) -> Self {
        match self {
            Self::Settings(what) if none_was_named => Self::Settings(format!(
                "{what} (no file was named: `--config FILE`, see docs/akashi.example.toml)"
            )),
            other => other,
        }
    }
}

/// Settings on their way.
#[derive(Clone, Debug, Default)]
pub struct Settings(Table);

impl Settings {
    /// Reads the file; nothing where there is none.
    ///
    /// # Errors
    /// [`ConfigError`] with the file and line.
    pub fn from_file(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
            path: path.to_owned(),
            error,
        })?;
        Self::from_toml(&text).map_err(|(line, what)| ConfigError::Syntax {
            path: path.to_owned(),
            line,
            what,
        })
    }

    fn from_toml(text: &str) -> Result<Self, (usize, String)> {
        toml::from_str::<Table>(text).map(Self).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
            (line, error.message().to_owned())
        })
    }

    /// Takes what the environment says.
    ///
    /// # Errors
    /// [`ConfigError`] for a value of another kind, or a variable that begins like a setting and is
    /// none.
    pub fn with_environment(
        mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        const PLACE: &str = "environment";
        for (name, value) in variables {
            match KEYS.iter().find(|key| key.variable() == name) {
                Some(key) => self.assign(key, &value, PLACE)?,
                None if is_misspelt(&name) => {
                    return Err(ConfigError::Unknown { name, place: PLACE });
                }
                None => {}
            }
        }
        Ok(self)
    }

    /// Takes what `--set section.name=value` says.
    ///
    /// # Errors
    /// [`ConfigError`] for what is no such setting or value.
    pub fn with_assignments(mut self, assignments: &[String]) -> Result<Self, ConfigError> {
        const PLACE: &str = "--set";
        for assignment in assignments {
            let (name, value) = assignment.split_once('=').ok_or(ConfigError::Assignment)?;
            let unknown = || ConfigError::Unknown {
                name: name.to_owned(),
                place: PLACE,
            };
            self.assign(keys::find(name).ok_or_else(unknown)?, value, PLACE)?;
        }
        Ok(self)
    }

    fn assign(
        &mut self,
        key: &'static Key,
        text: &str,
        place: &'static str,
    ) -> Result<(), ConfigError> {
        let bad = |expected| ConfigError::Value {
            name: key.name,
            place,
            expected,
        };
        let value = match key.kind {
            Kind::Text => Value::String(text.to_owned()),
            Kind::Number => Value::Integer(text.parse().map_err(|_| bad("a whole number"))?),
            Kind::Switch => Value::Boolean(text.parse().map_err(|_| bad("`true` or `false`"))?),
            Kind::Tables => return Err(bad("it in the config file only")),
            Kind::Texts => {
                let items = text
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty());
                Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
            }
        };
        let (section, name) = key.parts();
        let section = self
            .0
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()));
        section
            .as_table_mut()
            .ok_or_else(|| bad("a section"))?
            .insert(name.to_owned(), value);
        Ok(())
    }

    /// The settings, complete and each of its kind.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first that is not.
    pub fn finish(self) -> Result<Config, ConfigError> {
        for (section, content) in &self.0 {
            let Some(content) = content.as_table() else {
                return Err(ConfigError::Unknown {
                    name: section.clone(),
                    place: "config file",
                });
            };
            for name in content.keys() {
                let name = format!("{section}.{name}");
                if keys::find(&name).is_none() {
                    return Err(ConfigError::Unknown {
                        name,
                        place: "config file",
                    });
                }
            }
        }
        serde_path_to_error::deserialize(Value::Table(self.0)).map_err(|error| {
            let name = error.path().to_string();
            let what = error.into_inner().message().to_owned();
            // At the top there is no name but the one the message has.
            ConfigError::Settings(match name.as_str() {
                "." => what,
                _ => format!("`{name}`: {what}"),
            })
        })
    }
}

/// A variable that begins like one of a section's, but is none: a spelling mistake, not somebody
/// else's variable.
fn is_misspelt(name: &str) -> bool {
    KEYS.iter()
        .any(|key| name.starts_with(&format!("AKASHI_{}_", key.parts().0.to_uppercase())))
}

#[cfg(test)]
mod tests {
    use akashi_api::proxies::{Proxies, Style};

    use super::*;

    const LEAST: &str = "[ledger]\norigin = \"a.example/log\"\ndata = \"d\"\nkeys = \"k\"\ncontacts = \"c\"\n[policy]\n";

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn flags_win_over_environment_and_environment_over_the_file() {
        let text = format!(
            "{LEAST}[server]\nlisten = \"127.0.0.1:1\"\nrequest_seconds = 1\nproxy_header = \"forwarded\"\n"
        );
        let config = Settings::from_toml(&text)
            .unwrap()
            .with_environment(variables(&[
                ("AKASHI_SERVER_LISTEN", "127.0.0.1:2"),
                ("AKASHI_SERVER_REQUEST_SECONDS", "2"),
            ]))
            .unwrap()
            .with_assignments(&[
                "server.listen=127.0.0.1:3".into(),
                "server.trusted_proxies=10.0.0.0/8, ::1".into(),
            ])
            .unwrap()
            .finish()
            .unwrap();
        assert_eq!(config.server.listen.port(), 3);
        assert_eq!(config.server.request_seconds, 2);
        let expected = Proxies::parse(&["10.0.0.0/8", "::1"], Style::Forwarded).unwrap();
        assert_eq!(config.server.proxies(), expected);
        assert_eq!(config.ledger.time_zone, "Asia/Tokyo");
    }

    #[test]
    fn what_is_misspelt_is_refused_by_name_and_values_are_not_repeated() {
        let settings = || Settings::from_toml(LEAST).unwrap();
        let error = settings()
            .with_environment(variables(&[("AKASHI_SERVER_LISTN", "secret")]))
            .unwrap_err();
        assert!(
            error.to_string().contains("AKASHI_SERVER_LISTN")
                && !error.to_string().contains("secret")
        );
        assert!(
            settings()
                .with_environment(variables(&[("AKASHI_BIN", "x"), ("PATH", "y")]))
                .is_ok()
        );
        let error = settings()
            .with_assignments(&["limits.pages_per_minute=secret".into()])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "setting `limits.pages_per_minute` (--set): expected a whole number"
        );
        let error = Settings::from_toml(&format!("{LEAST}pac = 1\n"))
            .unwrap()
            .finish()
            .unwrap_err();
        assert!(error.to_string().contains("`policy.pac`"), "{error}");
        let error = Settings::from_toml("a = 1\nb = \"\n").unwrap_err();
        assert_eq!(error.0, 2);
    }

    #[test]
    fn every_wrong_setting_is_named_and_not_repeated() {
        for (name, value, expected) in [
            ("server.listen", "secret", "socket address"),
            ("server.metrics_listen", "secret", "socket address"),
            (
                "server.trusted_proxies",
                "10.0.0.1,secret",
                "entry 2: expected an address",
            ),
            (
                "server.trusted_proxies",
                "0.0.0.0/0",
                "entry 1: expected a range no wider",
            ),
            (
                "server.proxy_header",
                "via",
                "`x-forwarded-for` or `forwarded`",
            ),
            ("log.format", "xml", "`text` or `json`"),
            ("limits.log_per_minute", "-1", "u32"),
        ] {
            let settings = Settings::from_toml(LEAST).unwrap();
            let assigned = settings.with_assignments(&[format!("{name}={value}")]);
            let error = assigned.unwrap().finish().unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(expected), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_list_of_keys_and_the_structs_agree() {
        let mut sections: Vec<&str> = KEYS.iter().map(|key| key.parts().0).collect();
        sections.dedup();
        for section in sections {
            // serde names every member it knows when it meets one it does not.
            let mut table = Settings::from_toml(LEAST).unwrap().0;
            table.insert(
                section.to_owned(),
                Value::Table(Table::from_iter([("?".to_owned(), Value::Integer(1))])),
            );
            let error = Value::Table(table)
                .try_into::<Config>()
                .unwrap_err()
                .to_string();
            for key in KEYS.iter().filter(|key| key.parts().0 == section) {
                assert!(
                    error.contains(&format!("`{}`", key.parts().1)),
                    "{} is not in the struct: {error}",
                    key.name
                );
            }
            let known = error
                .lines()
                .next()
                .unwrap_or_default()
                .matches('`')
                .count()
                / 2
                - 1;
            let listed = KEYS.iter().filter(|key| key.parts().0 == section).count();
            assert_eq!(
                known, listed,
                "section {section} has settings the list does not know: {error}"
            );
        }
    }

    #[test]
    fn the_example_is_complete_and_parses() {
        let example = include_str!("../../../docs/akashi.example.toml");
        // Optional settings stand there commented out: `#name = value`.
        let all: String = example
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') && rest.contains(" = ") => rest,
                _ => line,
            })
            .map(|line| format!("{line}\n"))
            .collect();
        for text in [example, &all] {
            Settings::from_toml(text).unwrap().finish().unwrap();
        }
        let Ok(Settings(table)) = Settings::from_toml(&all) else {
            panic!()
        };
        for key in KEYS {
            let (section, name) = key.parts();
            assert!(
                table[section].get(name).is_some(),
                "{} is not in the example",
                key.name
            );
        }
    }
}
