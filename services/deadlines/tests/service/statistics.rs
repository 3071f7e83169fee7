//! A month's figures, asked of the running service.

use contracts::assignment::{Confirmation, Confirmed, Route};
use contracts::case::{Discharge, Estimate, Need, Outcome};
use contracts::commands::{
    Figure, FigureRow, ListFacts, ShowStatistics, StatisticsBy, StatisticsPage,
};
use contracts::{Assignment, Case, CaseId, CaseRef, EntryId, HsaId, Party, Revocable, Stamp};
use messaging::Caller;
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::{World, at, write};

const NOW: &str = "2026-07-20 10:00";

fn stamp(entry: u128, when: &str) -> Stamp {
    Stamp::now(EntryId(Uuid::from_u128(entry)), at(when), None)
}

/// Home on 7 June, ready since the 5th and home-ready since the 6th; the notice took until the 1st.
fn discharged(number: u128, municipality: &str) -> (Case, Assignment) {
    let hospital: HsaId = "SE2321000180-SJUKHUS".parse().unwrap();
    let id = CaseId(Uuid::from_u128(1_000 + number));
    let mut case =
        Case::new(id, CaseRef::from_random(number), hospital, stamp(1, "2026-06-01 10:00"));
    case.municipality = Some(municipality.parse().unwrap());
    case.identified = Some(stamp(2, "2026-06-01 10:00"));
    let estimate = Some(at("2026-06-07 12:00"));
    case.estimates.push(Estimate::new(stamp(3, "2026-06-01 10:00"), estimate));
    case.needs.push(Need {
        stamp: stamp(4, "2026-06-01 10:00"),
        parties: [Party::SocialServices].into(),
        frequent_patient: false,
        withdrawn: None,
    });
    case.ready.push(Revocable { stamp: stamp(5, "2026-06-05 09:00"), revoked: None });
    case.discharges.push(Discharge { stamp: stamp(6, "2026-06-07 10:00"), revoked: None });
    let unit: HsaId = format!("SE2321000180-ST{municipality}").parse().unwrap();
    let mut assignment = Assignment::new(id);
    assignment.routes.push(Route {
        stamp: stamp(7, "2026-06-01 10:00"),
        party: Party::SocialServices,
        unit: unit.clone(),
        ended: None,
    });
    for (id, party) in [(8, Party::SocialServices), (9, Party::Ward)] {
        assignment.cooperation.confirmations.push(Confirmation {
            stamp: stamp(id, "2026-06-06 10:00"),
            party,
            unit: unit.clone(),
            what: Confirmed::HomeReady,
            outcome: Outcome::Done,
            revoked: None,
        });
    }
    (case, assignment)
}

/// Asks until all has been counted.
async fn ask(caller: &Caller, month: &str, by: StatisticsBy) -> StatisticsPage {
    let month = month.parse().unwrap();
    eventually("the month is counted", SOON, async || {
        let page = caller.ask(&ShowStatistics { month, by, after: 0 }).await;
        let page = page.map_err(|error| error.to_string())?;
        if page.counted_at.is_some() { Ok(page) } else { Err(format!("{}", page.looked_at)) }
    })
    .await
}

fn of<'a>(page: &'a StatisticsPage, id: &str) -> Vec<&'a Figure> {
    page.figures.iter().filter(|figure| figure.id == id).collect()
}

#[tokio::test]
async fn a_months_figures_are_counted_over_all_cases_and_kept_for_the_day() {
    let world = World::start(NOW).await;
    let (admissions, coordination) =
        (world.source("admissions").await, world.source("coordination").await);
    let (mut cases, mut assignments) = (admissions.begin().await, coordination.begin().await);
    let all = (0..600).map(|number| if number < 3 { (number, "2081") } else { (number, "2080") });
    for (number, municipality) in all {
        let (case, assignment) = discharged(number, municipality);
        write(&mut cases, &case).await;
        write(&mut assignments, &assignment).await;
    }
    cases.commit().await.unwrap();
    assignments.commit().await.unwrap();
    let caller = world.caller().await;
    all_are_heard(&caller, 600).await;

    let page = ask(&caller, "2026-06-15", StatisticsBy::Municipality).await;
    assert_eq!((page.region.as_str(), page.looked_at, page.unread), ("se", 600, 0));
    assert!(page.preliminary && page.next.is_none());
    assert!(page.definitions.iter().any(|one| one.id == "duty K07 municipality se 2026.1"));
    // Three cases of a municipality are too few, and so is what would be left of two.
    let cases = of(&page, "cases");
    assert_eq!((cases.len(), cases[0].row, cases[0].of), (2, FigureRow::All, 600));
    assert_eq!((cases[1].row, cases[1].of), (FigureRow::Rest, 600));
    let home = of(&page, "same_day_home")[0];
    assert_eq!((home.of, home.yes, home.late, home.never), (600, Some(0), Some(600), Some(0)));
    let officers = of(&page, "duty K07 municipality se 2026.1")[0];
    assert_eq!((officers.of, officers.yes, officers.never), (600, Some(0), Some(600)));
    let days = of(&page, "ready_days")[0];
    assert_eq!((days.of, days.yes, days.sum), (600, Some(600), Some(1_200)));

    let (mut new, _) = discharged(9_000, "2080");
    new.discharges[0].stamp = stamp(6, "2026-06-08 10:00");
    admissions.say(&new).await;
    all_are_heard(&caller, 601).await;
    let again = ask(&caller, "2026-06-01", StatisticsBy::All).await;
    assert_eq!(of(&again, "cases")[0].of, 600, "counted once a day");
    world.set_time("2026-07-21 10:00");
    let next_day = ask(&caller, "2026-06-01", StatisticsBy::All).await;
    assert_eq!(of(&next_day, "cases")[0].of, 601);
}

#[tokio::test]
async fn a_case_that_cannot_be_read_is_told_and_holds_up_no_other() {
    let world = World::start(NOW).await;
    let (admissions, coordination) =
        (world.source("admissions").await, world.source("coordination").await);
    for number in 0..6 {
        let (case, assignment) = discharged(number, "2080");
        admissions.say(&case).await;
        coordination.say(&assignment).await;
    }
    let caller = world.caller().await;
    all_are_heard(&caller, 6).await;
    world.break_ledger(CaseId(Uuid::from_u128(1_003))).await;
    let page = ask(&caller, "2026-06-01", StatisticsBy::Track).await;
    assert_eq!((page.unread, of(&page, "cases")[0].of), (1, 5));
    let text = serde_json::to_string(&page).unwrap();
    assert!(!text.contains("00000000-0000-0000-0000"), "no case is named");
    let future =
        ShowStatistics { month: "2026-08-01".parse().unwrap(), by: StatisticsBy::All, after: 0 };
    assert!(caller.ask(&future).await.is_err());
}

#[tokio::test]
async fn a_count_that_was_not_ended_goes_on_from_where_it_came_to() {
    let world = World::start(NOW).await;
    let (admissions, coordination) =
        (world.source("admissions").await, world.source("coordination").await);
    for number in 0..16 {
        let (case, assignment) = discharged(number, "2080");
        admissions.say(&case).await;
        coordination.say(&assignment).await;
    }
    let caller = world.caller().await;
    all_are_heard(&caller, 16).await;
    let whole = ask(&caller, "2026-06-01", StatisticsBy::All).await;
    assert_eq!((whole.looked_at, of(&whole, "cases")[0].of), (16, 16));
    world.count_anew_after(CaseId(Uuid::from_u128(1_009))).await;
    let rest = ask(&caller, "2026-06-01", StatisticsBy::All).await;
    assert_eq!((rest.looked_at, of(&rest, "cases")[0].of), (6, 6));
}

/// Waits until the service knows so many cases, with the assignments of all but the last ones.
async fn all_are_heard(caller: &Caller, number: usize) {
    eventually("all cases are heard of", SOON, async || {
        let (mut cases, mut assignments, mut after) = (0, 0, None);
        loop {
            let page = caller.ask(&ListFacts { after }).await.map_err(|error| error.to_string())?;
            cases += page.cases.len();
            assignments += page.cases.iter().filter(|one| one.assignment.is_some()).count();
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        let heard = cases == number && assignments + 1 >= number;
        if heard { Ok(()) } else { Err(format!("{cases} {assignments}")) }
    })
    .await;
}
