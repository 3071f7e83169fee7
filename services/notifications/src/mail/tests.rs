//! Against a scripted SMTP server in the same process.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use embedded::sinks::{Credentials, Security, Settings, Sinks};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What the server says to each command; nothing for silence.
#[derive(Clone, Copy)]
struct Script {
    greeting: &'static str,
    mail: &'static str,
    rcpt: &'static str,
    data: &'static str,
    end: &'static str,
    /// Closes the connection instead of answering the message.
    hangs_up: bool,
}

const POLITE: Script = Script {
    greeting: "220 mail.example.se\r\n",
    mail: "250 ok\r\n",
    rcpt: "250 ok\r\n",
    data: "354 go\r\n",
    end: "250 queued\r\n",
    hangs_up: false,
};

/// The lines that the server was sent, of each connection.
type Heard = Arc<Mutex<Vec<Vec<String>>>>;

async fn server(script: Script) -> (Mailer, Heard) {
    let (address, heard) = listen(script).await;
    (mailer(&format!("smtp://{address}")), heard)
}

async fn listen(script: Script) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Heard::default();
    tokio::spawn(serve(listener, script, Arc::clone(&heard)));
    (address, heard)
}

async fn serve(listener: TcpListener, script: Script, heard: Heard) {
    while let Ok((stream, _)) = listener.accept().await {
        let number = {
            let mut heard = heard.lock().expect("the lock");
            heard.push(Vec::new());
            heard.len() - 1
        };
        let heard = Arc::clone(&heard);
        tokio::spawn(async move {
            let _ = converse(stream, script, |line| {
                heard.lock().expect("the lock")[number].push(line);
            })
            .await;
        });
    }
}

async fn converse(stream: TcpStream, script: Script, hear: impl Fn(String)) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut in_message = false;
    stream.write_all(script.greeting.as_bytes()).await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let said = std::mem::take(&mut line).trim_end().to_owned();
        let answer = if in_message {
            in_message = said != ".";
            if in_message { "" } else { script.end }
        } else {
            in_message = said == "DATA" && script.data.starts_with("354");
            match said.split(' ').next().unwrap_or_default() {
                "EHLO" => "250-mail.example.se\r\n250 8BITMIME\r\n",
                "MAIL" => script.mail,
                "RCPT" => script.rcpt,
                "DATA" => script.data,
                _ => "250 ok\r\n",
            }
        };
        if script.hangs_up && said == "." {
            return Ok(());
        }
        hear(said);
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

fn mailer(url: &str) -> Mailer {
    let from = "Hemgång <hemgang@example.se>";
    Mailer::new(url, from, Some("stod@example.se"), None).expect("settings")
}

/// Waits for a silent server no longer than a test should take.
fn impatient(mailer: Mailer) -> Mailer {
    Mailer { patience: Duration::from_secs(1), ..mailer }
}

async fn send(mailer: &Mailer) -> SendOutcome {
    let to = "varden@example.se".parse().expect("an address");
    let text = MailText {
        subject: "K7M2-9QXD, påminnelse".into(),
        text: "Ärende K7M2-9QXD\n\n.\nHej då".into(),
        language: Language::Sv,
    };
    let mail = OutgoingMail {
        to: &to,
        text: &text,
        event: None,
        alerts: &[AlertId(uuid::Uuid::from_u128(7))],
        written_at: DateTime::from_timestamp(1_795_000_000, 0).expect("an instant"),
    };
    mailer.send(&mail).await
}

const ACCEPTED: SendOutcome = SendOutcome::Accepted { provider_id: None, parts: 1 };

#[tokio::test]
async fn a_mail_says_who_wrote_it_that_a_machine_did_and_which_it_is() {
    let (mailer, heard) = server(POLITE).await;
    assert_eq!(send(&mailer).await, ACCEPTED);
    let heard = heard.lock().expect("the lock")[0].clone();
    for line in [
        "MAIL FROM:<hemgang@example.se>",
        "RCPT TO:<varden@example.se>",
        "Reply-To: stod@example.se",
        "To: varden@example.se",
        "Message-ID: <00000000-0000-0000-0000-000000000007.email@example.se>",
        "Date: Wed, 18 Nov 2026 11:06:40 +0000",
        "Auto-Submitted: auto-generated",
        "Content-Language: sv",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "=C3=84rende K7M2-9QXD",
        "..",
    ] {
        assert!(heard.iter().any(|said| said == line), "{line} is missing in {heard:#?}");
    }
    assert!(heard.iter().all(|line| !line.starts_with("X-") && line.is_ascii()));
}

#[test]
fn the_same_alerts_are_known_by_the_same_id_in_whatever_order() {
    let [a, b, c] = [7, 8, 9].map(|n| AlertId(uuid::Uuid::from_u128(n)));
    let id = message_id(&[a, b, c]);
    assert_eq!(id, message_id(&[c, a, b]));
    assert!(id.ends_with(".digest"), "{id}");
    let others = [message_id(&[a, b]), message_id(&[a])];
    assert!(others.iter().all(|other| *other != id));
}

#[test]
fn a_line_that_begins_with_a_dot_does_not_end_the_message() {
    let message = "Subject: dots\r\n\r\n.\r\n..\r\nend.\r\n";
    let written = Content(message).to_string();
    assert_eq!(written, "Subject: dots\r\n\r\n..\r\n...\r\nend.\r\n.\r\n");
}

#[tokio::test]
async fn the_next_mail_goes_over_the_same_connection() {
    let (mailer, heard) = server(POLITE).await;
    assert_eq!(send(&mailer).await, ACCEPTED);
    assert_eq!(send(&mailer).await, ACCEPTED);
    assert_eq!(heard.lock().expect("the lock").len(), 1);
}

#[tokio::test]
async fn four_yz_is_refused_for_now_wherever_it_is_said() {
    let not_now = |code| SendOutcome::refused(false, Reason::Busy, Some(code));
    for (script, expected) in [
        (Script { greeting: "421 later\r\n", ..POLITE }, not_now(421)),
        (Script { mail: "451 later\r\n", ..POLITE }, not_now(451)),
        (Script { rcpt: "450 greylisted\r\n", ..POLITE }, not_now(450)),
        (Script { data: "452 full\r\n", ..POLITE }, not_now(452)),
        (Script { end: "451 later\r\n", ..POLITE }, not_now(451)),
    ] {
        let (mailer, _) = server(script).await;
        assert_eq!(send(&mailer).await, expected);
    }
}

#[tokio::test]
async fn five_yz_is_refused_for_good_and_says_whose_fault_it_is() {
    let refused = |reason, code| SendOutcome::refused(true, reason, Some(code));
    for (script, expected) in [
        (
            Script { rcpt: "550 5.1.1 unknown\r\n", ..POLITE },
            refused(Reason::RecipientRefused, 550),
        ),
        (Script { data: "554 no\r\n", ..POLITE }, refused(Reason::RequestRefused, 554)),
        (Script { end: "554 spam\r\n", ..POLITE }, refused(Reason::RequestRefused, 554)),
    ] {
        let (mailer, _) = server(script).await;
        assert_eq!(send(&mailer).await, expected);
    }
}

#[tokio::test]
async fn trouble_with_our_own_account_is_not_for_good() {
    let ours = |code| SendOutcome::refused(false, Reason::AccountRefused, Some(code));
    for (script, expected) in [
        (Script { greeting: "554 no\r\n", ..POLITE }, ours(554)),
        (Script { mail: "550 sender unknown\r\n", ..POLITE }, ours(550)),
        (Script { mail: "530 log in first\r\n", ..POLITE }, ours(530)),
        (Script { rcpt: "535 wrong password\r\n", ..POLITE }, ours(535)),
        (Script { rcpt: "554 5.7.1 relaying denied\r\n", ..POLITE }, ours(554)),
    ] {
        let (mailer, _) = server(script).await;
        assert_eq!(send(&mailer).await, expected);
    }
}

#[tokio::test]
async fn nobody_listening_means_certainly_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mailer = mailer(&format!("smtp://{}", listener.local_addr().expect("an address")));
    drop(listener);
    assert_eq!(send(&mailer).await, SendOutcome::refused(false, Reason::NotReached, None));
}

#[tokio::test]
async fn silence_before_the_message_means_certainly_not_sent() {
    let not_reached = SendOutcome::refused(false, Reason::NotReached, None);
    for script in [Script { greeting: "", ..POLITE }, Script { rcpt: "", ..POLITE }] {
        let (mailer, _) = server(script).await;
        assert_eq!(send(&impatient(mailer)).await, not_reached);
    }
}

#[tokio::test]
async fn silence_after_the_message_is_unknown() {
    let (mailer, _) = server(Script { end: "", ..POLITE }).await;
    assert_eq!(send(&impatient(mailer)).await, SendOutcome::Unknown { reason: Reason::Timeout });
}

#[tokio::test]
async fn a_connection_cut_after_the_message_is_unknown() {
    let (mailer, _) = server(Script { hangs_up: true, ..POLITE }).await;
    assert_eq!(send(&mailer).await, SendOutcome::Unknown { reason: Reason::ConnectionLost });
}

#[tokio::test]
async fn an_answer_to_the_message_that_means_nothing_is_unknown() {
    let (mailer, _) = server(Script { end: "354 more\r\n", ..POLITE }).await;
    assert_eq!(send(&mailer).await, SendOutcome::Unknown { reason: Reason::UnreadableAnswer });
}

#[tokio::test]
async fn a_connection_that_was_given_up_is_not_used_again() {
    let (mailer, heard) = server(Script { end: "", ..POLITE }).await;
    let mailer = impatient(mailer);
    send(&mailer).await;
    send(&mailer).await;
    assert_eq!(heard.lock().expect("the lock").len(), 2);
}

#[tokio::test]
async fn without_the_encryption_that_is_required_nothing_is_sent() {
    let (address, heard) = listen(POLITE).await;
    let outcome = send(&mailer(&format!("smtp://{address}?tls=required"))).await;
    assert_eq!(outcome, SendOutcome::refused(false, Reason::AccountRefused, None));
    let heard = heard.lock().expect("the lock")[0].clone();
    assert!(!heard.iter().any(|line| line.starts_with("MAIL")));
}

/// A stand-in for a mail server with encryption and log-in, and its certificate in PEM.
async fn encrypted(security: Security) -> (Sinks, SocketAddr, String) {
    let credentials = Credentials { user: "hemgang".into(), password: "secret".into() };
    let settings = Settings { credentials: Some(credentials), ..Settings::default() };
    let sinks = Sinks::new(settings).expect("a stand-in");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(sinks.clone().serve_smtp(listener, security));
    let certificate = BASE64_STANDARD.encode(sinks.certificate());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    (sinks, address, pem)
}

fn trusting(url: &str, pem: &str) -> Mailer {
    Mailer::new(url, "hemgang@example.se", None, Some(pem.as_bytes())).expect("settings")
}

#[tokio::test]
async fn a_mail_goes_encrypted_to_a_server_for_which_our_own_authority_vouches() {
    for security in [Security::StartTls, Security::Implicit] {
        let (sinks, address, pem) = encrypted(security).await;
        let url = |password| match security {
            Security::Implicit => format!("smtps://hemgang:{password}@{address}"),
            _ => format!("smtp://hemgang:{password}@{address}?tls=required"),
        };
        assert_eq!(send(&trusting(&url("secret"), &pem)).await, ACCEPTED, "{security:?}");
        assert_eq!(sinks.messages().total(), 1);
        let wrong = send(&trusting(&url("wrong"), &pem)).await;
        assert_eq!(wrong, SendOutcome::refused(false, Reason::AccountRefused, Some(535)));
        let stranger = send(&mailer(&url("secret"))).await;
        assert_eq!(stranger, SendOutcome::refused(false, Reason::NotReached, None));
        assert_eq!(sinks.messages().total(), 1);
    }
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let bad = |url, from, reply_to| Mailer::new(url, from, reply_to, None).map(|_| ());
    let url = "smtp://localhost";
    assert!(matches!(bad("localhost", "a@example.se", None), Err(SettingsError::Url(_))));
    assert!(matches!(bad(url, "Hemgång", None), Err(SettingsError::From)));
    assert!(matches!(bad(url, "a@example.se", Some("@")), Err(SettingsError::ReplyTo)));
}
