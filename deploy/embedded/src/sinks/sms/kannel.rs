//! The HTTP interface of Kannel's smsbox, as far as sending goes.

use super::{Incoming, refusal, take};
use crate::sinks::behaviour::{Outcome, Provider};
use crate::sinks::{Credentials, Sinks};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

/// The bit of `dlr-mask` by which a client asks to hear of each outcome, and the number that the
/// report then carries.
const DELIVERED: u8 = 1;
const FAILED: u8 = 2;
const ACCEPTED_BY_CENTRE: u8 = 8;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Request {
    username: Option<String>,
    password: Option<String>,
    from: Option<String>,
    to: Option<String>,
    text: Option<String>,
    charset: Option<String>,
    dlr_mask: Option<u8>,
    dlr_url: Option<String>,
}

pub(super) async fn send(State(sinks): State<Sinks>, Query(request): Query<Request>) -> Response {
    let credentials = request.username.zip(request.password);
    let credentials = credentials.map(|(user, password)| Credentials { user, password });
    if sinks
        .0
        .settings
        .credentials
        .as_ref()
        .is_some_and(|known| credentials.as_ref() != Some(known))
    {
        return refusal(403, "Authorization failed for sendsms");
    }
    let Some(to) = request.to.filter(|to| !to.is_empty()) else {
        return refusal(400, "Missing receiver and/or udh parameter, rejected");
    };
    // Kannel can do others; its default differs by version, so a client has to name one.
    if !request.charset.is_some_and(|charset| charset.eq_ignore_ascii_case("utf-8")) {
        return refusal(400, "Invalid charset, rejected");
    }
    let id = sinks.messages().next_id(Provider::Kannel);
    let mask = request.dlr_mask.unwrap_or(0);
    let report = request.dlr_url.map(|url| {
        let client = sinks.0.reporter.clone();
        move |outcome| {
            let last = match outcome {
                Outcome::Delivered => DELIVERED,
                Outcome::Failed => FAILED,
            };
            let asked = [ACCEPTED_BY_CENTRE, last].into_iter().filter(|code| mask & code != 0);
            asked.map(|code| client.get(url.replace("%d", &code.to_string()))).collect()
        }
    });
    let accepted = (StatusCode::ACCEPTED, "0: Accepted for delivery").into_response();
    let (from, text) = (request.from.unwrap_or_default(), request.text.unwrap_or_default());
    let incoming = Incoming { provider: Provider::Kannel, id, to, from, text };
    take(&sinks, incoming, accepted, report).await
}
