//! Settings: a flag goes before the environment, that before the file, that before the default.
//!
//! The names of the ecosystem (`DATABASE_URL`, `NATS_URL`, `SMTP_URL`, `RUST_LOG`) are understood
//! as they are; every other setting is `HEMGANG_<SECTION>__<KEY>`. A name with `_FILE` appended
//! names a file that holds the value, for secrets. A setting that does not exist is an error.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::db::Database;
use crate::telemetry::Log;

/// A value that does not print itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value. Named so that a reviewer finds every use.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// No value was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Secret {
    /// Masked: what is printed of settings is printed by serializing them.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(if self.0.is_empty() { "" } else { "***" })
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// A password of digits arrives from the environment as a number.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(from)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(serde::de::Error::custom("must be a text")),
        }
    }
}

/// The sections that every service has.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Common {
    /// The service's database.
    pub database: Database,
    /// The broker.
    pub nats: Nats,
    /// Probes and metrics.
    pub probes: Probes,
    /// Logs.
    pub log: Log,
    /// The domain clock.
    pub clock: ClockSettings,
}

/// The broker.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nats {
    /// `NATS_URL`, with user and password where the broker asks for them.
    pub url: Secret,
    /// A credentials file, where the broker asks for one.
    pub credentials: Option<PathBuf>,
}

impl Default for Nats {
    fn default() -> Self {
        Self { url: Secret::new("nats://127.0.0.1:4222"), credentials: None }
    }
}

/// Probes and metrics.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Probes {
    /// Where to listen; the service's own port when absent; port 0 takes a free one.
    pub addr: Option<std::net::SocketAddr>,
}

/// The domain clock.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClockSettings {
    /// A clock file instead of the system clock. Refused unless `demo` is set as well.
    pub file: Option<PathBuf>,
    /// This is the demo: time may run fast.
    pub demo: bool,
}

/// Settings of one service.
#[derive(Clone, Debug)]
pub struct Settings<S> {
    /// The sections that every service has.
    pub common: Common,
    /// The service's own sections.
    pub service: S,
}

/// The settings are unusable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A source could not be read.
    #[error("read the settings")]
    Read(#[from] config::ConfigError),
    /// A file named by a `…_FILE` variable could not be read.
    #[error("read the file that {name} names, {path}")]
    SecretFile {
        /// The variable.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A setting is wrong or does not exist.
    #[error("setting {key}: {message}")]
    Setting {
        /// Its name, `section.key`.
        key: String,
        /// What is wrong with it.
        message: String,
    },
}

/// The ecosystem's names, and ours for the same setting.
const KNOWN_NAMES: [(&str, &str); 4] = [
    ("DATABASE_URL", "database.url"),
    ("NATS_URL", "nats.url"),
    ("SMTP_URL", "smtp.url"),
    ("RUST_LOG", "log.level"),
];

/// Reads the settings of a service from file, environment and `section.key=value` flags.
pub fn load<S>(file: Option<&Path>, flags: &[String]) -> Result<Settings<S>, ConfigError>
where
    S: Serialize + DeserializeOwned + Default,
{
    let environment = std::env::vars().collect();
    load_from(file, environment, flags)
}

fn load_from<S>(
    file: Option<&Path>,
    environment: HashMap<String, String>,
    flags: &[String],
) -> Result<Settings<S>, ConfigError>
where
    S: Serialize + DeserializeOwned + Default,
{
    let own = serde_json::to_value(S::default()).unwrap_or_default();
    let mut builder = config::Config::builder();
    if let Some(path) = file {
        builder = builder.add_source(config::File::from(path).format(config::FileFormat::Toml));
    }
    for (key, value) in from_environment(environment)? {
        // SMTP_URL may be set on a machine where services run that send no mail.
        let section = key.split('.').next().unwrap_or_default();
        let foreign = KNOWN_NAMES.iter().any(|(_, known)| *known == key)
            && own.get(section).is_none()
            && !COMMON.contains(&section);
        if !foreign {
            builder = builder.set_override(&key, typed(&value))?;
        }
    }
    for flag in flags {
        let (key, value) = flag.split_once('=').ok_or_else(|| ConfigError::Setting {
            key: flag.clone(),
            message: "must be section.key=value".to_owned(),
        })?;
        builder = builder.set_override(key, typed(value))?;
    }
    let mut all: serde_json::Map<String, serde_json::Value> =
        builder.build()?.try_deserialize().map_err(ConfigError::Read)?;
    let common = COMMON.iter().filter_map(|name| all.remove_entry(*name)).collect();
    Ok(Settings { common: section(common)?, service: section(all)? })
}

const COMMON: [&str; 5] = ["database", "nats", "probes", "log", "clock"];

fn section<T: DeserializeOwned>(
    values: serde_json::Map<String, serde_json::Value>,
) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(serde_json::Value::Object(values)).map_err(|error| {
        ConfigError::Setting { key: error.path().to_string(), message: error.inner().to_string() }
    })
}

/// The environment's settings as `section.key` pairs, with the content of `…_FILE` files.
fn from_environment(
    environment: HashMap<String, String>,
) -> Result<Vec<(String, String)>, ConfigError> {
    let mut settings = Vec::new();
    for (name, value) in environment {
        let from_file = name.strip_suffix("_FILE").filter(|rest| !rest.ends_with('_'));
        let Some(key) = key_of(from_file.unwrap_or(&name)) else {
            continue;
        };
        let value = match from_file {
            None => value,
            Some(_) => std::fs::read_to_string(&value)
                .map_err(|source| ConfigError::SecretFile { name, path: value.into(), source })?
                .trim_end_matches(['\r', '\n'])
                .to_owned(),
        };
        settings.push((key, value));
    }
    Ok(settings)
}

fn key_of(name: &str) -> Option<String> {
    if let Some((_, key)) = KNOWN_NAMES.iter().find(|(known, _)| *known == name) {
        return Some((*key).to_owned());
    }
    let (section, key) = name.strip_prefix("HEMGANG_")?.split_once("__")?;
    Some(format!("{}.{}", section.to_lowercase(), key.to_lowercase().replace("__", ".")))
}

/// `true`, `12` and `1.5` are what they look like; everything else is a text.
fn typed(value: &str) -> config::Value {
    let kind = match value {
        "true" => config::ValueKind::Boolean(true),
        "false" => config::ValueKind::Boolean(false),
        text => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) if number.to_string() == text => config::ValueKind::I64(number),
            (Err(_), Ok(number)) if number.is_finite() && text.contains('.') => {
                config::ValueKind::Float(number)
            }
            _ => config::ValueKind::String(text.to_owned()),
        },
    };
    config::Value::new(None, kind)
}

impl<S: Serialize> Settings<S> {
    /// What is in force, as a settings file, with secrets masked.
    #[must_use]
    pub fn shown(&self) -> String {
        let show = |text: Result<String, toml::ser::Error>| text.unwrap_or_else(|e| e.to_string());
        let common = show(toml::to_string(&self.common));
        let service = show(toml::to_string(&self.service));
        format!("{common}\n{service}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Own {
        sms: Sms,
    }

    #[derive(Debug, Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sms {
        password: Secret,
        parts: u32,
    }

    fn environment(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_file() {
        let file = file("[sms]\nparts = 1\n[database]\nmax_connections = 3\n[nats]\nurl = 'a'\n");
        let environment = environment(&[("HEMGANG_SMS__PARTS", "2"), ("NATS_URL", "b")]);
        let flags = ["sms.parts=3".to_owned()];
        let settings: Settings<Own> = load_from(Some(file.path()), environment, &flags).unwrap();
        assert_eq!(settings.service.sms.parts, 3);
        assert_eq!(settings.common.nats.url.expose(), "b");
        assert_eq!(settings.common.database.max_connections, 3);
    }

    #[test]
    fn a_secret_is_read_from_the_file_that_is_named() {
        let file = file("12345\n");
        let path = file.path().to_str().unwrap();
        let environment = environment(&[("HEMGANG_SMS__PASSWORD_FILE", path)]);
        let settings: Settings<Own> = load_from(None, environment, &[]).unwrap();
        assert_eq!(settings.service.sms.password.expose(), "12345");
        assert!(!settings.shown().contains("12345"));
        assert!(!format!("{settings:?}").contains("12345"));
    }

    #[test]
    fn a_setting_that_does_not_exist_is_named_in_the_error() {
        let environment = environment(&[("HEMGANG_SMS__PASSWROD", "x")]);
        let error = load_from::<Own>(None, environment, &[]).unwrap_err().to_string();
        assert!(error.contains("sms") && error.contains("passwrod"), "{error}");
    }

    #[test]
    fn a_setting_of_another_service_in_the_ecosystems_name_is_passed_over() {
        let environment = environment(&[("SMTP_URL", "smtp://localhost")]);
        assert!(load_from::<Own>(None, environment, &[]).is_ok());
    }
}
