//! The page behind a link.

use contracts::alert::AlertState::Sent;
use serde_json::json;

use crate::harness::{BOTH, Service};
use crate::ledgers::{UNIT, done, missed, quiet_case};

const MAIL: &str = "vc01@example.se";

/// An alert that was sent, and the link in its mail.
async fn told(service: &Service) -> (contracts::Ledger, String) {
    let contacts = json!([{"name": "brevlåda", "role": "unit", "email": MAIL}]);
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Sent]).await;
    let mail = &service.sinks.sinks.messages().to(MAIL)[0];
    let link = mail.text.lines().find(|line| line.starts_with("http")).unwrap();
    (ledger, link.to_owned())
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn get(link: &str) -> (u16, String) {
    let response = client().get(link).send().await.unwrap();
    let headers = response.headers().clone();
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn opening_a_link_changes_nothing_and_the_button_acknowledges_once() {
    let service = Service::start(BOTH).await;
    let (ledger, link) = told(&service).await;
    for _ in 0..2 {
        let (status, page) = get(&link).await;
        assert_eq!(status, 200);
        assert!(page.contains(&ledger.case_ref.to_string()) && page.contains("<button"));
    }
    assert!(service.alerts(ledger.case_id).await[0].acknowledged.is_none());
    let pressed = client().post(&link).send().await.unwrap();
    assert_eq!(pressed.status().as_u16(), 303);
    let first = service.alerts(ledger.case_id).await[0].acknowledged.clone().unwrap();
    let (_, page) = get(&link).await;
    assert!(page.contains("Kvitterat") && !page.contains("<button"));
    client().post(&link).send().await.unwrap();
    let second = service.alerts(ledger.case_id).await[0].acknowledged.clone().unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn the_page_of_a_duty_that_was_done_asks_for_nothing() {
    let service = Service::start(BOTH).await;
    let (ledger, link) = told(&service).await;
    service.tell(&done(&ledger)).await;
    service.has_heard().await;
    let (_, page) = get(&format!("{link}?lang=en")).await;
    assert!(page.contains("This no longer applies") && !page.contains("<button"));
}

#[tokio::test]
async fn a_link_that_is_not_ours_shows_nothing() {
    let service = Service::start(BOTH).await;
    let (ledger, link) = told(&service).await;
    let (cut, _) = link.split_at(link.len() - 1);
    for wrong in [format!("{cut}!"), format!("{}/a/x", service.base_url)] {
        let (status, page) = get(&wrong).await;
        assert_eq!(status, 404);
        assert!(!page.contains(&ledger.case_ref.to_string()));
        assert_eq!(client().post(&wrong).send().await.unwrap().status().as_u16(), 404);
    }
}

#[tokio::test]
async fn the_style_sheet_is_where_the_page_looks_for_it() {
    let service = Service::start(BOTH).await;
    let url = format!("{}{}", service.base_url, notifications::page::STYLESHEET_PATH);
    let response = client().get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/css; charset=utf-8");
    assert_eq!(response.text().await.unwrap(), notifications::page::STYLESHEET);
}
