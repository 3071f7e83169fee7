//! Against a real HTTP server in the same process.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::domain::report::Progress;

const REPORT_URL: &str = "https://hg.example.se/r/token";

/// A provider that gives one answer to everything and keeps what it was asked.
#[derive(Clone)]
struct Fake {
    answer: (u16, &'static str),
    asked: Arc<Mutex<Vec<Asked>>>,
}

struct Asked {
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

async fn answer(State(fake): State<Fake>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    fake.asked.lock().expect("the lock").push(Asked { uri, headers, body });
    let (status, text) = fake.answer;
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("location", "http://127.0.0.1:1/elsewhere")], text).into_response()
}

/// The address of a server that gives this answer, and what it was asked.
async fn server(status: u16, text: &'static str) -> (String, Arc<Mutex<Vec<Asked>>>) {
    let asked = Arc::default();
    let fake = Fake { answer: (status, text), asked: Arc::clone(&asked) };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let app = Router::new().fallback(answer).with_state(fake);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (base, asked)
}

fn account(base: &str) -> Account {
    Account {
        url: Some(base.to_owned().try_into().expect("an address")),
        user: "user".into(),
        password: Secret::new("secret"),
        from: "Hemgang".to_owned().try_into().expect("a sender"),
    }
}

fn elks(base: &str) -> Provider {
    Provider::Elks(elks::Elks::new(http_client().expect("a client"), account(base)))
}

fn kannel(base: &str) -> Provider {
    Provider::Kannel(kannel::Kannel::new(http_client().expect("a client"), account(base)))
}

async fn send(provider: &Provider, text: &str) -> SendOutcome {
    let to = "070-1740605".parse().expect("a number");
    provider.send(&to, &SmsText::new(text), REPORT_URL).await
}

fn fields(encoded: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded).into_owned().collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn elks_is_posted_a_form_with_our_account() {
    let (base, asked) =
        server(200, r#"{"id":"s42","status":"created","parts":2,"cost":7000}"#).await;
    let outcome = send(&elks(&base), "påminnelse & €").await;
    let accepted = SendOutcome::Accepted { provider_id: Some("s42".into()), parts: 2 };
    assert_eq!(outcome, accepted);
    let asked = asked.lock().expect("the lock");
    assert_eq!(asked[0].uri.path(), "/a1/sms");
    assert_eq!(asked[0].headers["authorization"], "Basic dXNlcjpzZWNyZXQ=");
    let expected = pairs(&[
        ("from", "Hemgang"),
        ("to", "+46701740605"),
        ("message", "påminnelse & €"),
        ("whendelivered", REPORT_URL),
    ]);
    assert_eq!(fields(&asked[0].body), expected);
}

#[tokio::test]
async fn kannel_is_asked_with_charset_coding_and_report_address() {
    let (base, asked) = server(202, "0: Accepted for delivery").await;
    let outcome = send(&kannel(&base), "påminnelse").await;
    assert_eq!(outcome, SendOutcome::Accepted { provider_id: None, parts: 1 });
    let asked = asked.lock().expect("the lock");
    assert_eq!(asked[0].uri.path(), "/cgi-bin/sendsms");
    let expected = pairs(&[
        ("username", "user"),
        ("password", "secret"),
        ("from", "Hemgang"),
        ("to", "+46701740605"),
        ("text", "påminnelse"),
        ("charset", "UTF-8"),
        ("coding", "0"),
        ("dlr-mask", "27"),
        ("dlr-url", "https://hg.example.se/r/token?status=%d"),
    ]);
    assert_eq!(fields(asked[0].uri.query().expect("a query").as_bytes()), expected);
}

#[tokio::test]
async fn kannel_is_told_when_a_text_needs_ucs_2() {
    let (base, asked) = server(202, "3: Queued for later delivery").await;
    let outcome = send(&kannel(&base), "привет").await;
    assert_eq!(outcome, SendOutcome::Accepted { provider_id: None, parts: 1 });
    let asked = asked.lock().expect("the lock");
    let query = fields(asked[0].uri.query().expect("a query").as_bytes());
    assert!(query.contains(&("coding".into(), "2".into())));
}

#[tokio::test]
async fn each_status_has_its_outcome() {
    let refused = SendOutcome::refused;
    for (status, expected) in [
        (302, refused(false, Reason::Redirected, Some(302))),
        (400, refused(true, Reason::RequestRefused, Some(400))),
        (401, refused(false, Reason::AccountRefused, Some(401))),
        (403, refused(false, Reason::AccountRefused, Some(403))),
        (408, refused(false, Reason::Busy, Some(408))),
        (429, refused(false, Reason::Throttled, Some(429))),
        (500, SendOutcome::Unknown { reason: Reason::ServerError }),
        (502, SendOutcome::Unknown { reason: Reason::ServerError }),
        (503, refused(false, Reason::Busy, Some(503))),
    ] {
        let (base, asked) = server(status, "").await;
        assert_eq!(send(&elks(&base), "hej").await, expected, "46elks {status}");
        assert_eq!(send(&kannel(&base), "hej").await, expected, "Kannel {status}");
        assert_eq!(asked.lock().expect("the lock").len(), 2, "each is asked once");
    }
}

#[tokio::test]
async fn a_yes_that_cannot_be_read_is_unknown() {
    let unknown = SendOutcome::Unknown { reason: Reason::UnreadableAnswer };
    let (base, _) = server(200, "<html>Välkommen</html>").await;
    assert_eq!(send(&elks(&base), "hej").await, unknown);
    assert_eq!(send(&kannel(&base), "hej").await, unknown);
}

#[tokio::test]
async fn elks_can_refuse_in_a_yes() {
    let (base, _) = server(200, r#"{"id":"s42","status":"failed"}"#).await;
    let outcome = send(&elks(&base), "hej").await;
    assert_eq!(outcome, SendOutcome::refused(true, Reason::RequestRefused, None));
}

#[tokio::test]
async fn nobody_listening_means_certainly_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let outcome = send(&elks(&base), "hej").await;
    assert_eq!(outcome, SendOutcome::refused(false, Reason::NotReached, None));
}

/// A server that reads the request and then does as it is told.
async fn rude_server(answer: Option<&'static [u8]>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        match answer {
            Some(bytes) => stream.write_all(bytes).await.expect("written"),
            None => std::future::pending().await,
        }
    });
    base
}

#[tokio::test]
async fn a_connection_cut_after_the_request_is_unknown() {
    let base = rude_server(Some(b"")).await;
    let outcome = send(&elks(&base), "hej").await;
    assert_eq!(outcome, SendOutcome::Unknown { reason: Reason::ConnectionLost });
}

#[tokio::test]
async fn an_answer_cut_in_its_middle_is_unknown() {
    let base = rude_server(Some(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":")).await;
    let outcome = send(&elks(&base), "hej").await;
    assert_eq!(outcome, SendOutcome::Unknown { reason: Reason::ConnectionLost });
}

#[tokio::test]
async fn silence_after_the_request_is_unknown() {
    let base = rude_server(None).await;
    let impatient = client(Duration::from_secs(1)).expect("a client");
    let error = impatient.get(base).send().await.expect_err("no answer");
    let outcome = failed(&error);
    assert_eq!(outcome, SendOutcome::Unknown { reason: Reason::Timeout });
}

#[test]
fn elks_reports_are_read_and_new_words_are_not_an_error() {
    let read = |form: &str| {
        let fields: std::collections::BTreeMap<_, _> =
            fields(form.as_bytes()).into_iter().collect();
        let value = serde_json::to_value(fields).expect("JSON");
        serde_json::from_value::<elks::Report>(value).expect("a report")
    };
    let report = read("id=s42&status=delivered&delivered=2026-11-24T13%3A57%3A23.741000");
    assert_eq!(report.progress(), Some(Progress::Delivered));
    let at = report.delivered_at().expect("an instant");
    assert_eq!(at.to_rfc3339(), "2026-11-24T13:57:23.741+00:00");
    assert_eq!(read("id=s42&status=failed").progress(), Some(Progress::Failed));
    assert_eq!(read("id=s42&status=teleported&delivered=now").progress(), None);
    assert_eq!(read("id=s42&status=teleported&delivered=now").delivered_at(), None);
}

#[test]
fn kannel_reports_are_read_and_new_bits_are_not_an_error() {
    let progress = |status| kannel::Report { status }.progress();
    assert_eq!(progress(1), Some(Progress::Delivered));
    assert_eq!(progress(2), Some(Progress::Failed));
    assert_eq!(progress(8), Some(Progress::Sent));
    assert_eq!(progress(16), Some(Progress::Failed));
    assert_eq!(progress(32), None);
}

#[test]
fn debug_shows_no_password() {
    let shown = format!("{:?} {:?}", elks("http://127.0.0.1"), kannel("http://127.0.0.1"));
    assert!(!shown.contains("secret") && !shown.contains("user"));
}
