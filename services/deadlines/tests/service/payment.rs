//! The municipality's payment, asked of the running service.

use contracts::assignment::Route;
use contracts::case::{Discharge, Estimate, Need};
use contracts::commands::{MOST_PAYMENT_CASES, PaymentBasis, ShowPayment};
use contracts::{Assignment, Case, CaseId, CaseRef, EntryId, HsaId, Party, Revocable, Stamp};
use test_support::{SOON, eventually};
use uuid::Uuid;

use crate::support::{World, at};

fn stamp(entry: u128, when: &str) -> Stamp {
    Stamp::now(EntryId(Uuid::from_u128(entry)), at(when), None)
}

fn bare(number: u128) -> Case {
    let hospital: HsaId = "SE2321000180-SJUKHUS".parse().unwrap();
    let id = CaseId(Uuid::from_u128(1_000 + number));
    let admitted = stamp(1, "2026-06-01 10:00");
    Case::new(id, CaseRef::from_random(number), hospital, admitted)
}

/// Ready on Tuesday 2 June, discharged on Sunday 7 June: two days to pay.
fn ready(number: u128) -> (Case, Assignment) {
    let mut case = bare(number);
    case.municipality = Some("2080".parse().unwrap());
    case.identified = Some(stamp(2, "2026-06-01 10:00"));
    let discharge = Some(at("2026-06-07 12:00"));
    case.estimates.push(Estimate::new(stamp(3, "2026-06-01 10:00"), discharge));
    case.needs.push(Need {
        stamp: stamp(4, "2026-06-01 10:00"),
        parties: [Party::SocialServices].into(),
        frequent_patient: false,
        withdrawn: None,
    });
    case.ready.push(Revocable { stamp: stamp(5, "2026-06-02 09:00"), revoked: None });
    case.discharges.push(Discharge { stamp: stamp(6, "2026-06-07 10:00"), revoked: None });
    let mut assignment = Assignment::new(case.case_id);
    assignment.routes.push(Route {
        stamp: stamp(7, "2026-06-01 10:00"),
        party: Party::SocialServices,
        unit: "SE2321000180-ST".parse().unwrap(),
        ended: None,
    });
    (case, assignment)
}

#[tokio::test]
async fn days_are_shown_per_case_and_added_up_per_municipality_page_by_page() {
    let world = World::start("2026-07-01 10:00").await;
    let (admissions, coordination) =
        (world.source("admissions").await, world.source("coordination").await);
    let last = u128::from(MOST_PAYMENT_CASES) + 5;
    for number in 1..last {
        admissions.say(&bare(number)).await;
    }
    for number in [0, last] {
        let (case, assignment) = ready(number);
        admissions.say(&case).await;
        coordination.say(&assignment).await;
    }
    let caller = world.caller().await;
    let month = "2026-06-01".parse().unwrap();
    let page = async |after| {
        caller.ask(&PaymentBasis { month, after }).await.map_err(|error| error.to_string())
    };
    let pages = eventually("both cases are in the month", SOON, async || {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let answer = page(after).await?;
            let Some(next) = answer.next else { break };
            after = Some(next);
            pages.push(answer);
        }
        let days: u32 =
            pages.iter().flat_map(|page| &page.municipalities).map(|row| row.payable_days).sum();
        if days == 4 { Ok(pages) } else { Err(format!("{days} days")) }
    });
    let pages = pages.await;
    assert!(pages.len() >= 2, "{}", pages.len());
    assert_eq!(pages[0].region, "se");
    let row = &pages[0].municipalities[0];
    assert_eq!((row.policy.as_str(), row.cases.len(), row.amount), ("se 2026.1", 1, None));

    let case = CaseId(Uuid::from_u128(1_000));
    let shown = caller.ask(&ShowPayment { case }).await.unwrap();
    assert_eq!(shown.days.len(), 6);
    assert_eq!(shown.days.iter().filter(|day| day.payable).count(), 2);
    let unknown = ShowPayment { case: CaseId(Uuid::from_u128(9)) };
    assert!(caller.ask(&unknown).await.is_err());
}

#[tokio::test]
async fn a_policy_that_days_were_counted_by_keeps_its_text() {
    let text = include_str!("../../payment/se-2026.1.toml").replace("\"se\"", "\"test\"");
    let world = World::provisioned("2026-06-02 10:00").await;
    world.write_policy("test.toml", &text);
    world.provision().await.unwrap();
    world.provision().await.unwrap();
    world.write_policy("test.toml", &text.replace("days_before = 3", "days_before = 2"));
    let refused = world.provision().await.unwrap_err().to_string();
    assert!(refused.contains("test.toml has changed"), "{refused}");
    world.write_policy("test.toml", "id = 3");
    assert!(world.provision().await.is_err());
}
