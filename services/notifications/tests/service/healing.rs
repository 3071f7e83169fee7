//! What becomes of alerts when something outside was wrong for long, and is mended.
//!
//! Here is what the tests share; they stand by what was wrong: nothing could be sent, an address was
//! bad, it is unknown what became of an attempt, or there is nothing to tell any more.

mod addresses;
mod attempts;
mod outages;
mod over;

use contracts::CaseId;
use contracts::alert::AlertState::Failed;
use contracts::commands::RetryAlerts;
use embedded::sinks::Provider;
use serde_json::json;
use test_support::{SOON, eventually};

use crate::harness::{BOTH, Service};
use crate::ledgers::UNIT;

const MAIL: &str = "vc01@example.se";
const OTHER: &str = "ny@example.se";
const NUMBER: &str = "+46701740605";

fn contact(name: &str, role: &str, email: &str) -> serde_json::Value {
    json!({"name": name, "role": role, "email": email})
}

async fn import(service: &Service, contacts: serde_json::Value) {
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
}

async fn start() -> Service {
    let service = Service::start(BOTH).await;
    import(&service, json!([contact("brevlåda", "unit", MAIL)])).await;
    service
}

fn failed(case: Option<CaseId>) -> RetryAlerts {
    RetryAlerts { state: Failed, case, since: None }
}

/// Waits until the mail server was asked so often, without any wait between attempts.
async fn asked(service: &Service, times: u64) {
    eventually("the mail server was asked", SOON, async || {
        service.hasten().await;
        let attempts = service.sinks.sinks.attempts(Provider::Smtp);
        if attempts >= times { Ok(()) } else { Err(attempts) }
    })
    .await;
}
