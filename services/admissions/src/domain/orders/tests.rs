use contracts::{CaseId, CaseRef};
use uuid::Uuid;

use super::*;

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-17T{hour:02}:00:00Z").parse().unwrap()
}

/// A case that was admitted at eight.
fn case() -> Case {
    let json = serde_json::json!({
        "case_id": CaseId(Uuid::from_u128(1)),
        "case_ref": CaseRef::from_random(1),
        "hospital": "SE2321000180-1001",
        "admitted": { "id": Uuid::from_u128(2), "occurred_at": at(8), "recorded_at": at(8) }
    });
    serde_json::from_value(json).unwrap()
}

fn order(hour: u32) -> Order {
    let by = "SE2321000180-ANNA".parse().unwrap();
    Order { entry: EntryId(Uuid::from_u128(hour.into())), by, now: at(hour) }
}

fn judgement(case: &Case, noticed_at: HappenedAt) -> JudgeNeed {
    let parties = [Party::OpenCare].into();
    JudgeNeed { case: case.case_id, parties, frequent_patient: false, noticed_at }
}

fn said(answer: ConsentAnswer) -> RecordConsent {
    RecordConsent::new(CaseId(Uuid::from_u128(1)), answer)
}

#[test]
fn a_consent_to_something_else_or_with_another_end_is_another_consent() {
    let mut case = case();
    let plan = RecordConsent { scopes: [ConsentScope::Plan].into(), ..said(ConsentAnswer::Given) };
    assert_eq!(record_consent(&mut case, said(ConsentAnswer::Given), order(9)), Ok(true));
    assert_eq!(record_consent(&mut case, plan.clone(), order(10)), Ok(true));
    assert_eq!(record_consent(&mut case, plan.clone(), order(11)), Ok(false));
    let no = RecordConsent { answer: ConsentAnswer::Refused, ..plan.clone() };
    assert_eq!(record_consent(&mut case, no, order(12)), Ok(true));
    assert_eq!(case.consents[2].answer, ConsentAnswer::Withdrawn);
    assert!(case.allows(ConsentScope::Information, Party::OpenCare, at(13)));
    assert!(!case.allows(ConsentScope::Plan, Party::OpenCare, at(13)));
    let ended = RecordConsent { expires_at: Some(at(9)), ..plan };
    let refusal = record_consent(&mut case, ended, order(13)).unwrap_err();
    assert_eq!(refusal.code, "ends_before_it_begins");
}

#[test]
fn a_withdrawal_for_one_party_leaves_the_others_and_a_new_yes_takes_it_back() {
    let mut case = case();
    record_consent(&mut case, said(ConsentAnswer::Given), order(9)).unwrap();
    let without =
        RecordConsent { parties: [Party::SocialServices].into(), ..said(ConsentAnswer::Withdrawn) };
    assert_eq!(record_consent(&mut case, without, order(10)), Ok(true));
    let allows = |case: &Case, party| case.allows(ConsentScope::Information, party, at(13));
    assert!(allows(&case, Party::OpenCare));
    assert!(!allows(&case, Party::SocialServices));
    assert_eq!(record_consent(&mut case, said(ConsentAnswer::Given), order(11)), Ok(true));
    assert!(allows(&case, Party::SocialServices));
}

#[test]
fn a_yes_for_some_parties_takes_the_place_of_a_yes_for_all() {
    let mut case = case();
    record_consent(&mut case, said(ConsentAnswer::Given), order(9)).unwrap();
    let for_one = RecordConsent { parties: [Party::OpenCare].into(), ..said(ConsentAnswer::Given) };
    record_consent(&mut case, for_one, order(10)).unwrap();
    assert!(case.consented(Party::OpenCare));
    assert!(!case.consented(Party::SocialServices));
}

#[test]
fn a_need_is_noticed_at_the_admission_by_default_and_never_before_it_or_in_the_future() {
    let mut case = case();
    let mut judge = |noticed_at| {
        let what = judgement(&case, noticed_at);
        let refused = judge_need(&mut case, what, order(10)).err();
        refused.map(|refusal| (refusal.code, refusal.field))
    };
    let field = Some("/noticed_at".to_owned());
    assert_eq!(judge(Some(at(7))), Some(("before_admission".to_owned(), field.clone())));
    assert_eq!(judge(Some(at(11))), Some(("in_the_future".to_owned(), field)));
    assert_eq!(judge(None), None);
    assert_eq!(case.needs[0].stamp.occurred_at, at(8));
    assert_eq!(case.needs[0].stamp.recorded_at, at(10));
}

#[test]
fn a_death_recorded_by_mistake_is_taken_back_once() {
    let mut case = case();
    assert_eq!(record_death(&mut case, None, order(9)), Ok(true));
    assert!(case.ended());
    assert_eq!(revoke_death(&mut case, None, order(10)), Ok(true));
    assert!(!case.ended());
    assert_eq!(revoke_death(&mut case, None, order(11)).unwrap_err().code, "not_dead");
}

#[test]
fn a_judgement_with_another_moment_of_notice_is_another_judgement() {
    let mut case = case();
    let what = judgement(&case, None);
    assert_eq!(judge_need(&mut case, what.clone(), order(10)), Ok(true));
    let later = JudgeNeed { noticed_at: Some(at(9)), ..what };
    assert_eq!(judge_need(&mut case, later.clone(), order(11)), Ok(true));
    assert_eq!(judge_need(&mut case, later, order(12)), Ok(false));
    assert_eq!(case.need().unwrap().stamp.occurred_at, at(9));
}

#[test]
fn a_new_judgement_withdraws_the_old_one_when_it_is_recorded() {
    let mut case = case();
    let what = judgement(&case, None);
    assert_eq!(judge_need(&mut case, what.clone(), order(9)), Ok(true));
    assert_eq!(judge_need(&mut case, what.clone(), order(10)), Ok(false));
    let other = JudgeNeed { parties: [Party::SocialServices].into(), ..what };
    assert_eq!(judge_need(&mut case, other, order(11)), Ok(true));
    let withdrawn = case.needs[0].withdrawn.clone().unwrap();
    assert_eq!((withdrawn.occurred_at, withdrawn.recorded_at), (at(11), at(11)));
    assert!(withdraw_need(&mut case, order(12)) && !withdraw_need(&mut case, order(13)));
}

#[test]
fn a_judgement_names_parties_outside_the_hospital_only() {
    let mut case = case();
    let what = JudgeNeed { parties: [Party::Ward].into(), ..judgement(&case, None) };
    assert_eq!(judge_need(&mut case, what, order(9)).unwrap_err().code, "not_a_party");
}

#[test]
fn ready_is_given_once_revoked_once_and_given_again() {
    let mut case = case();
    let code = |result: Result<bool, Refusal>| result.unwrap_err().code;
    assert_eq!(code(revoke_ready(&mut case, None, order(9))), "not_ready");
    assert_eq!(give_ready(&mut case, None, order(10)), Ok(true));
    assert_eq!(code(give_ready(&mut case, None, order(11))), "already_ready");
    assert_eq!(revoke_ready(&mut case, None, order(12)), Ok(true));
    assert_eq!(give_ready(&mut case, Some(at(13)), order(14)), Ok(true));
    assert_eq!(case.ready.len(), 2);
    assert_eq!(case.ready_in_force().unwrap().stamp.occurred_at, at(13));
}

#[test]
fn who_has_been_discharged_is_neither_discharged_again_nor_ready() {
    let mut case = case();
    assert_eq!(discharge(&mut case, Some(at(9)), order(10)), Ok(true));
    let again = discharge(&mut case, None, order(11)).unwrap_err();
    let ready = give_ready(&mut case, None, order(11)).unwrap_err();
    assert_eq!(
        (again.code.as_str(), ready.code.as_str()),
        ("already_discharged", "already_discharged")
    );
}

#[test]
fn nothing_happens_before_the_admission() {
    let mut case = case();
    for refused in [
        give_ready(&mut case, Some(at(7)), order(9)),
        discharge(&mut case, Some(at(7)), order(9)),
        record_death(&mut case, Some(at(7)), order(9)),
        set_estimate(&mut case, at(7), None, order(9)),
    ] {
        assert_eq!(refused.unwrap_err().code, "before_admission");
    }
}

#[test]
fn nothing_more_is_decided_about_somebody_who_has_died() {
    let mut case = case();
    assert_eq!(record_death(&mut case, None, order(9)), Ok(true));
    assert_eq!(record_death(&mut case, None, order(10)), Ok(false));
    let what = judgement(&case, None);
    let refused = [
        judge_need(&mut case, what, order(11)),
        set_estimate(&mut case, at(20), None, order(11)),
        give_ready(&mut case, None, order(11)),
        discharge(&mut case, None, order(11)),
    ];
    assert!(refused.into_iter().all(|refused| refused.unwrap_err().code == "case_ended"));
}

#[test]
fn an_answer_that_is_not_known_is_no_consent() {
    let mut case = case();
    let refused = record_consent(&mut case, said(ConsentAnswer::Unknown), order(9)).unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("/answer"));
    assert_eq!(record_consent(&mut case, said(ConsentAnswer::Given), order(10)), Ok(true));
    assert!(case.consented(Party::OpenCare));
}
