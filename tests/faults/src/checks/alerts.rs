//! One logical alert for each cause and recipient; one message for each alert, and a second one only
//! where the fate of the first was unknown because something was broken just then.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::HsaId;
use contracts::ledger::{Ledger, Obligation, ObligationState, Step, StepKind, StepOutcome};
use contracts::reach::Role;
use embedded::sinks::Message;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Evidence, Findings};
use crate::run::Struck;

/// How long before a fault an attempt may have begun that it interrupted: as long as attempts take.
const ATTEMPT: TimeDelta = TimeDelta::seconds(21);
/// What was committed so shortly before an attempt began may have crossed with it.
const CROSSING: TimeDelta = TimeDelta::seconds(2);

/// A state that a delivery has passed through.
#[derive(sqlx::FromRow)]
struct Passed {
    at: DateTime<Utc>,
    delivery_id: Uuid,
    alert_id: Uuid,
    state: String,
    reason: Option<String>,
}

impl Passed {
    fn leaves_its_fate_open(&self) -> bool {
        self.state == "unknown" || self.reason.as_deref() == Some("reported_failed")
    }
}

#[derive(sqlx::FromRow)]
struct AlertRow {
    alert_id: Uuid,
    case_id: Uuid,
    cause_id: Uuid,
    unit_id: String,
    contact_point_id: Uuid,
    state: String,
    holds: bool,
}

/// All that `notifications` knows and has known.
struct Told {
    alerts: Vec<AlertRow>,
    passed: Vec<Passed>,
    ledgers: BTreeMap<Uuid, Vec<(DateTime<Utc>, Ledger)>>,
    contacts: Vec<(Uuid, String, String)>,
}

pub(super) async fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> anyhow::Result<()> {
    let told = read(evidence).await?;
    check_logical(evidence, &told, findings).await?;
    check_physical(evidence, &told, findings);
    check_unknown(evidence, &told, findings);
    check_still_true(&told, findings);
    Ok(())
}

async fn read(evidence: &Evidence<'_>) -> anyhow::Result<Told> {
    let mut database = evidence.world.servers.database("notifications").await?;
    let alerts =
        "select alert_id, case_id, cause_id, unit_id, contact_point_id, state, holds from alert";
    let alerts = sqlx::query_as(alerts).fetch_all(&mut database).await?;
    let passed =
        "select at, delivery_id, alert_id, state, reason from witness.delivery order by seq";
    let passed = sqlx::query_as(passed).fetch_all(&mut database).await?;
    let rows: Vec<(Uuid, DateTime<Utc>, Json<Ledger>)> =
        sqlx::query_as("select case_id, at, snapshot from witness.ledger order by seq")
            .fetch_all(&mut database)
            .await?;
    let mut ledgers: BTreeMap<Uuid, Vec<_>> = BTreeMap::new();
    for (case, at, Json(ledger)) in rows {
        ledgers.entry(case).or_default().push((at, ledger));
    }
    let contacts = "select contact_point_id, unit_id, role from contact_point where active";
    let contacts = sqlx::query_as(contacts).fetch_all(&mut database).await?;
    Ok(Told { alerts, passed, ledgers, contacts })
}

/// Of whom must be told what: cause, unit, contact point.
type Expected = BTreeSet<(Uuid, String, Uuid)>;

async fn check_logical(
    evidence: &Evidence<'_>,
    told: &Told,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut database = evidence.world.servers.database("deadlines").await?;
    let ledgers: Vec<Json<Ledger>> =
        sqlx::query_scalar("select snapshot from ledger where snapshot is not null")
            .fetch_all(&mut database)
            .await?;
    let mut expected = Expected::new();
    for Json(ledger) in &ledgers {
        for (cause, unit, role) in causes(ledger) {
            let role = role.as_str();
            let points = told.contacts.iter().filter(|(_, of, r)| of == unit.as_str() && r == role);
            expected.extend(points.map(|(point, ..)| (cause, unit.as_str().to_owned(), *point)));
        }
    }
    let actual: Vec<(Uuid, String, Uuid)> = told
        .alerts
        .iter()
        .map(|alert| (alert.cause_id, alert.unit_id.clone(), alert.contact_point_id))
        .collect();
    let once: Expected = actual.iter().cloned().collect();
    findings.count("logical alerts", actual.len());
    if once.len() != actual.len() {
        findings.broken("one logical alert per cause and recipient", "there are two");
    }
    for missing in expected.difference(&once) {
        findings.broken("one logical alert per cause and recipient", format!("none: {missing:?}"));
    }
    // What a restored service has forgotten was told, and stays told.
    let forgot = ["admissions", "coordination", "deadlines"].iter().any(|one| evidence.forgot(one));
    for surplus in once.difference(&expected).filter(|_| !forgot) {
        findings
            .broken("one logical alert per cause and recipient", format!("no cause: {surplus:?}"));
    }
    for alert in told.alerts.iter().filter(|alert| alert.holds) {
        let sound = match alert.state.as_str() {
            "sent" | "delivered" => true,
            "unresolved" => evidence.blows.iter().any(Struck::may_interrupt_a_sending),
            "failed" => evidence.blows.iter().any(Struck::reports_falsely),
            _ => false,
        };
        findings.count(
            match alert.state.as_str() {
                "unresolved" => "alerts whose fate is unknown",
                "failed" => "alerts that failed",
                _ => "alerts told",
            },
            1,
        );
        if !sound {
            let AlertRow { alert_id, case_id, state, .. } = alert;
            findings.broken("every alert is told", format!("{alert_id} in {case_id} is {state}"));
        }
    }
    Ok(())
}

/// All causes of a ledger: who must be told in which role.
fn causes(ledger: &Ledger) -> Vec<(Uuid, HsaId, Role)> {
    let news = ledger.news.iter().map(|news| (news.id.0, news.unit.clone(), Role::Unit));
    let steps = ledger.obligations.iter().flat_map(|duty| &duty.steps);
    let steps = steps.filter(|step| step.outcome == StepOutcome::Told && step.told_with.is_none());
    let steps = steps.flat_map(|step| {
        let units: BTreeSet<&HsaId> = step.units.iter().collect();
        units.into_iter().map(move |unit| {
            let role = if step.on_call.contains(unit) { Role::OnCall } else { step.role };
            (step.id.0, unit.clone(), role)
        })
    });
    news.chain(steps).collect()
}

fn check_physical(evidence: &Evidence<'_>, told: &Told, findings: &mut Findings) {
    let of_alert: BTreeMap<Uuid, Uuid> =
        told.passed.iter().map(|passed| (passed.delivery_id, passed.alert_id)).collect();
    let messages = evidence.world.sinks.sinks.messages();
    let mut by_alert: BTreeMap<Uuid, Vec<(Message, bool)>> = BTreeMap::new();
    let all = messages.all().into_iter().map(|message| (message, true));
    for (message, arrived) in all.chain(messages.lost().into_iter().map(|message| (message, false)))
    {
        findings.count(if arrived { "messages" } else { "messages lost by a provider" }, 1);
        let delivery = delivery_of(&message);
        let alert = delivery.and_then(|delivery| of_alert.get(&delivery));
        let begun = delivery.is_some_and(|delivery| {
            told.passed.iter().any(|passed| {
                passed.delivery_id == delivery
                    && passed.state == "attempting"
                    && passed.at <= message.received_at
            })
        });
        match alert {
            Some(alert) if begun => by_alert.entry(*alert).or_default().push((message, arrived)),
            _ if evidence.forgot("notifications") => {}
            _ => findings.broken(
                "nothing is sent that was not written down before",
                format!("{:?} to {} at {}", message.channel, message.to, message.received_at),
            ),
        }
    }
    for alert in &told.alerts {
        let own = by_alert.remove(&alert.alert_id).unwrap_or_default();
        check_messages(evidence, told, alert, &own, findings);
    }
}

/// The messages of one alert.
fn check_messages(
    evidence: &Evidence<'_>,
    told: &Told,
    alert: &AlertRow,
    own: &[(Message, bool)],
    findings: &mut Findings,
) {
    let marked = own.iter().filter(|(message, _)| is_marked(message)).count();
    if own.is_empty() && matches!(alert.state.as_str(), "sent" | "delivered") {
        findings.broken("what counts as told was told", alert.alert_id);
    }
    let ids: BTreeSet<Option<&str>> = own
        .iter()
        .filter_map(|(message, _)| message.mail.as_ref().map(|mail| mail.header("Message-ID")))
        .collect();
    if ids.len() > 1 {
        findings.broken("all mails of an alert have one id", alert.alert_id);
    }
    if own.len() < 2 || evidence.forgot("notifications") {
        return;
    }
    findings.count("physical repeats", own.len() - 1);
    if own.len() > 2 || marked != own.len() - 1 {
        findings.broken(
            "a repeat is the only one, and says that it is one",
            format!("{}: {} messages, {marked} marked", alert.alert_id, own.len()),
        );
    }
    // Whether that has a reason, too, is looked at for each.
    let mut states = told.passed.iter().filter(|passed| passed.alert_id == alert.alert_id);
    if !states.any(Passed::leaves_its_fate_open) {
        let at: Vec<String> =
            own.iter().map(|(message, _)| message.received_at.to_rfc3339()).collect();
        findings.broken(
            "a physical repeat follows an attempt of unknown outcome",
            format!("{}: sent {}", alert.alert_id, at.join(" and ")),
        );
    }
}

fn is_marked(message: &Message) -> bool {
    let words = message.subject.as_deref().unwrap_or(&message.text);
    words.starts_with("Igen: ") || words.starts_with("Again: ")
}

/// The delivery that a message's link names.
fn delivery_of(message: &Message) -> Option<Uuid> {
    let (_, token) = message.text.split_once("/a/")?;
    let token: String =
        token.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    Uuid::from_slice(bytes.get(..16)?).ok()
}

/// The outcome of an attempt is unknown only where something was broken while it was made.
fn check_unknown(evidence: &Evidence<'_>, told: &Told, findings: &mut Findings) {
    let mut begun: BTreeMap<Uuid, DateTime<Utc>> = BTreeMap::new();
    for passed in &told.passed {
        if passed.state == "attempting" {
            begun.insert(passed.delivery_id, passed.at);
        }
        if passed.leaves_its_fate_open() {
            findings.count("attempts of unknown outcome", 1);
            let from = begun.get(&passed.delivery_id).copied().unwrap_or(passed.at);
            if !evidence.broken_between(from, passed.at) {
                findings.broken(
                    "an unknown outcome is explained by a fault while it was sent",
                    format!("{}: from {from} to {}", passed.alert_id, passed.at),
                );
            }
        }
    }
}

/// No attempt begins when what it tells was known here to be over.
fn check_still_true(told: &Told, findings: &mut Findings) {
    let alerts: BTreeMap<Uuid, &AlertRow> =
        told.alerts.iter().map(|alert| (alert.alert_id, alert)).collect();
    let begun = told.passed.iter().filter(|passed| passed.state == "attempting");
    for passed in begun {
        findings.count("attempts", 1);
        let Some(alert) = alerts.get(&passed.alert_id) else { continue };
        let Some(known) = told.ledgers.get(&alert.case_id) else { continue };
        let long_known = known.partition_point(|(at, _)| *at < passed.at - CROSSING);
        let (before, since) = known.split_at(long_known);
        let Some((at, ledger)) = before.last() else { continue };
        let holds = |ledger: &Ledger| holds(ledger, alert).unwrap_or(true);
        // What came after it in time to be heard may have turned it round.
        let mut since = since.iter().take_while(|(at, _)| *at < passed.at + CROSSING);
        if !holds(ledger) && !since.any(|(_, later)| holds(later)) {
            findings.broken(
                "nothing is sent that was known to be over",
                format!("{}: begun {}, over since {at}", alert.alert_id, passed.at),
            );
        }
    }
}

/// Whether the cause of an alert holds for its unit; none when the ledger does not have it.
fn holds(ledger: &Ledger, alert: &AlertRow) -> Option<bool> {
    if let Some(news) = ledger.news.iter().find(|news| news.id.0 == alert.cause_id) {
        return Some(!news.withdrawn);
    }
    let steps =
        ledger.obligations.iter().flat_map(|duty| duty.steps.iter().map(move |s| (duty, s)));
    let (duty, step): (&Obligation, &Step) =
        steps.into_iter().find(|(_, step)| step.id.0 == alert.cause_id)?;
    let owed = duty.units.iter().any(|unit| unit.as_str() == alert.unit_id);
    let reminder = matches!(
        step.kind,
        StepKind::Reminder | StepKind::ReminderAtReady | StepKind::ReminderAtEstimate
    );
    let open = if reminder { duty.state == ObligationState::Open } else { duty.state.is_open() };
    Some(owed && open)
}

impl Evidence<'_> {
    /// Whether something that may interrupt a sending was broken at some time in between.
    fn broken_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        let mut blows = self.blows.iter().filter(|blow| blow.may_interrupt_a_sending());
        let to = to.min(from + ATTEMPT);
        blows.any(|blow| blow.from <= to && from <= blow.to)
    }
}
