//! What is told to whoever sent something that was not taken: a problem in both languages.

use std::borrow::Cow;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::receipts::Receipt;

/// RFC 9457.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: Cow<'static, str>,
    #[serde(flatten)]
    receipt: Option<Receipt>,
}

impl Problem {
    pub(super) fn unauthorized() -> Self {
        Self {
            kind: "about:blank",
            title: "Unauthorized",
            status: 401,
            detail:
                "Avsändaren är inte registrerad för HTTP, eller dess token är fel. / The sender \
                     is not registered for HTTP, or its token is wrong."
                    .into(),
            receipt: None,
        }
    }

    pub(super) fn unavailable() -> Self {
        Self {
            kind: "about:blank",
            title: "Service Unavailable",
            status: 503,
            detail: "Meddelandet togs inte emot, skicka det igen. / The message was not taken, \
                     send it again."
                .into(),
            receipt: None,
        }
    }

    pub(super) fn too_long(limit: usize, receipt: Option<Receipt>) -> Self {
        Self {
            kind: "about:blank",
            title: "Content Too Large",
            status: 413,
            detail: format!(
                "Meddelandet är längre än {limit} byte och togs inte emot. Dela upp det, eller be \
                 dem som driver systemet att höja gränsen (http.max_body). / The message is longer \
                 than {limit} bytes and was not taken. Split it, or ask those who run the system \
                 to raise the limit (http.max_body)."
            )
            .into(),
            receipt,
        }
    }

    pub(super) fn incomplete() -> Self {
        Self {
            kind: "about:blank",
            title: "Request Timeout",
            status: 408,
            detail:
                "Hela meddelandet kom inte i tid, skicka det igen. / The whole message did not \
                     come in time, send it again."
                    .into(),
            receipt: None,
        }
    }

    pub(super) fn unprocessable(receipt: Receipt) -> Self {
        Self {
            kind: "about:blank",
            title: "Unprocessable Content",
            status: 422,
            detail: "Meddelandet har fel i fälten nedan. / The message has faults in the fields \
                     below."
                .into(),
            receipt: Some(receipt),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        let content_type = header::HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, content_type);
        if self.status == 503 {
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
        }
        if self.status == 401 {
            let bearer = header::HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
