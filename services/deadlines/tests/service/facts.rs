//! What ledgers are derived from, in pages, for those who try other rulebooks on it.

use contracts::commands::{ListFacts, MOST_FACTS};
use contracts::{Case, CaseId, CaseRef, EntryId, HsaId, Sip, Stamp};
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::{World, at};

fn case(number: u128) -> Case {
    let hospital: HsaId = "SE2321000180-SJUKHUS".parse().unwrap();
    let stamp = Stamp::now(EntryId(Uuid::from_u128(number)), at("2026-06-02 10:00"), None);
    let case_ref = CaseRef::from_random(number);
    Case::new(CaseId(Uuid::from_u128(1_000 + number)), case_ref, hospital, stamp)
}

#[tokio::test]
async fn facts_are_listed_page_by_page_each_case_once_with_all_that_is_known() {
    let world = World::start("2026-06-02 10:00").await;
    let (admissions, plans) = (world.source("admissions").await, world.source("sip").await);
    let count = u128::from(MOST_FACTS) + 20;
    for number in 0..count {
        admissions.say(&case(number)).await;
    }
    let with_plan = CaseId(Uuid::from_u128(1_000));
    plans.say(&Sip::new(with_plan)).await;
    let caller = world.caller().await;
    let pages = eventually("all facts are there", SOON, async || {
        let (mut cases, mut pages, mut after) = (Vec::new(), 0, None);
        loop {
            let page = caller.ask(&ListFacts { after }).await.map_err(|error| error.to_string())?;
            assert_eq!(page.region, "se");
            cases.extend(page.cases);
            let Some(next) = page.next else { break };
            (pages, after) = (pages + 1, Some(next));
        }
        let complete = cases.len() == usize::try_from(count).unwrap() && cases[0].sip.is_some();
        if complete { Ok((pages, cases)) } else { Err(format!("{} cases", cases.len())) }
    });
    let (pages, cases) = pages.await;
    assert!(pages >= 2, "{pages}");
    let ids: Vec<CaseId> =
        cases.iter().filter_map(|facts| Some(facts.case.as_ref()?.case_id)).collect();
    assert!(ids.is_sorted_by(|one, next| one < next));
}
