//! Admissions over HTTP.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{PRIVATE, Service, World, document, message, senders};

async fn world() -> (World, Service) {
    let world = World::start().await;
    let digest = format!("{:x}", Sha256::digest("a-token"));
    let http = format!("token = \"falun\"\nhttp = {{ token_sha256 = \"{digest}\" }}");
    world.register(&senders().replace("token = \"falun\"", &http));
    let service = world.serve().await;
    (world, service)
}

async fn post(service: &Service, path: &str, token: &str, body: Vec<u8>) -> (u16, String, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let url = format!("http://{}/v1/{path}", service.at.http);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(url).bearer_auth(token).body(body).send().await.unwrap();
    let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), content_type, answer.text().await.unwrap())
}

#[tokio::test]
async fn the_same_document_gets_the_same_answer_however_often() {
    let (world, service) = world().await;
    let first = post(&service, "admissions/falun", "a-token", document(&json!({}))).await;
    let again = post(&service, "admissions/falun", "a-token", document(&json!({}))).await;
    assert_eq!(first.0, 200, "{}", first.2);
    assert_eq!(first, again);
    let answer: Value = serde_json::from_str(&first.2).unwrap();
    assert_eq!(answer["case_ref"], json!(world.the_case().await.case_ref));
}

#[tokio::test]
async fn a_faulty_document_is_a_problem_that_names_its_members() {
    let (_world, service) = world().await;
    let faulty = document(&json!({ "ward": "Tolvansson", "kind": "updated", "visit": "" }));
    let (status, content_type, body) = post(&service, "admissions/falun", "a-token", faulty).await;
    assert_eq!((status, content_type.as_str()), (422, "application/problem+json"));
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["reasons"][0]["pointer"], "/visit");
    assert_eq!(problem["reasons"][1]["pointer"], "/ward");
    assert!(PRIVATE.iter().all(|value| !body.contains(value)), "{body}");
}

#[tokio::test]
async fn whoever_has_not_the_senders_token_is_turned_away_and_nothing_is_kept() {
    let (world, service) = world().await;
    for (path, token) in [
        ("admissions/falun", "another-token"),
        ("admissions/mora", "a-token"),
        ("admissions/stranger", "a-token"),
    ] {
        assert_eq!(post(&service, path, token, document(&json!({}))).await.0, 401, "{path}");
    }
    let counts = world.counts().await;
    assert_eq!((counts.cases, counts.refused), (0, 0));
}

#[tokio::test]
async fn hl7_over_http_gets_its_acknowledgement() {
    let (_world, service) = world().await;
    let (status, _, body) =
        post(&service, "hl7/falun", "a-token", message("a01_admitted_with_need")).await;
    assert_eq!(status, 200);
    assert_eq!(crate::support::code(&body), "CA");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_turned_away() {
    let (_world, service) = world().await;
    let long = vec![b' '; 2 * 1024 * 1024];
    assert_eq!(post(&service, "admissions/falun", "a-token", long).await.0, 413);
}
