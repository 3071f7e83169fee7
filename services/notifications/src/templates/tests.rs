use chrono::DateTime;

use super::*;
use crate::domain::alert::Step;
use crate::domain::duty::{Due, Duty, Title};
use crate::domain::sms_text::Encoding;

/// 60 characters: a short host and a token of 43.
const LINK: &str = "https://hg.se/l/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AbCdEf";

const LANGUAGES: [Language; 2] = [Language::Sv, Language::En];

/// Every rule that has words of its own, and the longest title of one that has not.
const RULES: [&str; 7] = ["K02", "K06", "K07", "K08", "K43", "LAW-2-5", "REGION-1"];

fn duty(rule: &str, due: Due) -> Duty {
    let title = Title::new(&"Å".repeat(60), &"A".repeat(60));
    Duty { rule: rule.to_owned(), title, due }
}

/// The longest that a time gets: two digits of day, a month's longest name.
fn late_march() -> Due {
    let at = DateTime::parse_from_rfc3339("2027-03-25T14:00:00+01:00").expect("an instant");
    Due::At(at.to_utc())
}

fn steps(rule: &str, due: Due) -> Vec<Step> {
    vec![
        Step::NoticeCame { duties: vec![duty(rule, due), duty("K08", Due::NoClock)] },
        Step::NoticeCame { duties: Vec::new() },
        Step::Reminder(duty(rule, due)),
        Step::Missed(duty(rule, due)),
        Step::EscalatedToManager(duty(rule, due)),
        Step::EscalatedToPrincipal(duty(rule, due)),
        Step::ReadyGiven { duties: vec![duty(rule, due)] },
        Step::ReadyGiven { duties: Vec::new() },
        Step::ReadyRevoked,
        Step::EstimateChanged,
        Step::CouldNotBeRouted,
        Step::StepReachedNobody(duty(rule, due)),
    ]
}

/// Every alert that can be told, with the language to tell it in.
fn every_alert() -> Vec<(Alert, Language)> {
    let dues = [late_march(), Due::BeforeDischarge, Due::NoClock];
    let case: CaseReference = "K7M2-9QXD".parse().expect("a reference");
    RULES
        .iter()
        .flat_map(|rule| dues.into_iter().flat_map(|due| steps(rule, due)))
        .flat_map(|step| {
            LANGUAGES.map(|language| (Alert { case: case.clone(), step: step.clone() }, language))
        })
        .collect()
}

fn first(alert: &Alert, language: Language) -> Message<'_> {
    Message { alert, language, link: LINK, repeated: false }
}

#[test]
fn an_sms_says_case_step_duty_time_and_link() {
    let case = "K7M2-9QXD".parse().expect("a reference");
    let alert = Alert { case, step: Step::Reminder(duty("K06", late_march())) };
    let text = sms(&first(&alert, Language::Sv)).expect("an SMS");
    assert_eq!(
        text.as_str(),
        format!(
            "K7M2-9QXD, påminnelse: Utse fast vårdkontakt, senast tor 25 mars kl. 14.00. {LINK}"
        )
    );
}

#[test]
fn a_mail_reads_well() {
    let case = "K7M2-9QXD".parse().expect("a reference");
    let duties = vec![duty("K06", late_march()), duty("K08", Due::NoClock)];
    let alert = Alert { case, step: Step::NoticeCame { duties } };
    let message = Message { repeated: true, ..first(&alert, Language::En) };
    let MailText { subject, text } = mail(&message).expect("a mail");
    assert_eq!(
        subject,
        "Again: K7M2-9QXD, new case: Appoint a care contact, by Thu 25 Mar 14:00 (+1 more)"
    );
    let expected = format!(
        "Case K7M2-9QXD\n\n\
         An admission notice has come. This is what the unit is to do:\n\n\
         * Appoint a care contact, by Thu 25 Mar 14:00\n\
         * Report current support, no time limit\n\n\
         Show and acknowledge:\n{LINK}\n\n\
         You may already have had this message.\n\n\
         Opening the link changes nothing. To acknowledge means that you have seen this; \
         it is done only when it is done.\n\n\
         Sent automatically by Hemgång."
    );
    assert_eq!(text, expected);
}

#[test]
fn every_sms_of_a_known_rule_is_one_part_of_gsm_7() {
    for (alert, language) in every_alert() {
        let text = sms(&first(&alert, language)).expect("an SMS");
        assert_eq!(text.encoding(), Encoding::Gsm7, "{}", text.as_str());
        let known = alert.step.duties().first().is_none_or(|duty| duty.rule != "REGION-1");
        let bound = if known { 1 } else { 2 };
        assert!(text.parts() <= bound, "{} parts: {}", text.parts(), text.as_str());
    }
}

#[test]
fn a_repeated_sms_with_a_long_host_is_two_parts_at_most() {
    let link = format!("{LINK}{}", "x".repeat(40));
    for (alert, language) in every_alert() {
        let message = Message { alert: &alert, language, link: &link, repeated: true };
        let text = sms(&message).expect("an SMS");
        assert!(text.parts() <= 2, "{} parts: {}", text.parts(), text.as_str());
    }
}

#[test]
fn subjects_are_one_line() {
    for (alert, language) in every_alert() {
        let mail = mail(&first(&alert, language)).expect("a mail");
        assert!(!mail.subject.contains('\n') && !mail.subject.is_empty(), "{}", mail.subject);
    }
}

#[test]
fn no_two_steps_and_no_two_languages_read_alike() {
    let case: CaseReference = "K7M2-9QXD".parse().expect("a reference");
    let mut subjects = Vec::new();
    let mut texts = Vec::new();
    for step in steps("K06", late_march()) {
        let alert = Alert { case: case.clone(), step };
        for language in LANGUAGES {
            let mail = mail(&first(&alert, language)).expect("a mail");
            subjects.push(mail.subject);
            texts.push(mail.text);
        }
    }
    for said in [&mut subjects, &mut texts] {
        let all = said.len();
        said.sort();
        said.dedup();
        assert_eq!(said.len(), all);
    }
}

/// Takes the fields that a message may show out of it.
fn without_fields(text: &str, alert: &Alert, language: Language) -> String {
    let mut rest = text.replace(LINK, "").replace(alert.case.as_str(), "");
    for line in lines(alert, language) {
        rest = rest.replace(line.title, "").replace(&line.due, "");
    }
    rest
}

#[test]
fn a_message_holds_nothing_but_the_allowed_fields_and_fixed_words() {
    let other: CaseReference = "ZZZZ-2222".parse().expect("a reference");
    for (alert, language) in every_alert() {
        let twin = Alert { case: other.clone(), step: alert.step.clone() };
        let (one, two) = (first(&alert, language), first(&twin, language));
        for (text, twin_text) in [
            (mail(&one).expect("a mail").text, mail(&two).expect("a mail").text),
            (
                sms(&one).expect("an SMS").as_str().to_owned(),
                sms(&two).expect("an SMS").as_str().to_owned(),
            ),
        ] {
            let rest = without_fields(&text, &alert, language);
            assert_eq!(rest, without_fields(&twin_text, &twin, language));
            let digits: String = rest.replace("(+1 ", "").matches(char::is_numeric).collect();
            assert_eq!(digits, "", "a number that is no allowed field: {rest}");
        }
    }
}

#[test]
fn no_word_about_the_patient_is_in_a_message() {
    for (alert, language) in every_alert() {
        let mail = mail(&first(&alert, language)).expect("a mail");
        let said = format!("{}\n{}", mail.subject, mail.text).to_lowercase();
        for word in ["patient", "person", "diagnos", "adress", "address", "född", "born"] {
            assert!(!said.contains(word), "{word} in {said}");
        }
    }
}
