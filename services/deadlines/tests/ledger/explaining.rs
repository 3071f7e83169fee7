//! Why a duty is due when it is, or met, or not counted.

use deadlines::domain::explain;

use super::*;

/// All reasons of a rule's explanations, one after the other.
fn swedish(play: &Play, now: &str, rule: &str) -> String {
    told(play, now, rule, |words| words.sv.clone())
}

fn told(
    play: &Play,
    now: &str,
    rule: &str,
    language: fn(&contracts::ledger::Words) -> String,
) -> String {
    let ledger = play.ledger(now);
    let all = explain(&play.facts, &ledger, &play.rulebooks, play.region, at(now));
    let of_rule = all.iter().filter(|one| one.rule == rule);
    let reasons = of_rule.flat_map(|one| &one.reasons).map(language);
    reasons.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_care_contact_over_a_holiday_weekend() {
    let play = Play::received("2026-06-05 14:10", &[OPEN_CARE]);
    assert_eq!(
        swedish(&play, "2026-06-05 15:00", "K06"),
        "Mottaget fredag 5 juni kl. 14.10. 24 timmar infaller lördag 6 juni, nationaldagen; \
         gäller till måndag 8 juni kl. 16.30. Ännu inte gjort."
    );
    assert_eq!(
        told(&play, "2026-06-07 15:00", "K06", |words| words.en.clone()),
        "Received on Friday 5 June at 14:10. 24 hours end on Saturday 6 June, the National Day; \
         due by Monday 8 June at 16:30. Not done yet. Those hours have passed, but it is still in \
         time."
    );
}

#[test]
fn an_incomplete_notice_says_what_is_missing() {
    let mut play = Play::admitted("2026-06-05 10:00");
    play.judged("2026-06-05 10:00", "2026-06-05 11:00", &[OPEN_CARE]);
    play.identified("2026-06-05 11:00");
    assert_eq!(
        swedish(&play, "2026-06-06 12:00", "K02"),
        "Behovet uppmärksammat fredag 5 juni kl. 10.00. 24 timmar, helger inräknade: gäller till \
         lördag 6 juni kl. 10.00. Försenat sedan lördag 6 juni kl. 10.00. Det saknas: beräknad \
         utskrivning, mottagande enhet."
    );
}

#[test]
fn a_call_says_its_last_day() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE, SOCIAL]);
    play.ready("2026-06-04 10:00");
    play.called("2026-06-05 09:30");
    assert_eq!(
        swedish(&play, "2026-06-06 12:00", "K43"),
        "Meddelat utskrivningsklar torsdag 4 juni kl. 10.00. Dag 3 efter den dagen: gäller till \
         och med söndag 7 juni. Uppfyllt fredag 5 juni kl. 09.30, i tid."
    );
}

#[test]
fn a_duty_that_ended_says_why() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.discharged("2026-06-02 12:00", "2026-06-02 12:00");
    let law = swedish(&play, "2026-06-02 13:00", "LAW-2-5");
    assert!(law.contains("Skulle vara gjort före utskrivningen tisdag 2 juni kl. 12.00."), "{law}");
    let agreement = swedish(&play, "2026-06-02 13:00", "K06");
    assert!(
        agreement.ends_with(
            "Blev aldrig gjort: patienten utskriven, registrerat tisdag 2 juni kl. 12.00."
        ),
        "{agreement}"
    );
}

#[test]
fn a_proof_that_was_told_late_says_so() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.support_reported("2026-06-03 12:00", OPEN_CARE);
    play.assignment().support_reports[0].stamp.occurred_at = at("2026-06-03 09:00");
    let told = swedish(&play, "2026-06-04 10:00", "K08");
    assert!(
        told.ends_with(
            "Källan anger ingen tidsgräns. Uppfyllt onsdag 3 juni kl. 09.00. Registrerat onsdag 3 \
             juni kl. 12.00."
        ),
        "{told}"
    );
}

#[test]
fn a_line_without_duty_says_what_is_wanting() {
    let now = "2026-06-04 10:00";
    let mut play = Play::admitted("2026-06-02 10:00");
    assert_eq!(swedish(&play, now, "K02"), "Inget behov är bedömt.");
    assert_eq!(
        swedish(&play, now, "K06"),
        "Ingen ansvarig enhet har fått inskrivningsmeddelandet."
    );
    assert_eq!(swedish(&play, now, "K43"), "Patienten är inte meddelad utskrivningsklar.");
    play.ready("2026-06-03 10:00");
    assert_eq!(swedish(&play, now, "K43"), "Gäller bara när både regionen och kommunen berörs.");
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[]);
    assert_eq!(swedish(&play, now, "K02"), "Patientens samtycke saknas.");
    play.discharged("2026-06-03 12:00", "2026-06-03 12:00");
    play.routed("2026-06-03 13:00", OPEN_CARE);
    assert_eq!(swedish(&play, now, "K06"), "Kom till kännedom först efter utskrivningen.");
}

#[test]
fn every_explanation_names_its_source() {
    let play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    let now = "2026-06-02 11:00";
    let ledger = play.ledger(now);
    let all = explain(&play.facts, &ledger, &play.rulebooks, play.region, at(now));
    assert_eq!(all.len(), 6);
    assert!(all.iter().all(|one| !one.source.is_empty() && !one.reasons.is_empty()));
    assert!(all.is_sorted_by_key(|one| one.rule.clone()));
}

#[test]
fn a_line_that_is_shown_is_explained_in_full() {
    use contracts::assignment::EntryKind;
    let mut play = Play::received("2027-03-01 10:00", &[OPEN_CARE, HEALTH]);
    let now = "2027-03-02 10:00";
    assert_eq!(
        swedish(&play, now, "K15"),
        "Mottaget måndag 1 mars kl. 10.00. Källan anger ingen tidsgräns. Ännu inte gjort."
    );
    play.entered("2027-03-01 12:00", OPEN_CARE, EntryKind::TakeoverPlan);
    assert!(swedish(&play, now, "K15").ends_with("Uppfyllt måndag 1 mars kl. 12.00."));
    assert_eq!(swedish(&play, now, "K21"), "Ärendet har inte det spåret.");
    assert_eq!(swedish(&play, now, "K28"), "Patienten är inte meddelad utskrivningsklar.");
    assert_eq!(swedish(&play, now, "K42"), "Inget behov av SIP är uppmärksammat.");
}

#[test]
fn a_duty_on_the_same_day_and_one_that_another_track_ended_say_so() {
    let mut play = Play::received("2027-03-01 10:00", &[OPEN_CARE, HEALTH]);
    play.track_set("2027-03-02 10:00", "yellow");
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    assert_eq!(
        swedish(&play, "2027-03-05 15:00", "K35"),
        "Utskriven fredag 5 mars kl. 14.00. Samma dag: gäller till och med fredag 5 mars. Ännu inte \
         gjort."
    );
    play.track_set("2027-03-05 16:00", "green");
    let told = swedish(&play, "2027-03-05 17:00", "K35");
    assert!(
        told.ends_with("Gäller inte längre: ett annat spår satt fredag 5 mars kl. 16.00."),
        "{told}"
    );
}

#[test]
fn a_track_that_the_rulebook_does_not_have_is_said_to_be_none_of_its() {
    let mut play = Play::received("2027-02-01 10:00", &[OPEN_CARE, SOCIAL]);
    play.track_set("2027-02-02 10:00", "purple");
    let by_track = |play: &Play| {
        let ledger = play.ledger("2027-02-03 10:00");
        let now = at("2027-02-03 10:00");
        let all = explain(&play.facts, &ledger, &play.rulebooks, play.region, now);
        let reasons = all.into_iter().flat_map(|one| one.reasons).map(|words| words.en);
        reasons.filter(|reason| reason.contains("is not in the rulebook")).collect::<Vec<_>>()
    };
    let said = by_track(&play);
    assert!(!said.is_empty());
    assert!(said[0].starts_with("The track purple is not in the rulebook dalarna "), "{said:?}");
    assert!(said[0].ends_with(", which has red, yellow, green."), "{said:?}");
    play.track_set("2027-02-02 11:00", "yellow");
    assert_eq!(by_track(&play), [] as [String; 0]);
}
