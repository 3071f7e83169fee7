//! Following the plan up: it was held, by whom, and when the next one is.

use std::collections::BTreeSet;

use contracts::commands::Refusal;
use contracts::sip::PlanFollowUp;
use contracts::{Party, Sip, Stamp};

use super::local_time;
use super::plan::no_plan;

/// The plan was followed up.
pub(crate) fn record(
    sip: &mut Sip,
    parties: &[Party],
    next_on: Option<chrono::NaiveDate>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let version = sip.plan().map(|plan| plan.version).ok_or_else(no_plan)?;
    let parties: BTreeSet<Party> = parties.iter().copied().collect();
    if parties.is_empty() || parties.contains(&Party::Unknown) {
        return Err(Refusal::new(
            "who_took_part",
            "Ange vilka parter som deltog.",
            "State which parties took part.",
        )
        .at("/parties"));
    }
    if next_on.is_some_and(|next_on| next_on <= local_time::date(stamp.occurred_at)) {
        return Err(Refusal::new(
            "next_before_this",
            "Nästa uppföljning ligger inte efter den här. Ange en senare dag.",
            "The next follow-up is not after this one. State a later day.",
        )
        .at("/next_on"));
    }
    let parties = parties.into_iter().collect();
    sip.follow_ups.push(PlanFollowUp { stamp, version, parties, next_on });
    Ok(true)
}

#[cfg(test)]
mod tests {
    use contracts::sip::{Plan, Principal};

    use super::super::testing::{called, stamp, unit};
    use super::*;

    fn planned(versions: u32) -> Sip {
        let mut sip = called();
        sip.plans = (1..=versions)
            .map(|version| Plan {
                stamp: stamp(9),
                version,
                unit: unit(),
                overall: Principal::Municipality,
                parties: vec![Party::OpenCare],
                interventions: 1,
                follow_up_on: "2027-01-15".parse().unwrap(),
                confirmations: vec![],
            })
            .collect();
        sip
    }

    #[test]
    fn the_plans_day_is_watched_then_the_follow_ups_next_one_then_none() {
        let mut sip = planned(1);
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        assert_eq!(sip.follow_up_on(), Some(day("2027-01-15")));
        record(&mut sip, &[Party::OpenCare], Some(day("2027-04-15")), stamp(10)).unwrap();
        assert_eq!(sip.follow_up_on(), Some(day("2027-04-15")));
        record(&mut sip, &[Party::OpenCare], None, stamp(11)).unwrap();
        assert_eq!(sip.follow_up_on(), None);
    }

    #[test]
    fn a_new_version_sets_its_own_day() {
        let mut sip = planned(1);
        record(&mut sip, &[Party::OpenCare], None, stamp(10)).unwrap();
        sip.plans = planned(2).plans;
        assert_eq!(sip.follow_up_on(), Some("2027-01-15".parse().unwrap()));
    }

    #[test]
    fn a_follow_up_has_a_plan_somebody_who_came_and_a_later_next_day() {
        assert_eq!(
            record(&mut called(), &[Party::Ward], None, stamp(9)).unwrap_err().code,
            "no_plan"
        );
        let refusal = record(&mut planned(1), &[], None, stamp(9)).unwrap_err();
        assert_eq!(refusal.field.as_deref(), Some("/parties"));
        let today = Some(local_time::date(stamp(9).occurred_at));
        let refusal = record(&mut planned(1), &[Party::Ward], today, stamp(9)).unwrap_err();
        assert_eq!(refusal.field.as_deref(), Some("/next_on"));
    }
}
