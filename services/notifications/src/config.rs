//! Settings of the service.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use chassis::Secret;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use crate::domain::delivery::Provider;
use crate::sms::Account;

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
    /// Who vouches for the server's certificate, beside the authorities that browsers trust: a file
    /// of certificates in PEM.
    pub ca_file: Option<PathBuf>,
}

/// The SMS providers. Without any, nobody is told by SMS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sms {
    /// In which order they are asked, as a list or with commas between; those without settings are
    /// passed over, those that are not named are not used.
    #[serde(deserialize_with = "in_order")]
    pub order: Vec<Carrier>,
    /// An account at 46elks; `url` when it is not the usual one.
    pub elks: Option<Account>,
    /// A Kannel gateway; `url` when its smsbox is not on this machine.
    pub kannel: Option<Account>,
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

/// The links in messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Link {
    /// Where the world reaches this service: links begin so, and providers report there. Short:
    /// each character is paid for in an SMS.
    pub base_url: HttpUrl,
    /// Seals links and report addresses; at least 32 bytes, the same for all replicas.
    pub key: Secret,
    /// How long a link works, in hours of domain time.
    pub valid_hours: u32,
}

/// An address that begins with `http://` or `https://`: scheme, host, perhaps port and path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpUrl(String);

/// Why a text cannot be used as such an address. Never shows it: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an address of the form https://host, without user, question mark or fragment")]
pub struct HttpUrlError;

impl HttpUrl {
    fn of_this_machine(port: u16) -> Self {
        Self(format!("http://127.0.0.1:{port}"))
    }

    /// Without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HttpUrl {
    type Error = HttpUrlError;

    fn try_from(text: String) -> Result<Self, HttpUrlError> {
        let url = Url::parse(&text).map_err(|_| HttpUrlError)?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if is_plain { Ok(Self(text.trim_end_matches('/').to_owned())) } else { Err(HttpUrlError) }
    }
}

impl From<HttpUrl> for String {
    fn from(HttpUrl(text): HttpUrl) -> Self {
        text
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
        Self { base_url: HttpUrl::of_this_machine(8082), key: Secret::default(), valid_hours: 72 }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self { addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 8082)) }
    }
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
    fn an_address_or_a_sender_that_cannot_work_is_no_setting() {
        let link = |url: &str| serde_json::from_value::<Link>(serde_json::json!({"base_url": url}));
        assert_eq!(
            link("https://hg.se/hemgang/").unwrap().base_url.as_str(),
            "https://hg.se/hemgang"
        );
        for bad in
            ["", "hg.se", "ftp://hg.se", "https://", "https://hg.se?a=b", "https://u:p@hg.se"]
        {
            assert!(link(bad).is_err(), "{bad}");
        }
        let from = |name: &str| {
            let account = serde_json::json!({"user": "u", "password": "p", "from": name});
            serde_json::from_value::<Sms>(serde_json::json!({"elks": account}))
        };
        assert!(from("Hemgang").is_ok());
        assert!(from("Hemgång i Dalarna").is_err());
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
