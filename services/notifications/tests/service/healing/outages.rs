//! Nothing can be sent for long, or to nobody: alerts wait, are given up, or are found and retried by
//! an operator.

use contracts::alert::AlertState::{Failed, Queued, Sent, Unresolved, Withdrawn};
use contracts::commands::{ListAlerts, Retried};
use contracts::ledger::StepKind;
use contracts::reach::Role;
use embedded::sinks::{Behaviour, Provider};
use serde_json::json;
use test_support::{SOON, eventually};

use super::{MAIL, NUMBER, OTHER, asked, contact, failed, import, start};
use crate::harness::{BOTH, Service, show};
use crate::ledgers::{done, missed, open_case, quiet_case, step};

#[tokio::test]
async fn an_alert_outlasts_any_outage_and_is_sent_when_it_ends() {
    let service = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledger = missed(&quiet_case());
    service.tell(&ledger).await;
    asked(&service, 8).await;
    service.stands(ledger.case_id, &[Queued]).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    service.inbox(MAIL, 1).await;
    service.stands(ledger.case_id, &[Sent]).await;
}

#[tokio::test]
async fn old_news_that_nobody_took_are_given_up() {
    let service = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledger = open_case();
    service.tell(&ledger).await;
    asked(&service, 1).await;
    let sql = "update alert set raised_at = now() - interval '25 hours'";
    sqlx::query(sql).execute(&service.database.pool).await.unwrap();
    eventually("it is given up", SOON, async || {
        service.hasten().await;
        let alerts = service.alerts(ledger.case_id).await;
        if alerts[0].state == Failed { Ok(()) } else { Err(show(alerts[0].state)) }
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_fails_again_and_again_is_left_alone() {
    let service = Service::start(BOTH).await;
    let phone = json!([{"name": "telefon", "role": "unit", "sms": NUMBER}]);
    import(&service, phone).await;
    service.sinks.sinks.set_reports(Provider::Kannel, None);
    service.sinks.sinks.set_behaviour(Provider::Elks, Behaviour::Refuse(429));
    for _ in 0..7 {
        let ledger = missed(&quiet_case());
        service.tell(&ledger).await;
        service.stands(ledger.case_id, &[Sent]).await;
    }
    // After five failures nobody asks it again, unless its pause is over on a slow machine.
    assert!(service.sinks.sinks.attempts(Provider::Elks) < 7);
    assert_eq!(service.sinks.sinks.attempts(Provider::Kannel), 7);
}

#[tokio::test]
async fn a_delivery_that_cannot_be_read_stops_none_of_the_others() {
    let service = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let ledgers = [missed(&quiet_case()), missed(&quiet_case())];
    for ledger in &ledgers {
        service.tell(ledger).await;
    }
    asked(&service, 2).await;
    eventually("one is written by another release", SOON, async || {
        let sql = "update delivery set provider = 'telex' where state = 'queued'
                     and alert_id in (select alert_id from alert where case_id = $1)";
        let case = ledgers[0].case_id.0;
        let done = sqlx::query(sql).bind(case).execute(&service.database.pool).await.unwrap();
        if done.rows_affected() == 1 { Ok(()) } else { Err("it is under way") }
    })
    .await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    service.inbox(MAIL, 1).await;
    service.stands(ledgers[0].case_id, &[Failed]).await;
    service.stands(ledgers[1].case_id, &[Sent]).await;
}

#[tokio::test]
async fn an_operator_heals_alerts_to_nobody_once_somebody_is_there() {
    let service = start().await;
    let ledger = step(&quiet_case(), StepKind::Unit, Role::OnCall);
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Failed]).await;
    let still = service.call(&failed(None)).await.unwrap();
    assert_eq!(still, Retried { queued: 0, replaced: 0, to_nobody: 1 });
    import(&service, json!([contact("jour", "on_call", OTHER)])).await;
    let healed = service.call(&failed(Some(ledger.case_id))).await.unwrap();
    assert_eq!(healed, Retried { queued: 0, replaced: 1, to_nobody: 0 });
    service.stands(ledger.case_id, &[Withdrawn, Sent]).await;
    assert_eq!(service.sinks.sinks.messages().to(OTHER).len(), 1);
    assert_eq!(service.call(&failed(None)).await.unwrap(), Retried::default());
}

#[tokio::test]
async fn what_failed_is_found_without_a_case_and_only_while_it_matters() {
    let service = start().await;
    let ledger = step(&quiet_case(), StepKind::Unit, Role::OnCall);
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Failed]).await;
    let find = |state| ListAlerts { case: None, state: Some(state) };
    assert_eq!(service.caller.ask(&find(Failed)).await.unwrap().len(), 1);
    assert_eq!(service.caller.ask(&find(Unresolved)).await.unwrap(), []);
    service.tell(&done(&ledger)).await;
    service.has_heard().await;
    assert_eq!(service.caller.ask(&find(Failed)).await.unwrap(), []);
}
