//! Readmissions in the figures of a month: what only `admissions` knows is counted, and tells of nobody.

use contracts::commands::{Figure, ShowStatistics, StatisticsBy, StatisticsPage};
use test_support::{SOON, eventually};

use crate::support::System;
use crate::support::hl7::{Adt, TAGE, TOVA};

/// A patient comes in on one day and leaves on another, both of January 2027.
async fn stays(system: &System, number: usize, admission: &Adt<'_>, days: [usize; 2]) {
    let [came, left] = days.map(|day| format!("202701{day:02}1200"));
    let (visit, [in_id, out_id]) =
        (format!("V{number}"), ["A", "D"].map(|of| format!("{of}{number}")));
    let stay = Adt {
        visit: &visit,
        control_id: &in_id,
        at: &came,
        admitted_at: &came,
        ..admission.clone()
    };
    system.send(&stay).await;
    system.send(&Adt { trigger: "A03", control_id: &out_id, at: &left, ..stay }).await;
}

async fn january(system: &System) -> StatisticsPage {
    let (month, by) = ("2027-01-01".parse().unwrap(), StatisticsBy::Municipality);
    eventually("the month is counted", SOON, async || {
        let page = system.caller.ask(&ShowStatistics { month, by, after: 0 }).await;
        let page = page.map_err(|error| error.to_string())?;
        if page.counted_at.is_some() { Ok(page) } else { Err(format!("{}", page.looked_at)) }
    })
    .await
}

fn of<'a>(page: &'a StatisticsPage, id: &str) -> &'a Figure {
    page.figures.iter().find(|figure| figure.id == id).unwrap()
}

#[tokio::test]
async fn who_is_back_soon_stands_in_the_figures_of_the_month_and_nobody_is_named() {
    let system = System::start("2027-02-02 09:00").await;
    let mut number = 0;
    // Each comes home and back twelve days long, then is moved on the day of each discharge.
    for patient in [TOVA, TAGE] {
        for (days, admission_type) in
            [([2, 4], ""), ([5, 6], "E"), ([8, 9], "E"), ([11, 12], "E"), ([14, 15], "")]
        {
            let admission = Adt { admission_type, ..Adt::of(patient) };
            stays(&system, number, &admission, days).await;
            number += 1;
        }
        for day in 15..19 {
            let moved = Adt { admission_type: "E", ..Adt::of(patient) };
            stays(&system, number, &moved, [day, day + 1]).await;
            number += 1;
        }
    }
    // Planned returns of Tova's.
    for day in [21, 23, 25, 27, 29] {
        let planned = Adt { admission_type: "R", ..Adt::of(TOVA) };
        stays(&system, number, &planned, [day, day + 1]).await;
        number += 1;
    }
    let last = system.case_admitted("2027-01-29 12:00").await.case_id;
    eventually("the last stay is heard of", SOON, async || {
        system.ledger(last).await.map_err(|error| error.to_string())
    })
    .await;
    let page = january(&system).await;
    let [all, unplanned] = ["readmission_30d", "readmission_30d_unplanned"].map(|id| of(&page, id));
    assert_eq!((all.of, all.yes), (23, Some(13)), "{page:?}");
    assert_eq!((unplanned.of, unplanned.yes), (23, Some(6)), "{page:?}");
    let words = page.definitions.iter().find(|one| one.id == "readmission_30d_unplanned").unwrap();
    assert!(words.given && words.definition.en.contains("the national measure"));
    let text = serde_json::to_string(&page).unwrap();
    assert!([TOVA, TAGE].iter().all(|patient| !text.contains(patient.number)));
}
