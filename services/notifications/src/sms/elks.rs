//! 46elks: one POST per message, one POST back per report.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use reqwest::Client;
use serde::{Deserialize, Serialize};

use super::{Account, exchange};
use crate::domain::phone::PhoneNumber;
use crate::domain::report::Progress;
use crate::domain::sms_text::SmsText;
use crate::outcome::{Reason, SendOutcome};

/// Where 46elks listens; a test or the demo's inbox takes its place by setting.
const USUAL_URL: &str = "https://api.46elks.com";

/// An account at 46elks. Prints itself without its secrets.
#[derive(Clone)]
pub struct Elks {
    client: Client,
    endpoint: String,
    account: Account,
}

#[derive(Serialize)]
struct Request<'a> {
    from: &'a str,
    to: &'a str,
    message: &'a str,
    whendelivered: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    #[serde(default)]
    status: String,
    parts: Option<usize>,
}

impl Elks {
    /// An account that sends through `client` (see [`super::http_client`]).
    #[must_use]
    pub fn new(client: Client, account: Account) -> Self {
        let endpoint = account.endpoint(USUAL_URL, "/a1/sms");
        Self { client, endpoint, account }
    }

    pub(super) async fn send(
        &self,
        to: &PhoneNumber,
        text: &SmsText,
        report_url: &str,
    ) -> SendOutcome {
        let form = Request {
            from: self.account.from.as_str(),
            to: to.as_str(),
            message: text.as_str(),
            whendelivered: report_url,
        };
        let request = self
            .client
            .post(&self.endpoint)
            .basic_auth(&self.account.user, Some(self.account.password.expose()))
            .form(&form);
        match exchange(request).await {
            Ok((_, body)) => read(&body, text),
            Err(outcome) => outcome,
        }
    }
}

fn read(body: &[u8], text: &SmsText) -> SendOutcome {
    match serde_json::from_slice::<Answer>(body) {
        Ok(answer) if answer.status == "failed" => {
            SendOutcome::refused(true, Reason::RequestRefused, None)
        }
        Ok(answer) => SendOutcome::Accepted {
            provider_id: Some(answer.id),
            parts: answer.parts.unwrap_or(text.parts()),
        },
        Err(_) => SendOutcome::Unknown { reason: Reason::UnreadableAnswer },
    }
}

impl fmt::Debug for Elks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elks").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// A delivery report, as the form that 46elks posts. Answer it with 200 or 204: anything else is
/// repeated for hours, so a report about a delivery that is not known is taken and only counted.
#[derive(Debug, Clone, Deserialize)]
pub struct Report {
    /// 46elks' id of the message.
    pub id: String,
    /// `sent`, `delivered` or `failed`; others may come.
    pub status: String,
    /// When it was delivered: UTC, without a zone.
    pub delivered: Option<String>,
}

impl Report {
    /// How far the message has come; `None` for a status that this version does not know.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        match self.status.as_str() {
            "sent" => Some(Progress::Sent),
            "delivered" => Some(Progress::Delivered),
            "failed" => Some(Progress::Failed),
            _ => None,
        }
    }

    /// When the message was delivered, when that is said in a way that can be read.
    #[must_use]
    pub fn delivered_at(&self) -> Option<DateTime<Utc>> {
        let text = self.delivered.as_deref()?;
        NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f")
            .ok()
            .map(|naive| naive.and_utc())
    }
}
