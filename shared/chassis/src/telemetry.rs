//! Structured logs: JSON on standard output for machines, plain lines for people.
//!
//! `RUST_LOG` chooses the level. No log line holds a patient or a value that came from outside;
//! ids of cases, entries and messages are what a reader follows.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people.
    Plain,
}

/// Settings of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Filter directives, such as `info` or `messaging=debug,info`; `RUST_LOG`.
    pub level: String,
    /// How lines look.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::default() }
    }
}

pub(crate) fn filter(log: &Log) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(&log.level).context("understand the log filter (RUST_LOG)")
}

/// Starts logging. Does nothing when the process logs already (tests).
pub fn start(log: &Log) -> anyhow::Result<()> {
    let lines = tracing_subscriber::fmt().with_env_filter(filter(log)?);
    // A second start finds a subscriber installed, which is as good.
    let _ = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).try_init(),
        LogFormat::Plain => lines.with_target(false).try_init(),
    };
    Ok(())
}
