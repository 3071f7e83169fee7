//! What people write into a plan, version by version.

use contracts::commands::{SipIntervention, SipPlanContent};
use contracts::sip::FreeText;
use contracts::{CaseId, Party};
use sqlx::PgConnection;

use super::texts::{staff, text};

/// Keeps the texts of a new version.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    case: CaseId,
    version: u32,
    content: &SipPlanContent,
) -> Result<(), sqlx::Error> {
    let goals: Vec<&str> = content.goals.iter().map(FreeText::as_str).collect();
    sqlx::query!(
        "insert into plan_goal (case_id, version, position, goal)
         select $1, $2, position, goal
           from unnest($3::text[]) with ordinality as t (goal, position)",
        case.0,
        number(version),
        &goals as &[&str]
    )
    .execute(&mut *tx)
    .await?;
    let lines = &content.interventions;
    let what: Vec<&str> = lines.iter().map(|line| line.what.as_str()).collect();
    let parties: Vec<&str> = lines.iter().map(|line| line.party.as_str()).collect();
    let responsible: Vec<&str> = lines.iter().map(|line| line.staff.as_str()).collect();
    sqlx::query!(
        "insert into plan_intervention (case_id, version, position, what, party, staff_id)
         select $1, $2, position, what, party, staff_id
           from unnest($3::text[], $4::text[], $5::text[]) with ordinality
                  as t (what, party, staff_id, position)",
        case.0,
        number(version),
        &what as &[&str],
        &parties as &[&str],
        &responsible as &[&str]
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The goals of a version.
pub(crate) async fn find_goals(
    tx: &mut PgConnection,
    case: CaseId,
    version: u32,
) -> Result<Vec<FreeText>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "select goal from plan_goal where case_id = $1 and version = $2 order by position",
        case.0,
        number(version)
    )
    .fetch_all(tx)
    .await?;
    rows.iter().map(|goal| text("goal", goal)).collect()
}

/// The interventions of a version.
pub(crate) async fn find_interventions(
    tx: &mut PgConnection,
    case: CaseId,
    version: u32,
) -> Result<Vec<SipIntervention>, sqlx::Error> {
    let rows = sqlx::query!(
        "select what, party, staff_id from plan_intervention
          where case_id = $1 and version = $2 order by position",
        case.0,
        number(version)
    )
    .fetch_all(tx)
    .await?;
    let lines = rows.into_iter().map(|row| {
        Ok(SipIntervention {
            what: text("what", &row.what)?,
            party: party(&row.party),
            staff: staff(&row.staff_id)?,
        })
    });
    lines.collect()
}

fn party(stored: &str) -> Party {
    let all = [Party::Ward, Party::OpenCare, Party::MunicipalHealthCare, Party::SocialServices];
    all.into_iter().find(|party| party.as_str() == stored).unwrap_or(Party::Unknown)
}

/// Versions are counted one by one and never come near the end of either type.
fn number(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}
