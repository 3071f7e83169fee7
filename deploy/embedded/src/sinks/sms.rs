//! The SMS gateways: what they have in common.

use super::behaviour::{Behaviour, Outcome, Provider};
use super::{Channel, Message, Sinks};
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use reqwest::RequestBuilder;
use std::future::pending;
use std::io;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

mod elks;
mod kannel;

const REPORT_TRIES: u32 = 10;
const REPORT_PAUSE: Duration = Duration::from_millis(100);
const REPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Marks an answer that is not given: the connection is cut instead.
#[derive(Debug, Clone, Copy)]
struct Cut;

pub(super) fn router(sinks: Sinks) -> Router {
    Router::new()
        .route("/a1/sms", post(elks::send))
        .route("/cgi-bin/sendsms", get(kannel::send))
        .with_state(sinks)
}

/// Serves clients until it is dropped, and they with it. This is `axum::serve`, but for the
/// connections that are cut: a service that fails makes hyper close the connection.
pub(super) async fn serve(router: Router, listener: TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                let service = TowerToHyperService::new(router.clone());
                let service = service_fn(move |request| {
                    let answer = service.call(request);
                    async move {
                        let answer: Response = answer.await.map_err(io::Error::other)?;
                        match answer.extensions().get::<Cut>() {
                            Some(Cut) => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                            None => Ok(answer),
                        }
                    }
                });
                let stream = TokioIo::new(stream);
                connections.spawn(http1::Builder::new().serve_connection(stream, service));
            }
            // Whatever a connection ended with is its client's affair.
            Some(_) = connections.join_next() => {}
        }
    }
}

/// A text message on its way in.
struct Incoming {
    provider: Provider,
    id: String,
    to: String,
    from: String,
    text: String,
}

/// Does with a message what the script says; `report` is what is sent about
/// its delivery.
async fn take(
    sinks: &Sinks,
    incoming: Incoming,
    mut accepted: Response,
    report: Option<impl Fn(Outcome) -> Vec<RequestBuilder> + Send + Sync + 'static>,
) -> Response {
    let provider = incoming.provider;
    let behaviours = &sinks.0.behaviours;
    let usual = behaviours.next(provider);
    let behaviour = behaviours.to(provider, &incoming.to).unwrap_or(usual);
    match behaviour {
        Behaviour::Refuse(code) | Behaviour::RefuseRecipient(code) => {
            return refusal(code, "refused");
        }
        Behaviour::Hang => pending().await,
        Behaviour::Slow(time) => sleep(time).await,
        Behaviour::Accept | Behaviour::Cut | Behaviour::Lose => {}
    }
    let Incoming { id, to, from, text, .. } = incoming;
    let received_at = SystemTime::now().into();
    let channel = Channel::Sms;
    let (subject, mail) = (None, None);
    let message = Message { id, channel, provider, to, from, subject, text, received_at, mail };
    if behaviour == Behaviour::Lose {
        sinks.messages().lose(vec![message]);
        return accepted;
    }
    sinks.messages().keep(vec![message]);
    if let Some((report, reports)) = report.zip(sinks.0.behaviours.reports(provider)) {
        tokio::spawn(async move {
            sleep(reports.after).await;
            for _ in 0..reports.times {
                for request in report(reports.outcome) {
                    deliver(&request).await;
                }
            }
        });
    }
    if behaviour == Behaviour::Cut {
        accepted.extensions_mut().insert(Cut);
    }
    accepted
}

fn refusal(code: u16, reason: &'static str) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, reason).into_response()
}

/// Sends a report until it is taken, as the gateways do, but in seconds instead of hours.
async fn deliver(report: &RequestBuilder) {
    for attempt in 0..REPORT_TRIES {
        let Some(request) = report.try_clone() else {
            return;
        };
        let answer = request.timeout(REPORT_TIMEOUT).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        sleep(REPORT_PAUSE * 2_u32.pow(attempt.min(5))).await;
    }
}

/// The client that sends reports. It trusts any certificate: whoever tests the receiving side
/// makes its own.
pub(super) fn reporter() -> io::Result<reqwest::Client> {
    // An error says that somebody else has already installed one, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build();
    client.map_err(io::Error::other)
}
