//! Every accepted admission has its case, once; what every service knows is the newest that its owner
//! has said.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Evidence, Findings};
use crate::load::hospital::Answer;
use crate::load::staff::{Deed, Said};
use contracts::Assignment;
use sqlx::types::Json;

/// Who keeps what of whom: owner, subject, keeper, the keeper's table.
const KEPT: [(&str, &str, &str, &str); 7] = [
    ("admissions", "case_changed", "coordination", "known_case"),
    ("admissions", "case_changed", "sip", "known_case"),
    ("admissions", "case_changed", "deadlines", "fact where source = 'case'"),
    ("coordination", "assignment_changed", "deadlines", "fact where source = 'assignment'"),
    ("coordination", "assignment_changed", "admissions", "known_assignment"),
    ("sip", "sip_changed", "deadlines", "fact where source = 'sip'"),
    ("deadlines", "ledger_changed", "notifications", "known_ledger"),
];

type Versions = BTreeMap<String, (i32, i64)>;

pub(super) async fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> anyhow::Result<()> {
    admissions(evidence, findings).await?;
    for (owner, subject, keeper, table) in KEPT {
        let mut database = evidence.world.servers.database(owner).await?;
        let said = said(&mut database, owner, subject).await?;
        let mut database = evidence.world.servers.database(keeper).await?;
        let kept = kept(&mut database, table).await?;
        findings.count("snapshots compared", said.len());
        for (aggregate, version) in &said {
            let known = kept.get(aggregate);
            if known != Some(version) {
                findings.broken(
                    "every service knows the newest of every aggregate",
                    format!(
                        "{keeper} knows {known:?} of {owner}'s {subject} {aggregate} at {version:?}"
                    ),
                );
            }
        }
        // What a restored owner has forgotten, the others have not.
        let forgot = evidence.forgot(owner);
        let unsaid = kept.keys().filter(|aggregate| !forgot && !said.contains_key(*aggregate));
        for aggregate in unsaid {
            findings.broken(
                "nobody knows what its owner does not",
                format!("{keeper} knows {owner}'s {subject} {aggregate}"),
            );
        }
    }
    deeds(evidence, findings).await
}

async fn said(database: &mut PgConnection, owner: &str, subject: &str) -> anyhow::Result<Versions> {
    let rows: Vec<(String, i32, i64)> = sqlx::query_as(
        "select aggregate, (select epoch from messaging.self), n from messaging.outbox
          where subject = $1",
    )
    .bind(format!("hemgang.v1.{owner}.{subject}"))
    .fetch_all(database)
    .await?;
    Ok(rows.into_iter().map(|(aggregate, epoch, n)| (aggregate, (epoch, n))).collect())
}

async fn kept(database: &mut PgConnection, table: &str) -> anyhow::Result<Versions> {
    let sql = format!("select case_id::text, epoch, n from {table}");
    let rows: Vec<(String, i32, i64)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(database).await?;
    Ok(rows.into_iter().map(|(aggregate, epoch, n)| (aggregate, (epoch, n))).collect())
}

async fn admissions(evidence: &Evidence<'_>, findings: &mut Findings) -> anyhow::Result<()> {
    let mut database = evidence.world.servers.database("admissions").await?;
    let rows: Vec<(Option<String>, Option<Uuid>, String)> =
        sqlx::query_as("select control_id, case_id, outcome from raw_message")
            .fetch_all(&mut database)
            .await?;
    let mut cases: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
    for (control_id, case, outcome) in rows {
        if outcome == "refused" {
            findings.broken("no sound message is refused", control_id.clone().unwrap_or_default());
        }
        cases.entry(control_id.unwrap_or_default()).or_default().extend(case);
    }
    let all: Vec<(Uuid, bool)> = sqlx::query_as("select case_id, with_need from hospital_case")
        .fetch_all(&mut database)
        .await?;
    let restored = evidence.scars.restored.iter().find(|(service, ..)| *service == "admissions");
    let mut expected = BTreeSet::new();
    for sent in evidence.sent.values() {
        let own = cases.get(&sent.admission.control_id());
        let own = own.map(|own| own.iter().copied().collect::<Vec<_>>()).unwrap_or_default();
        match &sent.answer {
            Answer::Accepted => findings.count("accepted", 1),
            Answer::Refused(how) => {
                findings.broken("no sound message is refused", how);
            }
            Answer::Unknown => findings.count("unknown", 1),
        }
        let lost = restored.is_some_and(|(_, from, to)| *from < sent.at && sent.at <= *to);
        match own.as_slice() {
            [one] => drop(expected.insert((*one, sent.admission.with_need))),
            [] if sent.answer != Answer::Accepted || lost => {}
            own => findings.broken(
                "every accepted admission has its case",
                format!("{} has {} cases", sent.admission.control_id(), own.len()),
            ),
        }
    }
    findings.count("cases", all.len());
    let all: BTreeSet<(Uuid, bool)> = all.into_iter().collect();
    for (case, _) in all.symmetric_difference(&expected) {
        findings.broken("every case comes from one admission", case);
    }
    Ok(())
}

/// What staff were told is done, is so; what they were not told may be, once.
async fn deeds(evidence: &Evidence<'_>, findings: &mut Findings) -> anyhow::Result<()> {
    if evidence.forgot("coordination") {
        return Ok(());
    }
    let mut database = evidence.world.servers.database("coordination").await?;
    let rows: Vec<Json<Assignment>> =
        sqlx::query_scalar("select snapshot from assignment").fetch_all(&mut database).await?;
    let assignments: BTreeMap<_, _> =
        rows.into_iter().map(|Json(assignment)| (assignment.case_id, assignment)).collect();
    for ((case, deed), said) in evidence.deeds {
        let assignment = assignments.get(case);
        let times = assignment.map_or(0, |assignment| match deed {
            Deed::CareContact => assignment.care_contacts.len(),
            Deed::LeadOfficer => assignment.lead_officers.len(),
        });
        let sound = match said {
            Said::Done => times == 1,
            Said::Refused(_) => times == 0,
            Said::Unknown => times <= 1,
        };
        findings.count("deeds", 1);
        if !sound {
            findings.broken(
                "a command is carried out once, and only when it is answered so",
                format!("{deed:?} in {case}: {said:?}, and there are {times}"),
            );
        }
    }
    Ok(())
}
