//! Which alerts exist.

use std::collections::BTreeSet;

use contracts::alert::AlertState::{Failed, Sent, Withdrawn};
use contracts::commands::CountAlerts;
use contracts::ledger::StepKind;
use contracts::reach::Role;
use contracts::{CaseId, Ledger};
use embedded::sinks::{Behaviour, Provider};
use serde_json::json;
use test_support::{SOON, eventually};

use crate::harness::{BOTH, Service};
use crate::ledgers::{UNIT, done, missed, open_case, quiet_case, step};

/// Two mailboxes of the unit, its manager, nobody on call.
async fn import(service: &Service) {
    let contacts = json!([
        {"name": "brevlåda", "role": "unit", "email": "vc01@example.se"},
        {"name": "mottagning", "role": "unit", "email": "mottagning@example.se"},
        {"name": "chef", "role": "manager", "email": "chef@example.se"},
    ]);
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
}

/// Which causes are told to whom, whatever became of it; with the case's own ids taken out.
async fn logical(service: &Service, ledger: &Ledger) -> BTreeSet<(String, String)> {
    let name = |alert: &contracts::Alert| {
        let step = ledger.obligations.iter().flat_map(|o| &o.steps).find(|s| s.id == alert.cause);
        let kind = step.map_or("news", |step| step.kind.as_str());
        (kind.to_owned(), alert.contact_point.to_string())
    };
    service.alerts(ledger.case_id).await.iter().map(name).collect()
}

#[tokio::test]
async fn the_same_alerts_exist_in_whatever_order_and_however_often_ledgers_come() {
    let service = Service::start(BOTH).await;
    import(&service).await;
    let mut outcomes = Vec::new();
    for order in [&[0_usize, 1, 2, 3][..], &[3], &[3, 1, 1, 0, 2, 3], &[2, 0, 3]] {
        let first = open_case();
        let second = missed(&first);
        let third = step(&second, StepKind::Manager, Role::Manager);
        let last = done(&third);
        let versions = [first, second, third, last];
        for at in order {
            let version = i64::try_from(*at).unwrap() + 1;
            service.tell_version(&versions[*at], version).await;
            service.has_heard().await;
        }
        outcomes.push(logical(&service, &versions[3]).await);
    }
    assert_eq!(outcomes[0].len(), 5, "two hear the news, two of the miss, the manager once");
    assert!(outcomes.iter().all(|one| *one == outcomes[0]), "{outcomes:#?}");
}

#[tokio::test]
async fn two_replicas_send_each_message_once() {
    let mut service = Service::start(BOTH).await;
    service.start_replica().await;
    import(&service).await;
    let cases: Vec<Ledger> = (0..60).map(|_| missed(&open_case())).collect();
    for ledger in &cases {
        service.tell(ledger).await;
    }
    eventually("all are sent", SOON, async || {
        let counts = service.caller.ask(&CountAlerts {}).await.map_err(|e| e.to_string())?;
        if counts.mails == 240 { Ok(()) } else { Err(format!("{counts:?}")) }
    })
    .await;
    for ledger in &cases {
        service.tell(ledger).await;
    }
    service.has_heard().await;
    let counts = service.caller.ask(&CountAlerts {}).await.unwrap();
    assert_eq!((counts.alerts, counts.mails, counts.queued), (240, 240, 0));
    assert_eq!(service.sinks.sinks.messages().total(), 240);
}

#[tokio::test]
async fn a_unit_with_nobody_in_the_role_leaves_an_alert_that_has_failed() {
    let service = Service::start(BOTH).await;
    import(&service).await;
    let ledger = step(&quiet_case(), StepKind::Unit, Role::OnCall);
    service.tell(&ledger).await;
    let alerts = service.stands(ledger.case_id, &[Failed]).await;
    assert_eq!(alerts[0].role, Role::OnCall);
    // Who is imported afterwards is not told of the past.
    let contacts = json!([{"name": "jour", "role": "on_call", "email": "jour@example.se"}]);
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
    service.tell(&ledger).await;
    service.has_heard().await;
    service.stands(ledger.case_id, &[Failed]).await;
    assert_eq!(service.sinks.sinks.messages().total(), 0);
}

#[tokio::test]
async fn an_alert_is_withdrawn_while_unsent_when_the_duty_is_met() {
    let service = Service::start(BOTH).await;
    import(&service).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    eventually("both mails were refused once", SOON, async || {
        let attempts = service.sinks.sinks.attempts(Provider::Smtp);
        if attempts == 2 { Ok(()) } else { Err(attempts) }
    })
    .await;
    service.delivered(&[("queued", 2)]).await;
    service.tell(&done(&ledger)).await;
    service.stands(ledger.case_id, &[Withdrawn, Withdrawn]).await;
    service.delivered(&[("withdrawn", 2)]).await;
}

#[tokio::test]
async fn whether_it_still_holds_is_looked_at_once_more_before_each_attempt() {
    let service = Service::start(BOTH).await;
    import(&service).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    service.delivered(&[("queued", 2)]).await;
    eventually("both mails were refused once", SOON, async || {
        let attempts = service.sinks.sinks.attempts(Provider::Smtp);
        if attempts == 2 { Ok(()) } else { Err(attempts) }
    })
    .await;
    service.delivered(&[("queued", 2)]).await;
    // As if the news had come while the attempts were under way, when there is nothing to withdraw.
    sqlx::query("update known_ledger set snapshot = $1")
        .bind(serde_json::to_value(done(&ledger)).unwrap())
        .execute(&service.database.pool)
        .await
        .unwrap();
    service.hasten().await;
    service.stands(ledger.case_id, &[Withdrawn, Withdrawn]).await;
    assert_eq!(service.sinks.sinks.attempts(Provider::Smtp), 2);
}

#[tokio::test]
async fn what_is_over_when_it_is_first_heard_of_is_never_sent() {
    let service = Service::start(BOTH).await;
    import(&service).await;
    let ledger = done(&missed(&quiet_case()));
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Withdrawn, Withdrawn]).await;
    assert_eq!(service.deliveries().await.len(), 0);
}

#[tokio::test]
async fn nothing_but_the_case_reference_and_the_duty_is_in_a_message() {
    let service = Service::start(BOTH).await;
    import(&service).await;
    let ledger = missed(&open_case());
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Sent; 4]).await;
    let CaseId(case) = ledger.case_id;
    let duty = ledger.obligations[0].id.to_string();
    for message in service.sinks.sinks.messages().all() {
        let raw = message.mail.as_ref().unwrap().raw.clone();
        assert!(message.text.contains(&ledger.case_ref.to_string()));
        assert!(message.text.contains("Utse fast vårdkontakt"));
        for secret in [UNIT, case.to_string().as_str(), duty.as_str()] {
            assert!(!raw.contains(secret) && !message.text.contains(secret), "{raw}");
        }
    }
}
