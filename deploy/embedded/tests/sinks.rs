//! The stand-ins, as the clients of the services meet them.

#![expect(clippy::unwrap_used, reason = "a test helper fails its test")]

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::routing::any;
use embedded::sinks::{Behaviour, Channel, Credentials, Outcome, Provider, Reports};
use embedded::sinks::{RunningSinks, Security, Settings, Sinks};
use lettre::message::header::ContentType;
use lettre::message::{MultiPart, SinglePart};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

type Mailer = AsyncSmtpTransport<Tokio1Executor>;

const SOON: Duration = Duration::from_secs(20);
const NUMBER: &str = "+46701740605";

async fn start() -> RunningSinks {
    Sinks::start(Settings::default()).await.unwrap()
}

fn mailer(running: &RunningSinks) -> Mailer {
    Mailer::builder_dangerous("127.0.0.1").port(running.smtp.port()).build()
}

fn mail() -> Message {
    let text = "Ärende ABCD2345\n.\n..två punkter\nslut";
    Message::builder()
        .from("hemgang@example.com".parse().unwrap())
        .to("ward@example.se".parse().unwrap())
        .to("manager@example.se".parse().unwrap())
        .subject("Påminnelse")
        .message_id(Some("<one@example.com>".to_owned()))
        .multipart(
            MultiPart::alternative().singlepart(SinglePart::plain(text.to_owned())).singlepart(
                SinglePart::builder()
                    .header(
                        ContentType::parse("text/calendar; charset=utf-8; method=REQUEST").unwrap(),
                    )
                    .body("BEGIN:VCALENDAR".to_owned()),
            ),
        )
        .unwrap()
}

#[tokio::test]
async fn a_mail_is_kept_decoded_once_for_each_recipient() {
    let running = start().await;
    mailer(&running).send(mail()).await.unwrap();
    assert_eq!(running.sinks.messages().total(), 2);
    let kept = running.sinks.messages().to("ward@example.se");
    let [message] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!(message.subject.as_deref(), Some("Påminnelse"));
    assert_eq!(message.text.replace('\r', ""), "Ärende ABCD2345\n.\n..två punkter\nslut");
    assert_eq!(message.from, "hemgang@example.com");
    let mail = message.mail.as_ref().unwrap();
    assert_eq!(mail.header("message-id"), Some("<one@example.com>"));
    let calendar = mail.part("text/calendar").unwrap();
    assert_eq!(calendar.method.as_deref(), Some("REQUEST"));
}

#[tokio::test]
async fn messages_are_serialized_as_the_inbox_shows_them() {
    let running = start().await;
    mailer(&running).send(mail()).await.unwrap();
    let all = serde_json::to_value(running.sinks.messages().all()).unwrap();
    let first = &all[0];
    assert_eq!((&first["channel"], &first["to"]), (&"email".into(), &"ward@example.se".into()));
    for key in ["id", "subject", "text", "received_at"] {
        assert!(first[key].is_string(), "{key} in {first}");
    }
}

#[tokio::test]
async fn mail_can_be_encrypted_and_need_a_log_in() {
    let credentials = Credentials { user: "hemgang".to_owned(), password: "pw".to_owned() };
    let settings = Settings { credentials: Some(credentials), ..Settings::default() };
    let running = Sinks::start(settings).await.unwrap();
    let implicit = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let implicit_port = implicit.local_addr().unwrap().port();
    tokio::spawn(running.sinks.clone().serve_smtp(implicit, Security::Implicit));
    let certificate = Certificate::from_der(running.sinks.certificate().to_vec()).unwrap();
    let builder = TlsParameters::builder("localhost".to_owned());
    let trust = builder.add_root_certificate(certificate).build().unwrap();
    let ways =
        [(running.smtp.port(), Tls::Required(trust.clone())), (implicit_port, Tls::Wrapper(trust))];
    for (port, tls) in ways {
        let builder = Mailer::builder_dangerous("localhost").port(port).tls(tls);
        let stranger = builder.clone().build().send(mail()).await;
        assert!(stranger.unwrap_err().to_string().contains("530"));
        let known = builder.credentials(("hemgang".to_owned(), "pw".to_owned()).into()).build();
        known.send(mail()).await.unwrap();
    }
    assert_eq!(running.sinks.messages().total(), 4);
}

#[tokio::test]
async fn a_mail_can_be_refused_for_now_or_for_good_before_or_after_it_was_sent() {
    let running = start().await;
    let mailer = mailer(&running);
    for behaviour in [Behaviour::Refuse(451), Behaviour::RefuseRecipient(450)] {
        running.sinks.fail_next(Provider::Smtp, 1, behaviour);
        assert!(mailer.send(mail()).await.unwrap_err().is_transient(), "{behaviour:?}");
    }
    for behaviour in [Behaviour::Refuse(554), Behaviour::RefuseRecipient(550)] {
        running.sinks.fail_next(Provider::Smtp, 1, behaviour);
        assert!(mailer.send(mail()).await.unwrap_err().is_permanent(), "{behaviour:?}");
    }
    assert_eq!(running.sinks.messages().total(), 0);
    mailer.send(mail()).await.unwrap();
    assert_eq!((running.sinks.attempts(Provider::Smtp), running.sinks.messages().total()), (5, 2));
}

#[tokio::test]
async fn a_mail_whose_answer_never_comes_was_kept_or_not() {
    let running = start().await;
    running.sinks.fail_next(Provider::Smtp, 1, Behaviour::Hang);
    let patience = Duration::from_millis(300);
    let hanging = mailer(&running);
    assert!(tokio::time::timeout(patience, hanging.send(mail())).await.is_err());
    assert_eq!(running.sinks.messages().total(), 0);
    // The pool would use the hanging connection again.
    let mailer = mailer(&running);
    running.sinks.fail_next(Provider::Smtp, 1, Behaviour::Cut);
    let error = mailer.send(mail()).await.unwrap_err();
    assert!(!error.is_transient() && !error.is_permanent(), "{error}");
    assert_eq!(running.sinks.messages().total(), 2);
    running.sinks.fail_next(Provider::Smtp, 1, Behaviour::Lose);
    mailer.send(mail()).await.unwrap();
    assert_eq!(running.sinks.messages().total(), 2);
}

#[tokio::test]
async fn a_mail_that_is_too_long_is_refused_for_good() {
    let settings = Settings { longest_mail: 300, ..Settings::default() };
    let running = Sinks::start(settings).await.unwrap();
    assert!(mailer(&running).send(mail()).await.unwrap_err().is_permanent());
}

/// Somebody who receives delivery reports, and refuses the very first.
async fn receiver() -> (String, mpsc::UnboundedReceiver<String>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let refused = Arc::new(AtomicBool::new(false));
    let receive = move |RawQuery(query): RawQuery, body: String| async move {
        if !refused.swap(true, Ordering::SeqCst) {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let report = query.unwrap_or_default() + &body;
        sender.send(report).map_or(StatusCode::GONE, |()| StatusCode::NO_CONTENT)
    };
    let router = axum::Router::new().route("/report", any(receive));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/report", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, receiver)
}

async fn report(receiver: &mut mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(SOON, receiver.recv()).await.unwrap().unwrap()
}

fn elks(running: &RunningSinks, whendelivered: &str) -> reqwest::RequestBuilder {
    let form = [
        ("from", "Hemgang"),
        ("to", NUMBER),
        ("message", "Ärende ABCD2345"),
        ("whendelivered", whendelivered),
    ];
    reqwest::Client::new().post(format!("{}/sms", running.elks_url())).form(&form)
}

fn kannel(running: &RunningSinks, dlr_url: &str, mask: &str) -> reqwest::RequestBuilder {
    let query = [
        ("username", "hemgang"),
        ("password", "pw"),
        ("from", "Hemgang"),
        ("to", NUMBER),
        ("text", "Ärende ABCD2345"),
        ("charset", "UTF-8"),
        ("coding", "0"),
        ("dlr-mask", mask),
        ("dlr-url", dlr_url),
    ];
    reqwest::Client::new().get(running.kannel_url()).query(&query)
}

#[tokio::test]
async fn an_sms_by_46elks_is_kept_and_reported_until_the_report_is_taken() {
    let running = start().await;
    let (url, mut reports) = receiver().await;
    let answer = elks(&running, &url).send().await.unwrap();
    let answer: serde_json::Value = answer.error_for_status().unwrap().json().await.unwrap();
    let [message] = &running.sinks.messages().all()[..] else { panic!("not one message") };
    assert_eq!((message.channel, &*message.to), (Channel::Sms, NUMBER));
    assert_eq!(message.text, "Ärende ABCD2345");
    assert_eq!((&answer["id"], &answer["parts"]), (&message.id.clone().into(), &1.into()));
    let told = report(&mut reports).await;
    assert!(told.starts_with(&format!("id={}&status=delivered&delivered=", message.id)), "{told}");
}

#[tokio::test]
async fn an_sms_by_kannel_is_kept_and_the_outcomes_that_were_asked_for_are_reported() {
    let running = start().await;
    let (url, mut reports) = receiver().await;
    let answer = kannel(&running, &format!("{url}?id=7&code=%d"), "11").send().await.unwrap();
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.text().await.unwrap(), "0: Accepted for delivery");
    assert_eq!(running.sinks.messages().to(NUMBER).len(), 1);
    assert_eq!(report(&mut reports).await, "id=7&code=8");
    assert_eq!(report(&mut reports).await, "id=7&code=1");
}

#[tokio::test]
async fn reports_can_come_twice_and_be_false() {
    let running = start().await;
    let (url, mut reports) = receiver().await;
    let twice = Reports { outcome: Outcome::Failed, after: Duration::ZERO, times: 2 };
    running.sinks.set_reports(Provider::Elks, Some(twice));
    elks(&running, &url).send().await.unwrap();
    for _ in 0..2 {
        assert!(report(&mut reports).await.contains("status=failed"));
    }
    assert_eq!(running.sinks.messages().total(), 1);
}

#[tokio::test]
async fn gateways_refuse_lose_and_vanish_as_they_are_told() {
    let running = start().await;
    for (provider, request) in [
        (Provider::Elks, elks(&running, "http://127.0.0.1:9/")),
        (Provider::Kannel, kannel(&running, "http://127.0.0.1:9/", "0")),
    ] {
        running.sinks.messages().clear();
        let send = || request.try_clone().unwrap().timeout(Duration::from_millis(500)).send();
        running.sinks.fail_next(provider, 1, Behaviour::Refuse(403));
        assert_eq!(send().await.unwrap().status(), 403);
        running.sinks.fail_next(provider, 1, Behaviour::Hang);
        assert!(send().await.unwrap_err().is_timeout());
        running.sinks.fail_next(provider, 1, Behaviour::Lose);
        assert!(send().await.unwrap().status().is_success());
        assert!(running.sinks.messages().all().is_empty());
        running.sinks.fail_next(provider, 1, Behaviour::Cut);
        let error = send().await.unwrap_err();
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
        assert_eq!(running.sinks.messages().all().len(), 1);
    }
}

#[tokio::test]
async fn gateways_refuse_what_the_real_ones_refuse() {
    let credentials = Credentials { user: "hemgang".to_owned(), password: "pw".to_owned() };
    let settings = Settings { credentials: Some(credentials), ..Settings::default() };
    let running = Sinks::start(settings).await.unwrap();
    let nowhere = "http://127.0.0.1:9/";
    assert_eq!(elks(&running, nowhere).send().await.unwrap().status(), 401);
    let known = elks(&running, nowhere).basic_auth("hemgang", Some("pw"));
    assert_eq!(known.send().await.unwrap().status(), 200);
    assert_eq!(kannel(&running, nowhere, "0").send().await.unwrap().status(), 202);
    let strange = reqwest::Client::new().get(running.kannel_url()).send().await.unwrap();
    assert_eq!(strange.status(), 403);
}

#[tokio::test]
async fn only_the_newest_messages_are_kept_and_all_are_counted() {
    let running = Sinks::start(Settings { keep: 3, ..Settings::default() }).await.unwrap();
    for _ in 0..3 {
        mailer(&running).send(mail()).await.unwrap();
    }
    assert_eq!((running.sinks.messages().all().len(), running.sinks.messages().total()), (3, 6));
}

#[tokio::test]
async fn waiting_ends_when_the_message_comes_or_says_what_there_was() {
    let running = start().await;
    let messages = running.sinks.messages();
    let two = |all: &[_]| (all.len() == 2).then_some(());
    let mailer = mailer(&running);
    let (seen, sent) = tokio::join!(messages.wait_for(SOON, two), mailer.send(mail()));
    sent.unwrap();
    seen.unwrap();
    let never = messages.wait_for(Duration::from_millis(10), |_| None::<()>).await;
    assert!(never.unwrap_err().to_string().contains("manager@example.se"));
}

#[tokio::test]
async fn one_recipient_may_be_treated_in_a_way_of_its_own() {
    let running = start().await;
    let bad = Behaviour::RefuseRecipient(550);
    running.sinks.set_behaviour_to(Provider::Smtp, "manager@example.se", bad);
    let refused = mailer(&running).send(mail()).await.unwrap_err();
    assert_eq!(refused.status().map(u16::from), Some(550));
    running.sinks.set_behaviour_to(Provider::Smtp, "manager@example.se", Behaviour::Accept);
    mailer(&running).send(mail()).await.unwrap();
    assert_eq!(running.sinks.messages().total(), 2);
}
