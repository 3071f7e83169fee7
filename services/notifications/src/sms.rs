//! SMS through a provider over HTTP.
//!
//! No provider takes an idempotency key, so an attempt is written down before it is made, and the
//! art is to tell *certainly not sent* from *nobody knows* afterwards:
//!
//! | what happens | outcome |
//! |---|---|
//! | no connection (name, route, refusal, TLS, 3 s) | refused for now: nothing was sent |
//! | no answer within 5 s, or cut off, once connected | unknown: the request may have been read |
//! | a yes that can be read | accepted |
//! | a yes that cannot be read | unknown |
//! | 3xx | refused for now: numbers go nowhere but where the operator said |
//! | 401, 402, 403, 404, 405, 407 | refused for now: our account or set-up, which somebody mends |
//! | 408, 503 | refused for now: by its meaning the request was not handled |
//! | 429 | refused for now: too fast |
//! | other 4xx | refused for good: number or text |
//! | other 5xx | unknown: it broke with the message in its hands |
//!
//! Nothing here logs, and no error of the HTTP client is ever shown: it prints the address, and
//! Kannel's holds number and text.

use std::time::Duration;

use chassis::Secret;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize};

use crate::config::HttpUrl;
use crate::domain::phone::PhoneNumber;
use crate::domain::sender_name::SenderName;
use crate::domain::sms_text::SmsText;
use crate::outcome::{Reason, SendOutcome};

pub mod elks;
pub mod kannel;

/// An account at a provider, as it is set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Scheme, host and port; the provider's usual ones when absent.
    #[serde(default)]
    pub url: Option<HttpUrl>,
    /// The user name, 46elks' for its API, Kannel's for sendsms.
    #[serde(alias = "username")]
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// The sender that telephones show, as far as the operator lets it.
    pub from: SenderName,
}

impl Account {
    /// The address of a page of the provider.
    fn endpoint(&self, usual: &str, path: &str) -> String {
        format!("{}{path}", self.url.as_ref().map_or(usual, HttpUrl::as_str))
    }
}

/// Shorter than [`ANSWER`], so that a connection that never came is known as such.
const CONNECT: Duration = Duration::from_secs(3);

/// From the beginning of the request to the end of the answer.
const ANSWER: Duration = Duration::from_secs(5);

/// More than any provider has to say; the rest of a longer answer is not read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A provider of SMS as it is set up.
#[derive(Debug, Clone)]
pub enum Provider {
    /// 46elks, in the cloud.
    Elks(elks::Elks),
    /// A Kannel gateway of one's own.
    Kannel(kannel::Kannel),
}

impl Provider {
    /// Sends one text. Reports about it will be sent to `report_url`, whose last part is the
    /// attempt's own token (see [`crate::domain::report::sign`]).
    pub async fn send(&self, to: &PhoneNumber, text: &SmsText, report_url: &str) -> SendOutcome {
        match self {
            Self::Elks(elks) => elks.send(to, text, report_url).await,
            Self::Kannel(kannel) => kannel.send(to, text, report_url).await,
        }
    }

    /// The provider's name in attempts, metrics and addresses.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Elks(_) => "elks",
            Self::Kannel(_) => "kannel",
        }
    }
}

/// The HTTP client that all providers share.
pub fn http_client() -> reqwest::Result<Client> {
    client(ANSWER)
}

fn client(answer: Duration) -> reqwest::Result<Client> {
    // The client is built without a choice of cryptography and takes the process's; whoever
    // installed it first, it is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(answer)
        .redirect(Policy::none())
        .user_agent(concat!("hemgang/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Makes the request; the status and text of a yes, or what else became of it.
async fn exchange(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), SendOutcome> {
    let mut response = request.send().await.map_err(|error| failed(&error))?;
    let status = response.status();
    if !status.is_success() {
        return Err(refused(status));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            return Err(SendOutcome::Unknown { reason: Reason::UnreadableAnswer });
        }
    }
    Ok((status, body))
}

fn failed(error: &reqwest::Error) -> SendOutcome {
    if error.is_builder() {
        SendOutcome::refused(true, Reason::RequestRefused, None)
    } else if error.is_connect() {
        SendOutcome::refused(false, Reason::NotReached, None)
    } else if error.is_timeout() {
        SendOutcome::Unknown { reason: Reason::Timeout }
    } else {
        SendOutcome::Unknown { reason: Reason::ConnectionLost }
    }
}

fn refused(status: StatusCode) -> SendOutcome {
    let (permanent, reason) = match status.as_u16() {
        300..=399 => (false, Reason::Redirected),
        401..=405 | 407 => (false, Reason::AccountRefused),
        408 | 503 => (false, Reason::Busy),
        429 => (false, Reason::Throttled),
        400..=499 => (true, Reason::RequestRefused),
        _ => {
            return SendOutcome::Unknown { reason: Reason::ServerError };
        }
    };
    SendOutcome::refused(permanent, reason, Some(status.as_u16()))
}

#[cfg(test)]
mod tests;
