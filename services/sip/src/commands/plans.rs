//! The plan: written by several, confirmed by each party, followed up. Its texts have tables of their
//! own; the snapshot has who wrote and confirmed what when.

use contracts::Sip;
use contracts::commands::{
    ConfirmSipPlan, Done, MakeSipPlan, ReadSipPlan, RecordSipFollowUp, Refusal, SipPlanContent,
    SipPlanMade, SipPlanText,
};
use messaging::{Call, CommandError, access};
use sqlx::PgConnection;

use super::{change_together, find, must_be_allowed, reported};
use crate::domain::{follow_up, plan, reading};
use crate::store::plans;

pub(super) async fn make(
    tx: &mut PgConnection,
    call: &Call,
    MakeSipPlan { case, based_on, plan: content, occurred_at }: MakeSipPlan,
) -> Result<SipPlanMade, CommandError> {
    let (stamp, unit) = (reported(call, occurred_at)?, &call.actor()?.unit);
    let mut version = 0;
    change_together(tx, call, case, "plan_made", |sip| {
        version = plan::make(sip, based_on, &content, unit, stamp)?;
        Ok(true)
    })
    .await?;
    plans::insert(tx, case, version, &content).await?;
    Ok(SipPlanMade { version })
}

pub(super) async fn confirm(
    tx: &mut PgConnection,
    call: &Call,
    ConfirmSipPlan { case, version, party, occurred_at }: ConfirmSipPlan,
) -> Result<Done, CommandError> {
    let (stamp, unit) = (reported(call, occurred_at)?, &call.actor()?.unit);
    let how = |sip: &mut Sip| plan::confirm(sip, version, party, unit, stamp);
    change_together(tx, call, case, "plan_confirmed", how).await
}

pub(super) async fn record_follow_up(
    tx: &mut PgConnection,
    call: &Call,
    RecordSipFollowUp { case, parties, next_on, occurred_at }: RecordSipFollowUp,
) -> Result<Done, CommandError> {
    let stamp = reported(call, occurred_at)?;
    let how = |sip: &mut Sip| follow_up::record(sip, &parties, next_on, stamp);
    change_together(tx, call, case, "plan_followed_up", how).await
}

/// A version with what people wrote.
pub(super) async fn read(
    tx: &mut PgConnection,
    call: &Call,
    ReadSipPlan { case, version }: ReadSipPlan,
) -> Result<SipPlanText, CommandError> {
    let actor = call.actor()?;
    let sip = find(tx, case).await?;
    reading::must_take_part(&sip, &actor.unit)?;
    let newest = sip.plan().ok_or_else(plan::no_plan)?;
    let version = version.unwrap_or(newest.version);
    let published = sip.plans.iter().find(|plan| plan.version == version);
    let published = published.ok_or_else(|| no_such_version(newest.version))?.clone();
    if published.unit != actor.unit {
        must_be_allowed(tx, call, &sip).await?;
    }
    access::note(tx, call, [case]).await?;
    let content = SipPlanContent {
        overall: published.overall,
        follow_up_on: published.follow_up_on,
        goals: plans::find_goals(tx, case, version).await?,
        interventions: plans::find_interventions(tx, case, version).await?,
    };
    Ok(SipPlanText { published, content })
}

fn no_such_version(newest: u32) -> Refusal {
    Refusal::new(
        "no_such_version",
        format!("Den versionen finns inte; den senaste är {newest}."),
        format!("There is no such version; the newest is {newest}."),
    )
    .at("/version")
}
