//! `/livez`, `/readyz` and `/metrics`, on a port apart from the public ones.
//!
//! Alive says only that the process answers. Ready says what it lacks: each part of the process
//! raises and lowers a flag of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::http;

/// What a process still lacks to be of use.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<&'static str, Option<String>>>>);

impl Readiness {
    /// `part` works.
    pub fn up(&self, part: &'static str) {
        self.set(part, None);
    }

    /// `part` does not work, and why.
    pub fn down(&self, part: &'static str, why: impl Into<String>) {
        self.set(part, Some(why.into()));
    }

    fn set(&self, part: &'static str, lack: Option<String>) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = parts.insert(part, lack.clone());
        match (before.flatten(), lack) {
            (before, Some(why)) if before.as_ref() != Some(&why) => {
                tracing::warn!(part, why, "not ready");
            }
            (Some(_), None) => tracing::info!(part, "ready"),
            _ => {}
        }
        let ready = if parts.values().all(Option::is_none) { 1.0 } else { 0.0 };
        metrics::gauge!("hemgang_ready").set(ready);
    }

    /// What is lacking, by part; empty when ready.
    #[must_use]
    pub fn lacking(&self) -> BTreeMap<&'static str, String> {
        let parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parts.iter().filter_map(|(part, why)| Some((*part, why.clone()?))).collect()
    }
}

/// The process's metrics; a process that holds several services (a test) shares one recorder.
pub fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let seconds =
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
        let builder = PrometheusBuilder::new();
        let builder = builder
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed: /metrics stays empty");
        }
        handle
    })
}

/// Serves the probes until told to stop.
pub async fn serve(listener: TcpListener, readiness: Readiness, stop: CancellationToken) {
    let recorder = recorder();
    let routes = axum::Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(async move || ready(&readiness)))
        .route("/metrics", get(async || recorder.render()));
    http::serve(listener, routes, http::Limits::default(), stop).await;
}

fn ready(readiness: &Readiness) -> axum::response::Response {
    let lacking = readiness.lacking();
    let status = if lacking.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(lacking)).into_response()
}
