//! Kannel's sendsms: one GET per message, one GET back per report.
//!
//! Number, text and password stand in the address, because Kannel takes them nowhere else; so the
//! gateway belongs on the same machine or a private network, and its access log is personal data.

use std::fmt;

use reqwest::{Client, StatusCode};
use serde::{Deserialize, Serialize};

use super::{Account, exchange};
use crate::domain::phone::PhoneNumber;
use crate::domain::report::Progress;
use crate::domain::sms_text::{Encoding, SmsText};
use crate::outcome::{Reason, SendOutcome};

/// Which reports we ask for: delivered (1), failed (2), taken by the SMS centre (8), refused by it
/// (16). Kannel's own queue (4) is left out: its answer to the request has said as much.
const REPORT_MASK: u8 = 1 | 2 | 8 | 16;

/// Where a smsbox on the same machine listens.
const USUAL_URL: &str = "http://127.0.0.1:13013";

/// A Kannel gateway. Prints itself without its secrets.
#[derive(Clone)]
pub struct Kannel {
    client: Client,
    endpoint: String,
    account: Account,
}

#[derive(Serialize)]
struct Query<'a> {
    username: &'a str,
    password: &'a str,
    from: &'a str,
    to: &'a str,
    text: &'a str,
    /// Always said: the documented default differs by version.
    charset: &'a str,
    coding: u8,
    #[serde(rename = "dlr-mask")]
    dlr_mask: u8,
    #[serde(rename = "dlr-url")]
    dlr_url: &'a str,
}

impl Kannel {
    /// A gateway that is reached through `client` (see [`super::http_client`]).
    #[must_use]
    pub fn new(client: Client, account: Account) -> Self {
        let endpoint = account.endpoint(USUAL_URL, "/cgi-bin/sendsms");
        Self { client, endpoint, account }
    }

    pub(super) async fn send(
        &self,
        to: &PhoneNumber,
        text: &SmsText,
        report_url: &str,
    ) -> SendOutcome {
        // Kannel puts the status where it finds %d.
        let dlr_url = format!("{report_url}?status=%d");
        let query = Query {
            username: &self.account.user,
            password: self.account.password.expose(),
            from: self.account.from.as_str(),
            to: to.as_str(),
            text: text.as_str(),
            charset: "UTF-8",
            coding: match text.encoding() {
                Encoding::Gsm7 => 0,
                Encoding::Ucs2 => 2,
            },
            dlr_mask: REPORT_MASK,
            dlr_url: &dlr_url,
        };
        match exchange(self.client.get(&self.endpoint).query(&query)).await {
            Ok((status, body)) => read(status, &body, text),
            Err(outcome) => outcome,
        }
    }
}

/// `0: Accepted for delivery`, or `3: Queued for later delivery` while the operator is away.
/// Any other answer may come from a proxy that stands before the gateway.
fn read(status: StatusCode, body: &[u8], text: &SmsText) -> SendOutcome {
    let taken = body.starts_with(b"0:") || body.starts_with(b"3:");
    if taken && matches!(status, StatusCode::OK | StatusCode::ACCEPTED) {
        SendOutcome::Accepted { provider_id: None, parts: text.parts() }
    } else {
        SendOutcome::Unknown { reason: Reason::UnreadableAnswer }
    }
}

impl fmt::Debug for Kannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kannel").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// A delivery report, as the query of Kannel's GET.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Report {
    /// Kannel's status bit.
    pub status: u16,
}

impl Report {
    /// How far the message has come; `None` for a status that this version does not know.
    #[must_use]
    pub const fn progress(self) -> Option<Progress> {
        match self.status {
            1 => Some(Progress::Delivered),
            2 | 16 => Some(Progress::Failed),
            4 => Some(Progress::Accepted),
            8 => Some(Progress::Sent),
            _ => None,
        }
    }
}
