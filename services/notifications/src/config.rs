//! Settings of the service.

use std::net::{Ipv4Addr, SocketAddr};

use chassis::Secret;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::delivery::Provider;
use crate::sms::elks::DEFAULT_BASE;

/// All of them, by section.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Own {
    /// The mail server.
    pub smtp: Smtp,
    /// The SMS providers.
    pub sms: Sms,
    /// The links in messages.
    pub link: Link,
    /// The page behind them, and the providers' reports.
    pub http: Http,
}

/// The mail server.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// `SMTP_URL`, such as `smtp://user:password@mail.example.se:587?tls=required`.
    pub url: Secret,
    /// Who writes: `name@domain` or `Name <name@domain>`.
    pub from: String,
    /// Where answers go, when not there.
    pub reply_to: Option<String>,
}

/// The SMS providers. Without any, nobody is told by SMS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// In which order they are asked, as a list or with commas between; those without settings are
    /// passed over, those that are not named are not used.
    #[serde(deserialize_with = "in_order")]
    pub order: Vec<Carrier>,
    /// An account at 46elks.
    pub elks: Option<Elks>,
    /// A Kannel gateway.
    pub kannel: Option<Kannel>,
}

/// A provider of SMS, as settings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// 46elks.
    Elks,
    /// Kannel.
    Kannel,
}

impl From<Carrier> for Provider {
    fn from(carrier: Carrier) -> Self {
        match carrier {
            Carrier::Elks => Self::Elks,
            Carrier::Kannel => Self::Kannel,
        }
    }
}

/// An account at 46elks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elks {
    /// Scheme, host and port.
    #[serde(default = "elks_url")]
    pub url: String,
    /// API user name.
    pub user: String,
    /// API password.
    pub password: Secret,
    /// The sender that telephones show: up to eleven letters and digits, or a number.
    pub from: String,
}

/// A Kannel gateway.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kannel {
    /// Scheme, host and port of the smsbox.
    pub url: String,
    /// The sendsms user.
    pub username: String,
    /// Its password.
    pub password: Secret,
    /// The sender that telephones show.
    pub from: String,
}

/// The links in messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Link {
    /// Where the world reaches this service: links begin so, and providers report there. Short:
    /// each character is paid for in an SMS.
    pub base_url: String,
    /// Seals links and report addresses; at least 32 bytes, the same for all replicas.
    pub key: Secret,
    /// How long a link works, in hours of domain time.
    pub valid_hours: u32,
}

/// The page behind links, and the providers' reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
}

impl Default for Sms {
    fn default() -> Self {
        Self { order: vec![Carrier::Elks, Carrier::Kannel], elks: None, kannel: None }
    }
}

impl Default for Link {
    fn default() -> Self {
        Self {
            base_url: "http://127.0.0.1:8082".to_owned(),
            key: Secret::default(),
            valid_hours: 72,
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self { addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 8082)) }
    }
}

fn elks_url() -> String {
    DEFAULT_BASE.to_owned()
}

/// An environment variable holds no list.
fn in_order<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Carrier>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Order {
        List(Vec<Carrier>),
        Text(String),
    }
    match Order::deserialize(from)? {
        Order::List(list) => Ok(list),
        Order::Text(text) => text
            .split(',')
            .map(|name| match name.trim() {
                "elks" => Ok(Carrier::Elks),
                "kannel" => Ok(Carrier::Kannel),
                _ => Err(serde::de::Error::custom("must be elks, kannel or both")),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_providers_is_a_list_or_a_text_with_commas() {
        for text in [r#"{"order": ["kannel", "elks"]}"#, r#"{"order": "kannel, elks"}"#] {
            let sms: Sms = serde_json::from_str(text).unwrap();
            assert_eq!(sms.order, [Carrier::Kannel, Carrier::Elks]);
        }
        assert!(serde_json::from_str::<Sms>(r#"{"order": "telex"}"#).is_err());
    }

    #[test]
    fn settings_do_not_print_what_is_secret() {
        let own: Own = serde_json::from_value(serde_json::json!({
            "smtp": {"url": "smtps://u:hemligt@mail.example.se", "from": "hemgang@example.se"},
            "sms": {"elks": {"user": "u", "password": "hemligt", "from": "Hemgang"}},
            "link": {"key": "hemligt"},
        }))
        .unwrap();
        let shown = serde_json::to_string(&own).unwrap();
        assert!(!shown.contains("hemligt") && !format!("{own:?}").contains("hemligt"));
    }
}
