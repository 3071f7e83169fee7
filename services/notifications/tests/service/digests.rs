//! News that come together at certain times.

use contracts::Ledger;
use contracts::alert::AlertState::{Failed, Queued, Sent, Withdrawn};
use contracts::commands::AcknowledgeAlert;
use contracts::ledger::NewsKind;
use embedded::sinks::{Behaviour, Message, Provider};
use serde_json::json;
use test_support::{SOON, eventually};

use crate::harness::{BOTH, Service, show};
use crate::ledgers::{UNIT, missed, open_case, quiet_case};

const MAIL: &str = "bistand@example.se";
const OTHER: &str = "ny@example.se";
const NUMBER: &str = "+46701740605";

/// Six in the morning in Sweden, and the time of the first digest.
const MORNING: &str = "2026-11-24T05:00:00Z";
const A_MOMENT_BEFORE: &str = "2026-11-24T06:44:59Z";
const TIME: &str = "2026-11-24T06:45:00Z";

async fn with(contact: serde_json::Value) -> Service {
    let service = Service::start_at(BOTH, MORNING).await;
    for provider in [Provider::Elks, Provider::Kannel] {
        service.sinks.sinks.set_reports(provider, None);
    }
    service.import(json!([{"unit": UNIT, "contacts": [contact]}])).await;
    service
}

async fn start() -> Service {
    let times = ["07:45", "13:00"];
    with(json!({"name": "brevlåda", "role": "unit", "email": MAIL, "digest": times})).await
}

/// Tells of so many new cases, of which nobody has a message yet.
async fn cases(service: &Service, count: usize) -> Vec<Ledger> {
    let cases: Vec<Ledger> = (0..count).map(|_| open_case()).collect();
    for ledger in &cases {
        service.tell(ledger).await;
    }
    service.delivered(&[("queued", i64::try_from(count).unwrap())]).await;
    cases
}

fn of_kind(kind: NewsKind) -> Ledger {
    let mut ledger = open_case();
    ledger.news[0].kind = kind;
    ledger
}

fn subject(message: &Message) -> &str {
    message.subject.as_deref().unwrap()
}

fn id(message: &Message) -> &str {
    message.mail.as_ref().unwrap().header("Message-ID").unwrap()
}

fn links(message: &Message) -> usize {
    message.text.matches("/a/").count()
}

fn names(message: &Message, ledger: &Ledger) -> bool {
    message.text.contains(&ledger.case_ref.to_string())
}

#[tokio::test]
async fn news_wait_for_the_time_and_come_as_one_mail() {
    let service = start().await;
    let cases = cases(&service, 3).await;
    let times: Vec<chrono::DateTime<chrono::Utc>> =
        sqlx::query_scalar("select distinct digest_at from delivery")
            .fetch_all(&service.database.pool)
            .await
            .unwrap();
    assert_eq!(times, [TIME.parse::<chrono::DateTime<chrono::Utc>>().unwrap()]);
    service.set_clock(A_MOMENT_BEFORE);
    // Others know by then that it waits, and a step waits for nothing.
    let sql = "select count(*) from messaging.outbox where subject = $1 and live";
    let subject_of_alerts = contracts::subjects::ALERT_CHANGED;
    let said: i64 = sqlx::query_scalar(sql)
        .bind(subject_of_alerts)
        .fetch_one(&service.database.pool)
        .await
        .unwrap();
    assert_eq!(said, 3);
    service.tell(&missed(&quiet_case())).await;
    let step = service.inbox(MAIL, 1).await;
    assert!(subject(&step[0]).contains("missat"), "{}", subject(&step[0]));
    service.delivered(&[("queued", 3), ("accepted", 1)]).await;
    service.set_clock(TIME);
    let mails = service.inbox(MAIL, 2).await;
    assert_eq!((subject(&mails[1]), links(&mails[1])), ("Nytt i 3 ärenden", 3));
    for ledger in &cases {
        assert!(names(&mails[1], ledger), "{}", mails[1].text);
        service.stands(ledger.case_id, &[Sent]).await;
        let raw = &mails[1].mail.as_ref().unwrap().raw;
        for secret in [UNIT.to_owned(), ledger.case_id.to_string()] {
            assert!(!raw.contains(&secret) && !mails[1].text.contains(&secret), "{raw}");
        }
    }
    service.delivered(&[("accepted", 4)]).await;
    assert_eq!(service.sinks.sinks.messages().total(), 2);
}

#[tokio::test]
async fn what_starts_a_clock_or_needs_somebody_waits_for_no_digest() {
    let service = start().await;
    let at_once = [
        NewsKind::ReadyGiven,
        NewsKind::ReadyRevoked,
        NewsKind::EstimateDrifts,
        NewsKind::DischargeNotice,
        NewsKind::Discharged,
        NewsKind::DischargeRevoked,
        NewsKind::TrackProposed,
        NewsKind::TrackApproved,
        NewsKind::TrackRefused,
        NewsKind::CouldNotBeRouted,
    ];
    for kind in at_once {
        let ledger = of_kind(kind);
        service.tell(&ledger).await;
        service.stands(ledger.case_id, &[Sent]).await;
    }
    let ledger = of_kind(NewsKind::EstimateChanged);
    service.tell(&ledger).await;
    service.stands(ledger.case_id, &[Queued]).await;
    assert_eq!(service.sinks.sinks.messages().total(), 10);
}

#[tokio::test]
async fn what_has_become_untrue_or_was_seen_is_not_in_it() {
    let service = start().await;
    let mut cases = cases(&service, 5).await;
    cases[0].news[0].withdrawn = true;
    service.tell(&cases[0]).await;
    service.stands(cases[0].case_id, &[Withdrawn]).await;
    // As if it were known only when the mail is made.
    cases[1].news[0].withdrawn = true;
    sqlx::query("update known_ledger set snapshot = $2 where case_id = $1")
        .bind(cases[1].case_id.0)
        .bind(serde_json::to_value(&cases[1]).unwrap())
        .execute(&service.database.pool)
        .await
        .unwrap();
    let alert = service.alerts(cases[2].case_id).await[0].alert_id;
    service.call(&AcknowledgeAlert { alert }).await.unwrap();
    service.set_clock(TIME);
    let mails = service.inbox(MAIL, 1).await;
    assert_eq!(subject(&mails[0]), "Nytt i 2 ärenden");
    let told: Vec<bool> = cases.iter().map(|ledger| names(&mails[0], ledger)).collect();
    assert_eq!(told, [false, false, false, true, true]);
    service.delivered(&[("withdrawn", 3), ("accepted", 2)]).await;
    service.stands(cases[1].case_id, &[Withdrawn]).await;
}

#[tokio::test]
async fn one_alone_comes_as_the_ordinary_mail() {
    let service = start().await;
    let case = cases(&service, 1).await.remove(0);
    service.set_clock(TIME);
    let mails = service.inbox(MAIL, 1).await;
    assert!(subject(&mails[0]).starts_with(&format!("{}, nytt ärende", case.case_ref)));
    let alert = service.stands(case.case_id, &[Sent]).await[0].alert_id;
    assert!(id(&mails[0]).contains(&format!("{alert}.email@")));
}

#[tokio::test]
async fn when_the_address_is_refused_for_good_each_goes_as_sms() {
    let both = json!({"name": "båda", "role": "unit", "email": MAIL, "sms": NUMBER,
                      "digest": ["07:45"]});
    let service = with(both).await;
    let cases = cases(&service, 2).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::RefuseRecipient(550));
    service.set_clock(TIME);
    let sms = service.inbox(NUMBER, 2).await;
    assert!(sms.iter().all(|one| !one.text.starts_with("Igen")));
    for ledger in &cases {
        assert_eq!(sms.iter().filter(|one| names(one, ledger)).count(), 1);
        service.stands(ledger.case_id, &[Sent]).await;
    }
    service.delivered(&[("failed", 2), ("accepted", 2)]).await;
    assert_eq!(service.sinks.sinks.attempts(Provider::Smtp), 1);
}

#[tokio::test]
async fn what_is_refused_for_now_comes_together_once_it_is_taken() {
    let service = start().await;
    let cases = cases(&service, 3).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::RefuseRecipient(450));
    service.set_clock(TIME);
    eventually("it was refused", SOON, async || {
        let attempts = service.sinks.sinks.attempts(Provider::Smtp);
        if attempts == 1 { Ok(()) } else { Err(attempts) }
    })
    .await;
    service.delivered(&[("queued", 3)]).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    // Whichever waits least takes the others with it.
    let sql = "update delivery set next_attempt_at = now() where alert_id in
                 (select alert_id from alert where case_id = $1)";
    let hasten = sqlx::query(sql).bind(cases[1].case_id.0);
    hasten.execute(&service.database.pool).await.unwrap();
    service.delivered(&[("accepted", 3)]).await;
    let mails = service.sinks.sinks.messages().to(MAIL);
    assert_eq!((mails.len(), subject(&mails[0])), (1, "Nytt i 3 ärenden"));
}

/// As if the alerts had been made so long ago.
async fn age(service: &Service, hours: i32) {
    let sql = "update alert set raised_at = now() - $1 * interval '1 hour'";
    sqlx::query(sql).bind(hours).execute(&service.database.pool).await.unwrap();
}

#[tokio::test]
async fn what_has_waited_for_its_digest_is_tried_for_a_day_from_then() {
    let service = start().await;
    let cases = cases(&service, 2).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::RefuseRecipient(450));
    service.set_clock(TIME);
    eventually("it was refused", SOON, async || {
        let attempts = service.sinks.sinks.attempts(Provider::Smtp);
        if attempts == 1 { Ok(()) } else { Err(attempts) }
    })
    .await;
    age(&service, 48).await;
    eventually("it was refused once more", SOON, async || {
        service.hasten().await;
        let attempts = service.sinks.sinks.attempts(Provider::Smtp);
        if attempts >= 2 { Ok(()) } else { Err(attempts) }
    })
    .await;
    age(&service, 50).await;
    eventually("it is given up", SOON, async || {
        service.hasten().await;
        let found = service.deliveries().await;
        if found.get("failed") == Some(&2) { Ok(()) } else { Err(show(found)) }
    })
    .await;
    for ledger in &cases {
        service.stands(ledger.case_id, &[Failed]).await;
    }
}

#[tokio::test]
async fn a_digest_of_unknown_fate_is_repeated_once_and_says_so() {
    let service = start().await;
    let cases = cases(&service, 3).await;
    service.sinks.sinks.fail_next(Provider::Smtp, 1, Behaviour::Cut);
    service.set_clock(TIME);
    let mails = service.inbox(MAIL, 2).await;
    assert_eq!(subject(&mails[1]), format!("Igen: {}", subject(&mails[0])));
    assert_eq!(id(&mails[0]), id(&mails[1]), "a mail program can know the second copy");
    for ledger in &cases {
        service.stands(ledger.case_id, &[Sent]).await;
    }
    service.delivered(&[("unknown", 3), ("accepted", 3)]).await;
    assert_eq!(service.sinks.sinks.messages().total(), 2);
}

#[tokio::test]
async fn a_digest_that_died_with_its_process_counts_as_unknown_for_each_and_is_repeated() {
    let mut service = start().await;
    service.start_replica().await;
    let cases = cases(&service, 3).await;
    service.sinks.sinks.fail_next(Provider::Smtp, 1, Behaviour::Hang);
    service.set_clock(TIME);
    service.delivered(&[("attempting", 3)]).await;
    // The other process finds that nobody has ended the attempt.
    service.lose_leases().await;
    service.delivered(&[("unknown", 3), ("queued", 3)]).await;
    let mails = service.inbox(MAIL, 1).await;
    assert_eq!((subject(&mails[0]), links(&mails[0])), ("Igen: Nytt i 3 ärenden", 3));
    for ledger in &cases {
        service.stands(ledger.case_id, &[Sent]).await;
    }
    service.delivered(&[("unknown", 3), ("accepted", 3)]).await;
    let reasons: Vec<String> =
        sqlx::query_scalar("select distinct reason from delivery where state = 'unknown'")
            .fetch_all(&service.database.pool)
            .await
            .unwrap();
    assert_eq!(reasons, ["interrupted"]);
}

#[tokio::test]
async fn two_replicas_do_not_share_one_digest() {
    let mut service = start().await;
    service.start_replica().await;
    cases(&service, 60).await;
    service.set_clock(TIME);
    service.delivered(&[("accepted", 60)]).await;
    let mails = service.sinks.sinks.messages().to(MAIL);
    assert_eq!((mails.len(), subject(&mails[0])), (1, "Nytt i 60 ärenden"));
}

#[tokio::test]
async fn what_another_process_is_taking_is_not_taken_apart() {
    let service = Service::start_at(BOTH, MORNING).await;
    let contacts = [MAIL, OTHER]
        .map(|mail| json!({"name": mail, "role": "unit", "email": mail, "digest": ["07:45"]}));
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
    for _ in 0..4 {
        service.tell(&open_case()).await;
    }
    service.delivered(&[("queued", 8)]).await;
    // The other one has the recipient in hand, and has come to half of what is due.
    let mut tx = service.database.pool.begin().await.unwrap();
    let sql = "select pg_advisory_xact_lock(hashtextextended(contact_point_id::text, 1))
                 from contact_point where email = $1";
    sqlx::query(sql).bind(MAIL).execute(&mut *tx).await.unwrap();
    let sql = "select from alert a join contact_point c using (contact_point_id)
                where c.email = $1 order by alert_id limit 2 for update of a";
    sqlx::query(sql).bind(MAIL).execute(&mut *tx).await.unwrap();
    service.set_clock(TIME);
    // Both recipients are looked for at once.
    service.delivered(&[("queued", 4), ("accepted", 4)]).await;
    tx.rollback().await.unwrap();
    service.delivered(&[("accepted", 8)]).await;
    for address in [MAIL, OTHER] {
        let mails = service.sinks.sinks.messages().to(address);
        assert_eq!((mails.len(), subject(&mails[0])), (1, "Nytt i 4 ärenden"));
    }
}

#[tokio::test]
async fn when_the_recipient_is_gone_by_then_those_who_are_there_are_told() {
    let service = start().await;
    let cases = cases(&service, 2).await;
    let contacts = json!([{"name": "ny brevlåda", "role": "unit", "email": OTHER}]);
    service.import(json!([{"unit": UNIT, "contacts": contacts}])).await;
    service.set_clock(TIME);
    service.inbox(OTHER, 2).await;
    for ledger in &cases {
        service.stands(ledger.case_id, &[Withdrawn, Sent]).await;
    }
    assert_eq!(service.sinks.sinks.messages().to(MAIL).len(), 0);
}
