//! What becomes of a message on the way.

use contracts::alert::AlertState::{Failed, Queued, Sent, Unresolved};
use contracts::commands::AcknowledgeAlert;
use embedded::sinks::{Behaviour, Channel, Provider};
use serde_json::json;
use test_support::{SOON, eventually};

use crate::harness::{BOTH, Service};
use crate::ledgers::{UNIT, missed, quiet_case};

const MAIL: &str = "vc01@example.se";
const NUMBER: &str = "+46701740605";

async fn with(contact: serde_json::Value) -> Service {
    let service = Service::start(BOTH).await;
    for provider in [Provider::Elks, Provider::Kannel] {
        service.sinks.sinks.set_reports(provider, None);
    }
    service.import(json!([{"unit": UNIT, "contacts": [contact]}])).await;
    service
}

async fn with_mail() -> Service {
    with(json!({"name": "brevlåda", "role": "unit", "email": MAIL})).await
}

async fn with_mail_and_number() -> Service {
    with(json!({"name": "båda", "role": "unit", "email": MAIL, "sms": "070-174 06 05"})).await
}

#[tokio::test]
async fn a_mail_that_is_refused_for_now_is_tried_again_and_then_goes_as_sms() {
    let service = with_mail_and_number().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::RefuseRecipient(450));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    let sms = service.inbox(NUMBER, 1).await;
    assert_eq!(sms[0].channel, Channel::Sms);
    assert!(!sms[0].text.starts_with("Igen"), "a refused mail is none that may have come");
    assert!(service.sinks.sinks.attempts(Provider::Smtp) >= 5);
    service.stands(ledger.case_id, &[Sent]).await;
    service.delivered(&[("withdrawn", 1), ("accepted", 1)]).await;
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_goes_as_sms_at_once() {
    let service = with_mail_and_number().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::RefuseRecipient(550));
    service.tell(&missed(&quiet_case())).await;
    service.inbox(NUMBER, 1).await;
    assert_eq!(service.sinks.sinks.attempts(Provider::Smtp), 1);
}

#[tokio::test]
async fn without_another_way_a_refusal_for_good_is_a_failed_alert() {
    let service = with_mail().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::RefuseRecipient(550));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Failed]).await;
}

#[tokio::test]
async fn a_mail_of_unknown_fate_is_repeated_once_and_says_so() {
    let service = with_mail().await;
    service.sinks.sinks.fail_next(Provider::Smtp, 1, Behaviour::Cut);
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    let mails = service.inbox(MAIL, 2).await;
    let subject = |at: usize| mails[at].subject.clone().unwrap();
    assert!(!subject(0).starts_with("Igen"), "{}", subject(0));
    assert_eq!(subject(1), format!("Igen: {}", subject(0)));
    let id = |at: usize| mails[at].mail.as_ref().unwrap().header("Message-ID").unwrap().to_owned();
    assert_eq!(id(0), id(1), "a mail program can know the second copy");
    service.stands(ledger.case_id, &[Sent]).await;
    service.delivered(&[("unknown", 1), ("accepted", 1)]).await;
}

#[tokio::test]
async fn a_second_unknown_fate_is_left_for_a_person_to_see() {
    let service = with_mail().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Cut);
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.inbox(MAIL, 2).await;
    service.stands(ledger.case_id, &[Unresolved]).await;
    service.delivered(&[("unknown", 2)]).await;
}

#[tokio::test]
async fn an_acknowledged_alert_is_not_repeated() {
    let service = with_mail().await;
    service.sinks.sinks.fail_next(Provider::Smtp, 1, Behaviour::Cut);
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.delivered(&[("unknown", 1), ("queued", 1)]).await;
    let alert = service.stands(ledger.case_id, &[Queued]).await[0].alert_id;
    let done = service.call(&AcknowledgeAlert { alert }).await.unwrap();
    assert!(done.changed);
    service.hasten().await;
    service.delivered(&[("unknown", 1), ("withdrawn", 1)]).await;
    assert!(!service.call(&AcknowledgeAlert { alert }).await.unwrap().changed);
    let alerts = service.stands(ledger.case_id, &[Unresolved]).await;
    assert!(alerts[0].acknowledged.as_ref().unwrap().by.is_some());
    assert_eq!(service.sinks.sinks.attempts(Provider::Smtp), 1);
}

#[tokio::test]
async fn an_attempt_that_died_with_its_process_counts_as_unknown_and_is_repeated() {
    let mut service = with_mail().await;
    service.start_replica().await;
    service.sinks.sinks.fail_next(Provider::Smtp, 1, Behaviour::Hang);
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.delivered(&[("attempting", 1)]).await;
    // The other process finds that nobody has ended the attempt.
    service.lose_leases().await;
    let mails = service.inbox(MAIL, 1).await;
    assert!(mails[0].subject.as_ref().unwrap().starts_with("Igen: "));
    service.delivered(&[("unknown", 1), ("accepted", 1)]).await;
    let reason: String = sqlx::query_scalar("select reason from delivery where state = 'unknown'")
        .fetch_one(&service.database.pool)
        .await
        .unwrap();
    assert_eq!(reason, "interrupted");
}

#[tokio::test]
async fn a_contact_point_that_was_removed_gets_nothing_more() {
    let service = with_mail().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::RefuseRecipient(450));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    eventually("the mail was refused", SOON, async || {
        let attempts = service.sinks.sinks.attempts(Provider::Smtp);
        if attempts == 1 { Ok(()) } else { Err(attempts) }
    })
    .await;
    service.import(json!([{"unit": UNIT, "contacts": []}])).await;
    service.delivered(&[("queued", 1)]).await;
    service.hasten().await;
    service.stands(ledger.case_id, &[Failed]).await;
    assert_eq!(service.sinks.sinks.attempts(Provider::Smtp), 1);
}
