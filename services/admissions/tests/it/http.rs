//! Admissions over HTTP.

use std::time::Duration;

use contracts::commands::ListRefused;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_support::{SOON, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{PRIVATE, Service, World, document, message, senders};

pub(crate) async fn world() -> (World, Service) {
    let world = World::start().await;
    let digest = format!("{:x}", Sha256::digest("a-token"));
    let http = format!("token = \"falun\"\nhttp = {{ token_sha256 = \"{digest}\" }}");
    world.register(&senders().replace("token = \"falun\"", &http));
    let service = world.serve().await;
    (world, service)
}

pub(crate) async fn post(
    service: &Service,
    path: &str,
    token: &str,
    body: Vec<u8>,
) -> (u16, String, String) {
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

#[tokio::test]
async fn the_answer_to_a_body_beyond_the_limit_names_it_and_the_beginning_is_kept_as_refused() {
    let (world, service) = world().await;
    let long = |start: &[u8]| [start, &vec![b' '; 2 * 1024 * 1024]].concat();
    for (path, body) in [
        ("admissions/falun", long(b"{ \"message_id\": \"43\"")),
        ("hl7/falun", long(&message("a01_admitted_with_need"))),
    ] {
        let (status, content_type, said) = post(&service, path, "a-token", body).await;
        assert_eq!((status, content_type.as_str()), (413, "application/problem+json"), "{said}");
        assert!(said.contains("1048576 byte") && said.contains("http.max_body"), "{said}");
        let problem: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(problem["outcome"], "rejected");
    }
    let refused = world.ask(&ListRefused::default()).await;
    let senders: Vec<_> = refused.iter().map(|one| one.sender.as_deref()).collect();
    assert_eq!(senders, [Some("falun"), Some("falun")]);
    let kept: Vec<i32> = sqlx::query_scalar("select octet_length(body) from raw_message")
        .fetch_all(&world.database.pool)
        .await
        .unwrap();
    assert_eq!(kept, [1024 * 1024, 1024 * 1024]);
    assert_eq!(world.counts().await.cases, 0);
}

/// A connection over which the headers of a message have gone, and not its body.
async fn headers_only(service: &Service, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(service.at.http).await.unwrap();
    let head = format!(
        "POST /v1/admissions/falun HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\n\
         content-length: 1000\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The status of an answer.
async fn status(stream: &mut TcpStream) -> String {
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.unwrap();
    String::from_utf8(line[9..].to_vec()).unwrap()
}

#[tokio::test]
async fn whoever_has_not_the_token_is_turned_away_before_the_message_is_read() {
    let (_world, service) = world().await;
    let mut stream = headers_only(&service, "another-token").await;
    assert_eq!(status(&mut stream).await, "401");
}

#[tokio::test]
async fn a_slow_message_does_not_hold_up_the_end_of_the_process() {
    let (_world, service) = world().await;
    let mut stream = headers_only(&service, "a-token").await;
    let mut silent = TcpStream::connect(service.at.http).await.unwrap();
    silent.write_all(b"POST /v1/adm").await.unwrap();
    // What comes later than these is answered, so they have been heard.
    post(&service, "admissions/falun", "a-token", document(&json!({}))).await;
    let stopped = tokio::time::timeout(Duration::from_secs(20), service.stop());
    let (answer, stopped) = tokio::join!(status(&mut stream), stopped);
    assert_eq!(answer, "503");
    stopped.expect("the process ends before its grace is over");
}

#[tokio::test]
async fn a_message_that_does_not_come_in_time_is_given_up() {
    let (world, service) = world().await;
    service.stop().await;
    let mut settings = world.settings();
    settings.service.http.read_s = 0;
    let service = world.serve_with(settings).await;
    assert_eq!(status(&mut headers_only(&service, "a-token").await).await, "408");
}

#[tokio::test]
async fn more_messages_at_a_time_than_allowed_are_to_be_sent_again() {
    let (world, service) = world().await;
    service.stop().await;
    let mut settings = world.settings();
    settings.service.http.max_requests = 1;
    let service = world.serve_with(settings).await;
    let _first = headers_only(&service, "a-token").await;
    eventually("the only place is taken", SOON, async || {
        let body = document(&json!({}));
        match post(&service, "admissions/falun", "a-token", body).await.0 {
            503 => Ok(()),
            other => Err(other),
        }
    })
    .await;
}

/// The service with other settings of its listener.
async fn world_with(change: impl FnOnce(&mut admissions::http::Settings)) -> (World, Service) {
    let (world, service) = world().await;
    service.stop().await;
    let mut settings = world.settings();
    change(&mut settings.service.http);
    let service = world.serve_with(settings).await;
    (world, service)
}

#[tokio::test]
async fn whoever_sends_half_a_header_is_cut_off() {
    let (_world, service) = world_with(|http| http.head_s = 1).await;
    for begun in ["POST /v1/admissions/falun HTTP/1.1\r\nhost", ""] {
        let mut slow = TcpStream::connect(service.at.http).await.unwrap();
        slow.write_all(begun.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(SOON, slow.read_to_end(&mut rest)).await;
        ended.expect("the connection is cut").ok();
        let said = String::from_utf8(rest).unwrap();
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    }
}

#[tokio::test]
async fn a_hundred_silent_connections_do_not_stop_the_message_of_another() {
    let (_world, service) = world_with(|http| http.max_connections = 8).await;
    let mut in_hand = headers_only(&service, "a-token").await;
    let mut crowd = Vec::new();
    for begun in ["", "POST /v1/adm"].iter().cycle().take(100) {
        let mut silent = TcpStream::connect(service.at.http).await.unwrap();
        silent.write_all(begun.as_bytes()).await.unwrap();
        crowd.push(silent);
    }
    let answer = post(&service, "admissions/falun", "a-token", document(&json!({}))).await;
    assert_eq!(answer.0, 200, "{}", answer.2);
    // Nor does the crowd take the place of one that is in the middle of its message.
    let rest = vec![b' '; 999];
    in_hand.write_all(&rest).await.unwrap();
    assert_eq!(status(&mut in_hand).await, "422");
}

#[tokio::test]
async fn a_sender_with_its_share_of_messages_in_hand_leaves_room_for_others() {
    let (world, service) = world().await;
    service.stop().await;
    let digest = format!("{:x}", Sha256::digest("b-token"));
    let falun = format!("{:x}", Sha256::digest("a-token"));
    let both = senders()
        .replace(
            "token = \"falun\"",
            &format!("token = \"falun\"\nhttp = {{ token_sha256 = \"{falun}\" }}"),
        )
        .replace(
            "token = \"mora\"",
            &format!("token = \"mora\"\nhttp = {{ token_sha256 = \"{digest}\" }}"),
        );
    world.register(&both);
    let mut settings = world.settings();
    settings.service.http.max_per_sender = 1;
    let service = world.serve_with(settings).await;
    let _greedy = headers_only(&service, "a-token").await;
    eventually("the sender's share is taken", SOON, async || {
        let body = document(&json!({}));
        match post(&service, "admissions/falun", "a-token", body).await.0 {
            503 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    let other = post(&service, "admissions/mora", "b-token", document(&json!({}))).await;
    assert_ne!(other.0, 503, "{}", other.2);
}
