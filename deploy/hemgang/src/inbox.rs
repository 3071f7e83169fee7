//! The inbox: every mail and SMS as its recipient would see it, on a page and as JSON.
//!
//! Nothing here leaves the machine. The inbox stands in for the mail server and the SMS gateways, and
//! keeps what they were given, also for the next run.

mod links;
mod page;
mod store;

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use embedded::sinks::{Provider, Reports, Security, Sinks};
use serde::Serialize;
use tokio::net::TcpListener;

use page::Asked;
pub(crate) use store::Store;
use store::{Channel, Kept};

/// Headers of every answer. The page runs no script and loads its own style sheet only.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// A message in `/messages.json`.
#[derive(Serialize)]
struct Listed {
    id: String,
    channel: Channel,
    to: String,
    subject: Option<String>,
    text: String,
    received_at: chrono::DateTime<chrono::Utc>,
}

/// Takes mail and SMS on two listeners and shows them on the second, until it is dropped.
pub(crate) async fn serve(
    sinks: Sinks,
    store: Arc<Store>,
    smtp: TcpListener,
    pages: TcpListener,
) -> std::io::Result<()> {
    sinks.set_reports(Provider::Elks, Some(Reports::default()));
    sinks.set_reports(Provider::Kannel, Some(Reports::default()));
    tokio::try_join!(
        sinks.clone().serve_smtp(smtp, Security::Plain),
        sinks.clone().serve_sms(pages, router(Arc::clone(&store))),
        async {
            store.collect(&sinks).await;
            Ok(())
        },
    )
    .map(drop)
}

fn router(store: Arc<Store>) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/messages.json", get(list))
        .route("/inbox.css", get(style))
        .with_state(store)
}

async fn show(State(store): State<Arc<Store>>, Query(asked): Query<Asked>) -> Response {
    match page::render(&store, &asked) {
        Ok(page) => (HEADERS, Html(page)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn list(State(store): State<Arc<Store>>, Query(asked): Query<Asked>) -> Response {
    let mut messages = store.newest_first(&asked.wanted());
    messages.reverse();
    (HEADERS, Json(messages.into_iter().map(Listed::from).collect::<Vec<_>>())).into_response()
}

async fn style() -> Response {
    let css = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (css, include_str!("../assets/inbox.css")).into_response()
}

impl From<Kept> for Listed {
    fn from(Kept { number, channel, to, subject, text, received_at, .. }: Kept) -> Self {
        Self { id: number.to_string(), channel, to, subject, text, received_at }
    }
}
