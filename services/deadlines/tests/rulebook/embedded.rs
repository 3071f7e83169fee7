//! The two files that are part of the program.

use contracts::Owner;
use deadlines::domain::calendar::{Reading, local_to_utc};
use deadlines::domain::rulebook::{
    Clock, Condition, EMBEDDED, Predicate, Rulebook, Rulebooks, Rung, Trigger, Until,
};

fn book(name: &str) -> Rulebook {
    Rulebooks::load(EMBEDDED).unwrap().named(name).unwrap().clone()
}

#[test]
fn the_base_has_the_duties_of_the_act_and_of_the_agreements() {
    let book = book("se 2026.1");
    let ids: Vec<&str> = book.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["K02", "K06", "K07", "K08", "K43", "LAW-2-5"]);
}

#[test]
fn the_notice_has_plain_hours_and_the_care_contact_the_next_weekday() {
    let book = book("dalarna 2026.1");
    let clock = |id| book.rule(id).unwrap().clock;
    let relieved = Clock::HoursOrNextWeekday { hours: 24, reading: Reading::Strict };
    assert_eq!(clock("K02"), Clock::Hours { hours: 24 });
    assert_eq!(clock("K06"), relieved);
    assert_eq!(clock("K07"), relieved);
    assert_eq!(clock("K08"), Clock::None);
    assert_eq!(clock("K43"), Clock::CalendarDays { days: 3 });
    assert_eq!(clock("LAW-2-5"), Clock::AtDischarge);
}

#[test]
fn a_duty_without_a_clock_is_escalated_to_nobody() {
    assert!(book("dalarna 2026.1").rule("K08").unwrap().ladder.is_empty());
}

#[test]
fn the_acts_duty_tells_unit_and_manager_at_once_and_nobody_above() {
    let book = book("se 2026.1");
    let law = book.rule("LAW-2-5").unwrap();
    assert_eq!(law.proof, Predicate::CareContactNamed);
    assert_eq!(law.until, Until::Closing);
    assert_eq!(
        law.ladder,
        [
            Rung::ReminderAtReady,
            Rung::ReminderAtEstimate,
            Rung::Unit,
            Rung::Manager { after_hours: 0 },
        ]
    );
}

#[test]
fn the_lead_officer_is_one_duty_of_the_municipality_and_support_one_per_party() {
    let book = book("dalarna 2026.1");
    assert_eq!(book.rule("K07").unwrap().owners, [Owner::Municipality]);
    assert_eq!(
        book.rule("K08").unwrap().owners,
        [Owner::OpenCare, Owner::MunicipalHealthCare, Owner::SocialServices]
    );
}

#[test]
fn dalarna_replaces_the_line_for_the_call_and_keeps_the_others() {
    let (base, dalarna) = (book("se 2026.1"), book("dalarna 2026.1"));
    let call = dalarna.rule("K43").unwrap();
    assert!(call.source.starts_with("Dalarnas riktlinjer"));
    assert_eq!(call.trigger, Trigger::Ready);
    assert_eq!(call.conditions, [Condition::BothPrincipals]);
    assert_eq!(call.until, Until::Closing);
    assert_eq!(dalarna.rule("K02"), base.rule("K02"));
    assert_eq!(dalarna.rules.len(), base.rules.len());
}

#[test]
fn nobody_is_watched_for_not_judging_need_unless_a_region_says_so() {
    let book = book("se 2026.1");
    let watched = |rule: &&_| {
        matches!(rule, deadlines::domain::rulebook::Rule { trigger: Trigger::Admission, .. })
    };
    assert_eq!(book.rules.iter().find(watched), None);
}

#[test]
fn cases_since_the_act_came_into_force_have_a_rulebook() {
    let books = Rulebooks::load(EMBEDDED).unwrap();
    let at = |day: &str| {
        let noon = day.parse::<chrono::NaiveDate>().unwrap().and_hms_opt(12, 0, 0);
        local_to_utc(noon.unwrap(), deadlines::domain::calendar::DoubledHour::Later)
    };
    assert!(books.in_force("dalarna", at("2018-01-01")).is_some());
    assert!(books.in_force("dalarna", at("2017-12-31")).is_none());
}
