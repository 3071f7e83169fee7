//! The HTTP API of 46elks, as far as sending goes.

use super::{Incoming, refusal, take};
use crate::sinks::behaviour::{Outcome, Provider};
use crate::sinks::{Credentials, Sinks};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Form, Json};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::json;
use std::time::SystemTime;

/// 46elks counts in 1/10000 of the account's currency.
const COST_PER_PART: usize = 3_500;

#[derive(Deserialize)]
pub(super) struct Request {
    from: Option<String>,
    to: Option<String>,
    message: Option<String>,
    whendelivered: Option<String>,
}

pub(super) async fn send(
    State(sinks): State<Sinks>,
    headers: HeaderMap,
    Form(request): Form<Request>,
) -> Response {
    let known = sinks
        .0
        .settings
        .credentials
        .as_ref()
        .is_none_or(|known| basic(&headers).as_ref() == Some(known));
    if !known {
        return refusal(401, "API access requires Basic HTTP authentication");
    }
    let Request { from: Some(from), to: Some(to), message: Some(text), whendelivered } = request
    else {
        return refusal(400, "Missing key: from, to and message are required");
    };
    if !is_e164(&to) {
        return refusal(400, "Invalid to number");
    }
    let id = sinks.messages().next_id(Provider::Elks);
    let parts = parts_of(&text);
    let accepted = Json(json!({
        "id": id,
        "status": "created",
        "direction": "outgoing",
        "created": now(),
        "from": from,
        "to": to,
        "message": text,
        "parts": parts,
        "cost": parts * COST_PER_PART,
    }));
    let report = whendelivered.map(|url| {
        let (client, id) = (sinks.0.reporter.clone(), id.clone());
        move |outcome| {
            let status = match outcome {
                Outcome::Delivered => "delivered",
                Outcome::Failed => "failed",
            };
            let form = [("id", &*id), ("status", status), ("delivered", &now())];
            vec![client.post(&url).form(&form)]
        }
    });
    let incoming = Incoming { provider: Provider::Elks, id, to, from, text };
    take(&sinks, incoming, accepted.into_response(), report).await
}

/// The alphabet of an SMS (3GPP TS 23.038), and what takes two places in it.
const GSM_7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const GSM_7_TWICE: &str = "\u{c}^{}\\[~]|€";

/// Good enough for a price: pairs that do not fit at the end of a part are not counted.
fn parts_of(text: &str) -> usize {
    let septets = |letter| match letter {
        letter if GSM_7.contains(letter) => Some(1),
        letter if GSM_7_TWICE.contains(letter) => Some(2),
        _ => None,
    };
    let (length, alone, joined) = match text.chars().map(septets).sum::<Option<usize>>() {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= alone { 1 } else { length.div_ceil(joined) }
}

fn basic(headers: &HeaderMap) -> Option<Credentials> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let decoded = BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(Credentials { user: user.to_owned(), password: password.to_owned() })
}

fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Now, in UTC and without a zone, as 46elks writes it.
fn now() -> String {
    let now = DateTime::<Utc>::from(SystemTime::now());
    now.to_rfc3339_opts(SecondsFormat::Micros, true).trim_end_matches('Z').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_in_the_alphabet_that_it_needs() {
        for (text, parts) in [
            ("å".repeat(160), 1),
            ("å".repeat(161), 2),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
        ] {
            assert_eq!(parts_of(&text), parts, "{text}");
        }
    }
}
