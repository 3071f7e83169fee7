//! SIP meetings in people's calendars.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use contracts::alert::AlertState::{Failed, Queued, Sent, Withdrawn};
use contracts::{CaseId, Ledger};
use embedded::sinks::{Behaviour, Message, Provider};
use icalendar::parser::{Property, read_calendar, unfold};
use serde_json::json;
use test_support::{SOON, eventually};

use crate::harness::{BOTH, Service};
use crate::ledgers::{UNIT, quiet_case};
use crate::plans::Plan;

const MAIL: &str = "vc01@example.se";
const OTHER: &str = "SE2321000180-VC02";
const OTHER_MAIL: &str = "vc02@example.se";

/// One mailbox of each unit, whose manager is not invited, and a case with nothing to say.
async fn start() -> (Service, Ledger) {
    let service = Service::start(BOTH).await;
    let contacts = json!([
        {"name": "brevlåda", "role": "unit", "email": MAIL},
        {"name": "chef", "role": "manager", "email": "chef@example.se"},
    ]);
    let other = json!([{"name": "brevlåda", "role": "unit", "email": OTHER_MAIL}]);
    service
        .import(json!([{"unit": UNIT, "contacts": contacts}, {"unit": OTHER, "contacts": other}]))
        .await;
    let ledger = quiet_case();
    service.tell(&ledger).await;
    (service, ledger)
}

/// What a calendar reads in a mail, by another library than the one that wrote it.
struct Read {
    method: String,
    event: BTreeMap<String, String>,
}

impl Read {
    fn of(message: &Message) -> Self {
        let mail = message.mail.as_ref().unwrap();
        let part = mail.part("text/calendar").expect("a calendar part");
        let unfolded = unfold(&part.body);
        let calendar = read_calendar(&unfolded).expect("a calendar");
        let method = by_name(&calendar.properties)["METHOD"].clone();
        assert_eq!(part.method.as_ref(), Some(&method), "mail and calendar say the same method");
        Self { method, event: by_name(&calendar.components[0].properties) }
    }

    fn get(&self, name: &str) -> String {
        self.event.get(name).cloned().expect(name)
    }

    fn method_and_sequence(&self) -> (&str, String) {
        (&self.method, self.get("SEQUENCE"))
    }
}

fn by_name(properties: &[Property<'_>]) -> BTreeMap<String, String> {
    properties.iter().map(|one| (one.name.to_string(), one.val.to_string())).collect()
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

#[tokio::test]
async fn a_unit_is_invited_told_of_the_move_and_of_the_end_as_calendars_read_it() {
    let (service, ledger) = start().await;
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(UNIT).sip).await;
    service.inbox(MAIL, 1).await;
    let first = plan.planned().unwrap().clone();
    service.tell_plan(&plan.set(days(3)).sip).await;
    service.inbox(MAIL, 2).await;
    service.tell_plan(&plan.cancel().sip).await;
    let messages = service.inbox(MAIL, 3).await;
    service.stands(ledger.case_id, &[Sent; 3]).await;
    let read: Vec<Read> = messages.iter().map(Read::of).collect();
    let said: Vec<_> = read.iter().map(Read::method_and_sequence).collect();
    let expected = [("REQUEST", "0"), ("REQUEST", "1"), ("CANCEL", "2")];
    assert_eq!(said, expected.map(|(method, sequence)| (method, sequence.to_owned())));
    for one in &read {
        assert_eq!(one.get("UID"), first.stamp.id.to_string());
        assert_eq!(one.get("ORGANIZER"), "mailto:hemgang@example.se");
        assert_eq!(one.get("ATTENDEE"), format!("mailto:{MAIL}"));
        assert!(one.get("SUMMARY").ends_with(&ledger.case_ref.to_string()));
    }
    let utc = |at: chrono::DateTime<chrono::Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    assert_eq!(read[0].get("DTSTART"), utc(first.starts_at));
    assert_eq!(read[0].get("DTEND"), utc(first.ends_at.unwrap()));
    assert_eq!(read[1].get("DTSTART"), utc(plan.sip.meetings[1].starts_at));
    assert_eq!(read[2].get("STATUS"), "CANCELLED");
    assert_eq!(service.sinks.sinks.messages().total(), 3, "nobody else is invited");
}

#[tokio::test]
async fn a_unit_that_is_asked_no_more_is_told_so_and_the_others_are_not() {
    let (service, ledger) = start().await;
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(UNIT).ask(OTHER).sip).await;
    service.inbox(MAIL, 1).await;
    service.inbox(OTHER_MAIL, 1).await;
    service.tell_plan(&plan.withdraw(OTHER).sip).await;
    let told = service.inbox(OTHER_MAIL, 2).await;
    assert_eq!(Read::of(&told[1]).method_and_sequence(), ("CANCEL", "1".to_owned()));
    service.stands(ledger.case_id, &[Sent; 3]).await;
    service.inbox(MAIL, 1).await;
}

#[tokio::test]
async fn a_meeting_cancelled_before_its_invitation_went_out_is_told_to_nobody() {
    let (service, ledger) = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(UNIT).sip).await;
    service.refused(1).await;
    service.tell_plan(&plan.cancel().sip).await;
    service.stands(ledger.case_id, &[Withdrawn, Withdrawn]).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    service.hasten().await;
    service.delivered(&[("withdrawn", 2)]).await;
    assert_eq!(service.sinks.sinks.messages().total(), 0);
}

#[tokio::test]
async fn an_invitation_that_may_have_gone_out_is_taken_back() {
    let (service, ledger) = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Cut);
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(UNIT).sip).await;
    eventually("nobody knows what became of the mail", SOON, async || {
        let found = service.deliveries().await;
        if found.contains_key("unknown") { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    service.tell_plan(&plan.cancel().sip).await;
    eventually("it is taken back", SOON, async || {
        let all = service.sinks.sinks.messages().to(MAIL);
        let told = all.iter().any(|one| Read::of(one).method == "CANCEL");
        if told { Ok(()) } else { Err(all.len()) }
    })
    .await;
}

#[tokio::test]
async fn what_is_said_next_does_not_overtake_an_invitation_that_is_being_sent() {
    let (service, ledger) = start().await;
    let slow = Behaviour::Slow(Duration::from_secs(2));
    service.sinks.sinks.set_behaviour(Provider::Smtp, slow);
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(UNIT).sip).await;
    service.delivered(&[("attempting", 1)]).await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Accept);
    service.tell_plan(&plan.cancel().sip).await;
    let messages = service.inbox(MAIL, 2).await;
    let methods: Vec<String> = messages.iter().map(|one| Read::of(one).method).collect();
    assert_eq!(methods, ["REQUEST", "CANCEL"]);
    service.stands(ledger.case_id, &[Sent, Sent]).await;
}

#[tokio::test]
async fn the_same_alerts_exist_in_whatever_order_and_however_often_plans_come() {
    let (service, _) = start().await;
    let mut outcomes = Vec::new();
    for order in [&[0_usize, 1, 2, 3][..], &[3], &[3, 1, 1, 0, 2, 3], &[2, 0, 3]] {
        let ledger = quiet_case();
        service.tell(&ledger).await;
        let mut plan = Plan::new(ledger.case_id);
        let versions = [
            plan.set(days(2)).ask(UNIT).sip.clone(),
            plan.ask(OTHER).sip.clone(),
            plan.set(days(3)).withdraw(OTHER).sip.clone(),
            plan.cancel().sip.clone(),
        ];
        for at in order {
            service.tell_plan_version(&versions[*at], i64::try_from(*at).unwrap() + 1).await;
            service.has_heard().await;
        }
        outcomes.push(logical(&service, ledger.case_id).await);
    }
    assert_eq!(outcomes[0].len(), 6, "one hears thrice, the other as well: {outcomes:#?}");
    assert!(outcomes.iter().all(|one| *one == outcomes[0]), "{outcomes:#?}");
}

/// To whom something is told of a meeting, and how many things.
async fn logical(service: &Service, case: CaseId) -> Vec<String> {
    let alerts = service.alerts(case).await;
    let ids: BTreeSet<_> = alerts.iter().map(|one| one.cause).collect();
    assert_eq!(ids.len(), alerts.len(), "each cause is told once to its one recipient");
    assert!(alerts.iter().all(|one| one.meeting.is_some()));
    let mut whom: Vec<String> = alerts.iter().map(|one| one.unit.to_string()).collect();
    whom.sort();
    whom
}

#[tokio::test]
async fn what_ledgers_say_takes_no_invitation_back_and_the_other_way_round() {
    let (service, ledger) = start().await;
    service.sinks.sinks.set_behaviour(Provider::Smtp, Behaviour::Refuse(451));
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(UNIT).sip).await;
    service.stands(ledger.case_id, &[Queued]).await;
    service.tell(&crate::ledgers::missed(&ledger)).await;
    service.stands(ledger.case_id, &[Queued, Queued]).await;
    service.tell_plan(&plan.ask(OTHER).sip).await;
    service.stands(ledger.case_id, &[Queued; 3]).await;
    service.refused(3).await;
    service.tell_plan(&plan.hold().sip).await;
    service.stands(ledger.case_id, &[Queued, Withdrawn, Withdrawn]).await;
}

#[tokio::test]
async fn nobody_is_invited_to_a_meeting_that_has_begun() {
    let (service, ledger) = start().await;
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(-1)).ask(UNIT).sip).await;
    service.stands(ledger.case_id, &[Withdrawn]).await;
    assert_eq!(service.deliveries().await.len(), 0);
}

#[tokio::test]
async fn who_has_a_number_alone_gets_the_time_by_sms() {
    let (service, ledger) = start().await;
    let contacts = json!([{"name": "jour", "role": "unit", "sms": "+46701740605"}]);
    service.import(json!([{"unit": OTHER, "contacts": contacts}])).await;
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(OTHER).sip).await;
    let messages = service.inbox("+46701740605", 1).await;
    let text = &messages[0].text;
    assert!(text.starts_with(&format!("{}, SIP-möte: ", ledger.case_ref)), "{text}");
    assert!(!text.contains("http"), "{text}");
}

#[tokio::test]
async fn a_unit_without_contact_points_leaves_a_failed_invitation_and_no_failed_cancellation() {
    let (service, ledger) = start().await;
    service.import(json!([{"unit": OTHER, "contacts": []}])).await;
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(OTHER).sip).await;
    service.stands(ledger.case_id, &[Failed]).await;
    service.tell_plan(&plan.cancel().sip).await;
    service.has_heard().await;
    assert_eq!(service.alerts(ledger.case_id).await.len(), 1);
}

#[tokio::test]
async fn an_invitation_waits_for_the_reference_and_goes_without_in_the_end() {
    let (service, ledger) = start().await;
    let (known, unknown) = (quiet_case(), quiet_case());
    for case in [&known, &unknown] {
        let mut plan = Plan::new(case.case_id);
        service.tell_plan(&plan.set(days(2)).ask(UNIT).sip).await;
    }
    service.has_heard().await;
    service.tell(&known).await;
    let messages = service.inbox(MAIL, 1).await;
    assert!(messages[0].text.contains(&known.case_ref.to_string()));
    sqlx::query("update alert set raised_at = raised_at - interval '1 hour' where case_id = $1")
        .bind(unknown.case_id.0)
        .execute(&service.database.pool)
        .await
        .unwrap();
    let messages = service.inbox(MAIL, 2).await;
    assert_eq!(Read::of(&messages[1]).get("SUMMARY"), "SIP-möte / SIP meeting");
    assert!(service.alerts(ledger.case_id).await.is_empty());
}

#[tokio::test]
async fn an_invitation_says_nothing_but_reference_time_and_form() {
    let (service, ledger) = start().await;
    let mut plan = Plan::new(ledger.case_id);
    service.tell_plan(&plan.set(days(2)).ask(UNIT).sip).await;
    let messages = service.inbox(MAIL, 1).await;
    let mail = messages[0].mail.as_ref().unwrap();
    let types: Vec<&str> = mail.parts.iter().map(|part| part.content_type.as_str()).collect();
    assert_eq!(types, ["text/plain", "text/calendar"]);
    assert!(mail.header("Content-Type").unwrap().starts_with("multipart/alternative"));
    let CaseId(case) = ledger.case_id;
    let all = format!("{}\n{}\n{}", mail.raw, mail.parts[0].body, mail.parts[1].body);
    for secret in [UNIT, case.to_string().as_str(), "LOCATION", "COMMENT", "http"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    for word in ["patient", "person", "diagnos"] {
        assert!(!all.to_lowercase().contains(word), "{word} in {all}");
    }
}
