//! The page behind a link.

use chassis::real_now;
use chrono::TimeDelta;
use contracts::alert::AlertState::Sent;
use notifications::domain::link;
use notifications::domain::signing::SigningKey;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{BOTH, KEY, Service};
use crate::ledgers::{UNIT, done, missed, quiet_case};

const MAIL: &str = "vc01@example.se";

/// An alert that was sent, and the link in its mail.
async fn told(service: &Service) -> (contracts::Ledger, String) {
    let contacts = json!([{"name": "brevlåda", "role": "unit", "email": MAIL}]);
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
    sent(service).await
}

/// The same, to whoever is there.
async fn sent(service: &Service) -> (contracts::Ledger, String) {
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

#[tokio::test]
async fn the_button_leads_back_to_the_same_page_wherever_the_service_stands() {
    let service = Service::start(BOTH).await;
    let (_, link) = told(&service).await;
    let pressed = client().post(&link).send().await.unwrap();
    assert_eq!(pressed.headers()["location"], "?lang=sv");
    let (_, page) = get(&link).await;
    assert!(page.contains(r#"href="../assets/page.css""#));
}

#[tokio::test]
async fn the_page_is_in_the_recipients_language_unless_another_is_asked_for() {
    let service = Service::start(BOTH).await;
    let contacts = json!([{"name": "in", "role": "unit", "email": MAIL, "language": "en"}]);
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
    let (_, link) = sent(&service).await;
    assert!(get(&link).await.1.contains(r#"<html lang="en">"#));
    assert!(get(&format!("{link}?lang=sv")).await.1.contains(r#"<html lang="sv">"#));
}

#[tokio::test]
async fn a_scanner_that_asks_for_the_head_alone_changes_nothing() {
    let service = Service::start(BOTH).await;
    let (ledger, link) = told(&service).await;
    let head = client().head(&link).send().await.unwrap();
    assert_eq!(head.status().as_u16(), 200);
    assert_eq!(head.headers()["cache-control"], "no-store");
    assert!(service.alerts(ledger.case_id).await[0].acknowledged.is_none());
}

#[tokio::test]
async fn an_expired_link_says_so_and_acknowledges_nothing() {
    let service = Service::start(BOTH).await;
    let (ledger, _) = told(&service).await;
    let sql = "select delivery_id from delivery";
    let delivery: Uuid = sqlx::query_scalar(sql).fetch_one(&service.database.pool).await.unwrap();
    let key = SigningKey::new(KEY.as_bytes()).unwrap();
    let token = link::sign(&key, delivery, real_now() - TimeDelta::minutes(2));
    let expired = format!("{}/a/{token}", service.base_url);
    let (status, page) = get(&expired).await;
    assert_eq!(status, 410);
    assert!(page.contains("Länken har gått ut"));
    assert_eq!(client().post(&expired).send().await.unwrap().status().as_u16(), 410);
    assert!(service.alerts(ledger.case_id).await[0].acknowledged.is_none());
}

#[tokio::test]
async fn when_the_database_fails_the_page_says_that_nothing_was_acknowledged() {
    let service = Service::start(BOTH).await;
    let (_, link) = told(&service).await;
    let sql = "alter table known_ledger rename to elsewhere";
    sqlx::query(sql).execute(&service.database.pool).await.unwrap();
    let pressed = client().post(&link).send().await.unwrap();
    assert_eq!(pressed.status().as_u16(), 503);
    let page = pressed.text().await.unwrap();
    assert!(page.contains("Inte kvitterat. Försök igen."));
    assert!(page.contains("Not acknowledged. Try again."));
}

#[tokio::test]
async fn a_body_beyond_the_limit_gets_an_answer_that_names_it() {
    let service = Service::start(BOTH).await;
    let (_, link) = told(&service).await;
    let answer = client().post(&link).body(vec![b'x'; 20_000]).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 413);
    assert!(answer.text().await.unwrap().contains("16384 byte"));
}

#[tokio::test]
async fn a_crowd_that_says_nothing_keeps_nobody_from_the_page() {
    use tokio::io::AsyncWriteExt as _;
    let service = Service::start(BOTH).await;
    let (_, link) = told(&service).await;
    let url: reqwest::Url = link.parse().unwrap();
    let mut crowd = Vec::new();
    for _ in 0..300 {
        let address = (url.host_str().unwrap(), url.port().unwrap());
        let mut silent = tokio::net::TcpStream::connect(address).await.unwrap();
        silent.write_all(b"GET /a/").await.unwrap();
        crowd.push(silent);
    }
    assert_eq!(get(&link).await.0, 200);
}
