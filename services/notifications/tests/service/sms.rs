//! SMS: two providers and what they report.

use std::time::Duration;

use contracts::alert::AlertState::{Delivered, Failed, Sent, Withdrawn};
use embedded::sinks::{self, Behaviour, Outcome, Reports};
use notifications::config::Carrier;
use notifications::domain::report;
use notifications::domain::signing::{Purpose, SigningKey};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{BOTH, KEY, Service};
use crate::ledgers::{UNIT, missed, quiet_case};

const NUMBER: &str = "+46701740605";

async fn start(carriers: &[Carrier]) -> Service {
    let service = Service::start(carriers).await;
    for provider in [sinks::Provider::Elks, sinks::Provider::Kannel] {
        service.sinks.sinks.set_reports(provider, None);
    }
    let contacts = json!([{"name": "telefon", "role": "unit", "sms": NUMBER, "language": "en"}]);
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
    service
}

/// The address to which a provider reports about the only delivery in this state.
async fn report_url(service: &Service, provider: &str, state: &str) -> String {
    let sql = "select delivery_id from delivery where state = $1";
    let delivery: Uuid =
        sqlx::query_scalar(sql).bind(state).fetch_one(&service.database.pool).await.unwrap();
    let purpose = if provider == "elks" { Purpose::ElksReport } else { Purpose::KannelReport };
    let token = report::sign(&SigningKey::new(KEY.as_bytes()).unwrap(), purpose, delivery);
    format!("{}/callbacks/sms/{provider}/{token}", service.base_url)
}

async fn post(url: &str, status: &str) -> u16 {
    let form = [("id", "s1"), ("status", status)];
    reqwest::Client::new().post(url).form(&form).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn when_one_provider_is_down_the_other_carries_the_message_at_once() {
    let service = start(BOTH).await;
    service.sinks.sinks.set_behaviour(sinks::Provider::Elks, Behaviour::Refuse(503));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Sent]).await;
    let messages = service.sinks.sinks.messages().to(NUMBER);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].provider, sinks::Provider::Kannel);
    assert!(!messages[0].text.starts_with("Again"));
    assert_eq!(service.sinks.sinks.attempts(sinks::Provider::Elks), 1);
}

#[tokio::test]
async fn an_sms_of_unknown_fate_is_repeated_through_the_other_provider_and_says_so() {
    let service = start(BOTH).await;
    service.sinks.sinks.fail_next(sinks::Provider::Elks, 1, Behaviour::Cut);
    service.tell(&missed(&quiet_case())).await;
    service.delivered(&[("unknown", 1), ("accepted", 1)]).await;
    let messages = service.sinks.sinks.messages().to(NUMBER);
    assert_eq!(messages[1].provider, sinks::Provider::Kannel);
    assert!(messages[1].text.starts_with("Again: "), "{}", messages[1].text);
}

#[tokio::test]
async fn reports_that_come_twice_and_late_move_an_alert_forward_only() {
    for (carrier, provider) in
        [(Carrier::Elks, sinks::Provider::Elks), (Carrier::Kannel, sinks::Provider::Kannel)]
    {
        let service = start(&[carrier]).await;
        let after = Duration::from_millis(50);
        let reports = Reports { outcome: Outcome::Delivered, after, times: 2 };
        service.sinks.sinks.set_reports(provider, Some(reports));
        let ledger = missed(&quiet_case());
        service.tell(&ledger).await;
        service.stands(ledger.case_id, &[Delivered]).await;
        if carrier == Carrier::Elks {
            let url = report_url(&service, "elks", "delivered").await;
            assert_eq!(post(&url, "sent").await, 204);
            assert_eq!(post(&url, "failed").await, 204);
        }
        service.stands(ledger.case_id, &[Delivered]).await;
        assert_eq!(service.sinks.sinks.messages().total(), 1);
    }
}

#[tokio::test]
async fn a_report_of_failure_sends_it_once_more_through_the_other_provider() {
    let service = start(BOTH).await;
    let after = Duration::from_millis(50);
    let reports = Reports { outcome: Outcome::Failed, after, times: 3 };
    service.sinks.sinks.set_reports(sinks::Provider::Elks, Some(reports));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.delivered(&[("failed", 1), ("accepted", 1)]).await;
    service.stands(ledger.case_id, &[Sent]).await;
    let messages = service.sinks.sinks.messages().to(NUMBER);
    assert_eq!(messages.len(), 2);
    assert!(messages[1].text.starts_with("Again: "), "the report may have been wrong");
}

#[tokio::test]
async fn a_report_that_an_sms_of_unknown_fate_has_arrived_takes_back_its_repeat() {
    let service = start(&[Carrier::Elks]).await;
    service.sinks.sinks.fail_next(sinks::Provider::Elks, 1, Behaviour::Cut);
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.delivered(&[("unknown", 1), ("queued", 1)]).await;
    let url = report_url(&service, "elks", "unknown").await;
    assert_eq!(post(&url, "delivered").await, 204);
    service.stands(ledger.case_id, &[Delivered]).await;
    service.delivered(&[("delivered", 1), ("withdrawn", 1)]).await;
    assert_eq!(service.sinks.sinks.messages().total(), 1);
}

#[tokio::test]
async fn a_report_about_nothing_known_is_taken_and_a_forged_one_is_not() {
    let service = start(BOTH).await;
    let key = SigningKey::new(KEY.as_bytes()).unwrap();
    let token = report::sign(&key, Purpose::ElksReport, Uuid::from_u128(9));
    let address = |token: &str| format!("{}/callbacks/sms/elks/{token}", service.base_url);
    assert_eq!(post(&address(&token), "delivered").await, 204);
    let other = SigningKey::new(&[9; 32]).unwrap();
    let forged = report::sign(&other, Purpose::ElksReport, Uuid::from_u128(9));
    assert_eq!(post(&address(&forged), "delivered").await, 404);
}

#[tokio::test]
async fn without_a_provider_a_number_alone_is_a_failed_alert() {
    let service = start(&[]).await;
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Failed]).await;
    let over = crate::ledgers::done(&missed(&quiet_case()));
    service.tell(&over).await;
    service.stands(over.case_id, &[Withdrawn]).await;
}
