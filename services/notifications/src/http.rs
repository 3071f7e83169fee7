//! The page behind an alert's link, and the addresses at which SMS providers report.
//!
//! Everybody in the world can reach these. A sealed token is the proof: of having got the message,
//! or of being the provider that was asked to report. What has none gets an answer and no more.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Form, Path, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use chassis::http::Limits;
use contracts::commands::Language;
use messaging::Bus;
use serde::Deserialize;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::commands::acknowledge;
use crate::domain::delivery::Provider;
use crate::domain::link::{self, LinkError};
use crate::domain::report::{self, Progress};
use crate::domain::signing::Purpose;
use crate::domain::{causes, telling};
use crate::page::{self, HEADERS, STYLESHEET, STYLESHEET_PATH};
use crate::reports::Reports;
use crate::sender::Sender;
use crate::settle::Reported;
use crate::sms::{elks, kannel};
use crate::store::alerts::{self, Shown};
use crate::templates::words;

/// Nothing that is sent here is longer (bytes).
const LONGEST_BODY: usize = 16 * 1024;
/// How long a request's body is waited for.
const READ: Duration = Duration::from_secs(10);

/// What the pages need.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) bus: Bus,
    pub(crate) sender: Arc<Sender>,
    pub(crate) reports: Reports,
}

/// Serves until the process stops.
pub(crate) async fn serve(web: Web, listener: TcpListener) -> anyhow::Result<()> {
    let stop = web.bus.tasks().stop_token();
    chassis::http::serve(listener, router(web), Limits::default(), stop).await;
    Ok(())
}

fn router(web: Web) -> Router {
    let pages = Router::new()
        .route("/a/{token}", get(show).post(press))
        .layer(middleware::map_response(async |response: Response| with_headers(response)));
    Router::new()
        .merge(pages)
        .route(STYLESHEET_PATH, get(stylesheet))
        .route("/callbacks/sms/elks/{sealed}", post(elks_report))
        .route("/callbacks/sms/kannel/{sealed}", get(kannel_report))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn(read_first))
        .with_state(web)
}

/// Whoever is slow with a request's body is waited for only so long, and nothing is done for it
/// before it has come.
async fn read_first(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(READ, axum::body::to_bytes(body, LONGEST_BODY)).await {
        Ok(Ok(body)) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Ok(Err(_)) => (StatusCode::PAYLOAD_TOO_LARGE, too_long()).into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

fn too_long() -> String {
    format!(
        "Inget som skickas hit får vara längre än {LONGEST_BODY} byte. / Nothing that is sent here \
         may be longer than {LONGEST_BODY} bytes.\n"
    )
}

fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn stylesheet() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, STYLESHEET)
}

#[derive(Deserialize)]
struct Tongue {
    lang: Option<String>,
}

impl Tongue {
    /// The one that was asked for.
    fn language(&self) -> Option<Language> {
        self.lang.as_deref().map(|tag| words::from_tag(Some(tag)))
    }
}

/// Shows how things stand. Changes nothing: mail scanners open links.
async fn show(
    State(web): State<Web>,
    Path(token): Path<String>,
    Query(tongue): Query<Tongue>,
) -> Response {
    let language = tongue.language();
    match web.find(&token).await {
        Ok(shown) => shown_page(&shown, language),
        Err(fault) => fault.page(language),
    }
}

/// The button.
async fn press(
    State(web): State<Web>,
    Path(token): Path<String>,
    Query(tongue): Query<Tongue>,
) -> Response {
    let language = tongue.language();
    let result = match web.find(&token).await {
        Ok(shown) => web.acknowledge(shown.alert.alert_id).await.map(|()| shown.language),
        Err(fault) => Err(fault),
    };
    match result {
        // Relative: the same address.
        Ok(theirs) => {
            let tag = words::tag(language.unwrap_or(theirs));
            Redirect::to(&format!("?lang={tag}")).into_response()
        }
        Err(fault) => fault.page(language),
    }
}

fn shown_page(shown: &Shown, asked: Option<Language>) -> Response {
    let Shown { alert, unit, ledger, language } = shown;
    let language = asked.unwrap_or(*language);
    let state = if !causes::holds(ledger, alert.cause, unit) {
        page::State::Over
    } else if let Some(stamp) = &alert.acknowledged {
        page::State::Acknowledged(stamp.occurred_at)
    } else {
        page::State::Open
    };
    let telling = telling::tell(ledger, alert.cause, unit);
    match page::render_alert(&telling, state, language) {
        Ok(html) => Html(html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Why a page cannot be shown.
enum Fault {
    /// The link is of no use.
    Link(LinkError),
    /// We cannot answer now.
    Unavailable,
}

impl From<sqlx::Error> for Fault {
    fn from(_: sqlx::Error) -> Self {
        tracing::error!("a page could not be shown: the database failed");
        Self::Unavailable
    }
}

impl Fault {
    fn page(self, asked: Option<Language>) -> Response {
        let language = asked.unwrap_or_default();
        let (status, page) = match self {
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, page::render_unavailable()),
            Self::Link(error @ LinkError::Expired) => {
                (StatusCode::GONE, page::render_unusable(error, language))
            }
            Self::Link(error) => (StatusCode::NOT_FOUND, page::render_unusable(error, language)),
        };
        match page {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => status.into_response(),
        }
    }
}

impl Web {
    async fn find(&self, token: &str) -> Result<Shown, Fault> {
        let now = self.bus.clock().now();
        let claims = link::verify(&self.sender.links().key, token, now).map_err(Fault::Link)?;
        let mut connection = self.bus.pool().acquire().await?;
        let shown = alerts::find_by_delivery(&mut connection, claims.delivery).await?;
        // Sealed by us and not known: the database was restored to before it was sent.
        shown.ok_or(Fault::Link(LinkError::Forged))
    }

    async fn acknowledge(&self, alert: contracts::AlertId) -> Result<(), Fault> {
        let bus = self.bus.clone();
        // A task of its own: a visitor who goes away must not drop the transaction.
        let done = self.bus.tasks().spawn(async move {
            let mut tx = bus.pool().begin().await?;
            acknowledge(&mut tx, alert, None, bus.clock().now()).await?;
            tx.commit().await?;
            bus.wake();
            Ok::<_, messaging::CommandError>(())
        });
        let Ok(Ok(())) = done.await else {
            tracing::error!("an alert could not be acknowledged: the database failed");
            return Err(Fault::Unavailable);
        };
        Ok(())
    }

    /// Takes a report in. What is not known to us is taken too: a refusal would be repeated for
    /// hours.
    async fn report(&self, provider: Provider, delivery: Uuid, progress: Progress) -> StatusCode {
        if self.reports.store(Reported { delivery, provider, progress }).await {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }

    async fn reported(
        &self,
        provider: Provider,
        purpose: Purpose,
        sealed: &str,
        progress: Option<Progress>,
    ) -> StatusCode {
        let Ok(delivery) = report::verify(&self.sender.links().key, purpose, sealed) else {
            return StatusCode::NOT_FOUND;
        };
        match progress {
            Some(progress) => self.report(provider, delivery, progress).await,
            None => StatusCode::NO_CONTENT,
        }
    }
}

async fn elks_report(
    State(web): State<Web>,
    Path(sealed): Path<String>,
    Form(report): Form<elks::Report>,
) -> StatusCode {
    let progress = report.progress();
    web.reported(Provider::Elks, Purpose::ElksReport, &sealed, progress).await
}

async fn kannel_report(
    State(web): State<Web>,
    Path(sealed): Path<String>,
    Query(report): Query<kannel::Report>,
) -> StatusCode {
    let progress = report.progress();
    web.reported(Provider::Kannel, Purpose::KannelReport, &sealed, progress).await
}
