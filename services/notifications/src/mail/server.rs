//! The mail server as `SMTP_URL` names it, and what its replies mean.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::outcome::{Reason, SendOutcome};

/// For one address of the server; the whole conversation has its own bound.
const CONNECT: Duration = Duration::from_secs(5);

/// Why a text cannot be used as `SMTP_URL`. Never shows it: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// No address of that form.
    #[error("not an address of the form smtp://host:port or smtps://host:port")]
    Form,
    /// A parameter other than tls, or another value for it.
    #[error("the only parameter is tls, with smtp:// only, and it is required or opportunistic")]
    Parameter,
    /// Credentials that cannot be read.
    #[error("credentials must be user:password, percent-encoded")]
    Credentials,
    /// Credentials that anybody on the way could read.
    #[error("credentials need encryption: smtps:// or ?tls=required")]
    CredentialsInTheClear,
    /// The host is no name that a certificate could be for.
    #[error("the host cannot be used with TLS")]
    TlsHost,
    /// The file of authorities cannot be read as such.
    #[error("smtp.ca_file holds no certificates in PEM")]
    Authorities,
}

/// Prints itself without its credentials.
pub(super) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    credentials: Option<Credentials>,
}

impl Server {
    pub(super) fn from_url(text: &str, authorities: Option<&[u8]>) -> Result<Self, UrlError> {
        let url = Url::parse(text).map_err(|_| UrlError::Form)?;
        let host = match url.host().ok_or(UrlError::Form)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let (tls, usual_port) = encryption(&url, &host, authorities)?;
        let credentials = credentials(&url)?;
        if credentials.is_some() && matches!(tls, Tls::None | Tls::Opportunistic(_)) {
            return Err(UrlError::CredentialsInTheClear);
        }
        let hello = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        Ok(Self { host, port: url.port().unwrap_or(usual_port), tls, hello, credentials })
    }

    /// A connection that has greeted, is encrypted as asked for, and logged in.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, SendOutcome> {
        let wrapper = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let address = (self.host.as_str(), self.port);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &self.hello, wrapper, None);
        let mut connection = step(connecting.await, Reason::AccountRefused)?;
        match &self.tls {
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                let upgrade = connection.starttls(parameters.clone(), &self.hello).await;
                step(upgrade, Reason::AccountRefused)?;
            }
            Tls::Required(parameters) => {
                let upgrade = connection.starttls(parameters.clone(), &self.hello).await;
                step(upgrade, Reason::AccountRefused)?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            let login = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            step(login, Reason::AccountRefused)?;
        }
        Ok(connection)
    }
}

fn encryption(url: &Url, host: &str, authorities: Option<&[u8]>) -> Result<(Tls, u16), UrlError> {
    let parameters = || {
        let mut builder = TlsParameters::builder(host.to_owned());
        if let Some(pem) = authorities {
            let certificate = Certificate::from_pem(pem).map_err(|_| UrlError::Authorities)?;
            builder = builder.add_root_certificate(certificate);
        }
        builder.build().map_err(|_| UrlError::TlsHost)
    };
    let asked: Vec<_> = url.query_pairs().collect();
    let asked: Vec<_> = asked.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    match (url.scheme(), asked.as_slice()) {
        ("smtp", []) => Ok((Tls::None, 25)),
        ("smtp", [("tls", "required")]) => Ok((Tls::Required(parameters()?), 587)),
        ("smtp", [("tls", "opportunistic")]) => Ok((Tls::Opportunistic(parameters()?), 587)),
        ("smtps", []) => Ok((Tls::Wrapper(parameters()?), 465)),
        ("smtp" | "smtps", _) => Err(UrlError::Parameter),
        _ => Err(UrlError::Form),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, UrlError> {
    let decoded = |part: &str| {
        let text = percent_decode_str(part).decode_utf8();
        text.map(String::from).map_err(|_| UrlError::Credentials)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => {
            Ok(Some(Credentials::new(decoded(user)?, decoded(password)?)))
        }
        _ => Err(UrlError::Credentials),
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// The reply to a command before the message, or why nothing was sent; `blame` is the reason when
/// the server refuses for good.
pub(super) fn step<T>(reply: Result<T, Error>, blame: Reason) -> Result<T, SendOutcome> {
    reply.map_err(|error| {
        refusal(&error, blame).unwrap_or(SendOutcome::refused(false, Reason::NotReached, None))
    })
}

/// The refusal that a server spoke (RFC 5321: 4yz for now, 5yz for good) or that our side speaks
/// for it when it offers no encryption or log-in; `None` when the conversation itself broke.
///
/// Trouble with our own account is never for good: somebody will mend it, and the message is still
/// wanted.
pub(super) fn refusal(error: &Error, blame: Reason) -> Option<SendOutcome> {
    let code = error.status().map(u16::from);
    if error.is_transient() {
        Some(SendOutcome::refused(false, Reason::Busy, code))
    } else if error.is_permanent() || error.is_client() {
        // RFC 4954: the server wants a log-in, another one, or encryption, whatever was said.
        let ours = matches!(code, Some(530 | 534 | 535 | 538))
            || (blame == Reason::RecipientRefused && is_about_permission(error));
        let blame = if ours { Reason::AccountRefused } else { blame };
        Some(SendOutcome::refused(blame != Reason::AccountRefused, blame, code))
    } else {
        None
    }
}

/// RFC 3463: 5.7.z is about what we may do ("relaying denied"), and not about who is to get it.
fn is_about_permission(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|said| said.to_string().starts_with("5.7."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<(String, u16, &'static str, bool), UrlError> {
        let server = Server::from_url(url, None)?;
        let tls = match server.tls {
            Tls::None => "none",
            Tls::Opportunistic(_) => "opportunistic",
            Tls::Required(_) => "required",
            Tls::Wrapper(_) => "wrapper",
        };
        Ok((server.host, server.port, tls, server.credentials.is_some()))
    }

    #[test]
    fn each_form_of_address_has_its_port_and_encryption() {
        for (url, port, tls, login) in [
            ("smtp://mail.example.se", 25, "none", false),
            ("smtp://mail.example.se:2525", 2525, "none", false),
            ("smtp://mail.example.se?tls=opportunistic", 587, "opportunistic", false),
            ("smtp://u%40x:p%2Fw@mail.example.se?tls=required", 587, "required", true),
            ("smtps://u:p@mail.example.se/hemgang.example.se", 465, "wrapper", true),
        ] {
            assert_eq!(read(url), Ok(("mail.example.se".to_owned(), port, tls, login)), "{url}");
        }
    }

    #[test]
    fn an_ipv6_host_loses_its_brackets() {
        assert_eq!(read("smtp://[::1]:25"), Ok(("::1".to_owned(), 25, "none", false)));
    }

    #[test]
    fn what_would_send_otherwise_than_meant_is_refused() {
        for (url, error) in [
            ("", UrlError::Form),
            ("mail.example.se:25", UrlError::Form),
            ("http://mail.example.se", UrlError::Form),
            ("smtp://mail.example.se?tsl=required", UrlError::Parameter),
            ("smtp://mail.example.se?tls=maybe", UrlError::Parameter),
            ("smtps://mail.example.se?tls=required", UrlError::Parameter),
            ("smtp://u@mail.example.se?tls=required", UrlError::Credentials),
            ("smtp://u:%FF@mail.example.se?tls=required", UrlError::Credentials),
            ("smtp://u:p@mail.example.se", UrlError::CredentialsInTheClear),
            ("smtp://u:p@mail.example.se?tls=opportunistic", UrlError::CredentialsInTheClear),
        ] {
            assert_eq!(read(url), Err(error), "{url}");
        }
    }

    #[test]
    fn debug_shows_no_credentials() {
        let server =
            Server::from_url("smtps://anna:hemligt@mail.example.se", None).expect("a server");
        let shown = format!("{server:?}");
        assert!(!shown.contains("anna") && !shown.contains("hemligt"), "{shown}");
    }
}
