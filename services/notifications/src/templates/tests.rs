use chrono::{DateTime, Utc};
use contracts::ledger::{NewsKind, StepKind, Words};

use super::*;
use crate::domain::sms_text::Encoding;
use crate::domain::telling::{Duty, What};

/// 60 characters: a short host and a token of 43.
const LINK: &str = "https://hg.se/l/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AbCdEf";

const LANGUAGES: [Language; 2] = [Language::Sv, Language::En];

/// Titles of usual length, and the longest that is shown.
const TITLES: [(&str, &str); 4] = [
    ("Utse fast vårdkontakt", "Name the care contact"),
    ("Utse huvudhandläggare", "Name the lead officer"),
    ("Kalla till SIP", "Call the SIP meeting"),
    (LONGEST, LONGEST),
];
const LONGEST: &str = "ÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅ";

fn case() -> CaseRef {
    "K7M2-9QXD".parse().expect("a reference")
}

fn duty(title: (&str, &str), due: Option<DateTime<Utc>>) -> Duty {
    let title = Words { sv: title.0.to_owned(), en: title.1.to_owned() };
    Duty::new(&title, due)
}

/// The longest that a time gets: two digits of day, a month's longest name.
fn late_march() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2027-03-25T14:00:00+01:00").expect("an instant").to_utc()
}

/// Every alert that can be told.
fn every_alert() -> Vec<Telling> {
    let mut all = Vec::new();
    for kind in [
        NewsKind::NoticeCame,
        NewsKind::ReadyGiven,
        NewsKind::ReadyRevoked,
        NewsKind::EstimateChanged,
        NewsKind::EstimateDrifts,
        NewsKind::CouldNotBeRouted,
        NewsKind::NoLongerConcerned,
        NewsKind::FrequentPatient,
        NewsKind::DischargeNotice,
        NewsKind::Discharged,
        NewsKind::DischargeRevoked,
        NewsKind::MessageCame,
        NewsKind::TrackProposed,
        NewsKind::TrackApproved,
        NewsKind::TrackRefused,
        NewsKind::TrackChanged,
        NewsKind::PlanToConfirm,
        NewsKind::Unknown,
    ] {
        all.push((What::News(kind), Vec::new()));
    }
    for title in TITLES {
        for due in [Some(late_march()), None] {
            let one = vec![duty(title, due)];
            let two = vec![duty(title, due), duty(TITLES[0], None)];
            all.push((What::News(NewsKind::NoticeCame), two));
            all.push((What::News(NewsKind::ReadyGiven), one.clone()));
            all.push((What::News(NewsKind::Discharged), one.clone()));
            for kind in [
                StepKind::Reminder,
                StepKind::ReminderAtReady,
                StepKind::ReminderAtEstimate,
                StepKind::Unit,
                StepKind::Manager,
                StepKind::Principal,
                StepKind::Unknown,
            ] {
                all.push((What::Step(kind), one.clone()));
            }
        }
    }
    let several = vec![duty(TITLES[0], None), duty(TITLES[1], None)];
    all.push((What::Step(StepKind::ReminderAtReady), several));
    all.into_iter().map(|(what, duties)| Telling { case: case(), what, duties }).collect()
}

/// Every alert in every language.
fn every_message() -> Vec<(Telling, Language)> {
    every_alert()
        .into_iter()
        .flat_map(|telling| LANGUAGES.map(|language| (telling.clone(), language)))
        .collect()
}

fn first(telling: &Telling, language: Language) -> Message<'_> {
    Message { telling, language, link: LINK, repeated: false }
}

#[test]
fn an_sms_says_case_step_duty_time_and_link() {
    let telling = Telling {
        case: case(),
        what: What::Step(StepKind::Reminder),
        duties: vec![duty(TITLES[0], Some(late_march()))],
    };
    let text = sms(&first(&telling, Language::Sv)).expect("an SMS");
    assert_eq!(
        text.as_str(),
        format!(
            "K7M2-9QXD, påminnelse: Utse fast vårdkontakt, senast tor 25 mars kl. 14.00. {LINK}"
        )
    );
}

#[test]
fn a_mail_reads_well() {
    let duties =
        vec![duty(TITLES[0], Some(late_march())), duty(("", "Report the current support"), None)];
    let telling = Telling { case: case(), what: What::News(NewsKind::NoticeCame), duties };
    let message = Message { repeated: true, ..first(&telling, Language::En) };
    let MailText { subject, text, .. } = mail(&message).expect("a mail");
    assert_eq!(
        subject,
        "Again: K7M2-9QXD, new case: Name the care contact, by Thu 25 Mar 14:00 (+1 more)"
    );
    let expected = format!(
        "Case K7M2-9QXD\n\n\
         An admission notice has come. This is what the unit is to do:\n\n\
         * Name the care contact, by Thu 25 Mar 14:00\n\
         * Report the current support\n\n\
         Show and acknowledge:\n{LINK}\n\n\
         You may already have had this message.\n\n\
         Opening the link changes nothing. To acknowledge means that you have seen this. \
         The task is done when it has been carried out, not when you acknowledge.\n\n\
         Sent automatically by Hemgång."
    );
    assert_eq!(text, expected);
}

#[test]
fn every_sms_with_a_usual_title_is_one_part_of_gsm_7() {
    for (telling, language) in every_message() {
        let text = sms(&first(&telling, language)).expect("an SMS");
        assert_eq!(text.encoding(), Encoding::Gsm7, "{}", text.as_str());
        let longest = telling.duties.iter().any(|d| d.title(language) == LONGEST);
        let bound = if longest { 2 } else { 1 };
        assert!(text.parts() <= bound, "{} parts: {}", text.parts(), text.as_str());
    }
}

#[test]
fn a_repeated_sms_with_a_long_host_is_two_parts_at_most() {
    let link = format!("{LINK}{}", "x".repeat(40));
    for (telling, language) in every_message() {
        let message = Message { telling: &telling, language, link: &link, repeated: true };
        let text = sms(&message).expect("an SMS");
        assert!(text.parts() <= 2, "{} parts: {}", text.parts(), text.as_str());
    }
}

#[test]
fn subjects_are_one_line() {
    for (alert, language) in every_message() {
        let mail = mail(&first(&alert, language)).expect("a mail");
        assert!(!mail.subject.contains('\n') && !mail.subject.is_empty(), "{}", mail.subject);
    }
}

#[test]
fn no_two_kinds_and_no_two_languages_read_alike() {
    let mut subjects = Vec::new();
    let mut texts = Vec::new();
    let one_of_each = every_alert()
        .into_iter()
        .filter(|telling| telling.duties.first() == Some(&duty(TITLES[1], Some(late_march()))));
    for telling in one_of_each {
        for language in LANGUAGES {
            let mail = mail(&first(&telling, language)).expect("a mail");
            subjects.push(mail.subject);
            texts.push(mail.text);
        }
    }
    assert_eq!(subjects.len(), 20);
    // Both reminders before discharge have one headline: the time is what counts.
    for (said, different) in [(&mut subjects, 18), (&mut texts, 20)] {
        said.sort();
        said.dedup();
        assert_eq!(said.len(), different);
    }
}

#[test]
fn every_kind_of_news_has_words_of_its_own() {
    for language in LANGUAGES {
        let news = every_alert().into_iter().filter(|one| matches!(one.what, What::News(_)));
        let alone: Vec<Telling> = news.filter(|one| one.duties.is_empty()).collect();
        let said = |one| mail(&first(one, language)).expect("a mail");
        let mut subjects: Vec<String> = alone.iter().map(|one| said(one).subject).collect();
        let mut texts: Vec<String> = alone.iter().map(|one| said(one).text).collect();
        for words in [&mut subjects, &mut texts] {
            words.sort();
            words.dedup();
            assert_eq!(words.len(), alone.len());
        }
    }
}

/// Takes the fields that a message may show out of it.
fn without_fields(text: &str, alert: &Telling, language: Language) -> String {
    let mut rest = text.replace(LINK, "").replace(&alert.case.to_string(), "");
    for line in lines(alert, language) {
        rest = rest.replace(line.title, "");
        if let Some(due) = line.due {
            rest = rest.replace(&due, "");
        }
    }
    rest
}

#[test]
fn a_message_holds_nothing_but_the_allowed_fields_and_fixed_words() {
    let other: CaseRef = "ZZZZ-2222".parse().expect("a reference");
    for (alert, language) in every_message() {
        let twin = Telling { case: other, ..alert.clone() };
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
    for (alert, language) in every_message() {
        let mail = mail(&first(&alert, language)).expect("a mail");
        let said = format!("{}\n{}", mail.subject, mail.text).to_lowercase();
        for word in ["patient", "person", "diagnos", "adress", "address", "född", "born"] {
            assert!(!said.contains(word), "{word} in {said}");
        }
    }
}

/// News of three cases, of one of them twice.
fn news(duties: &[Duty]) -> Vec<Telling> {
    let case = |text: &str| text.parse::<CaseRef>().expect("a reference");
    [
        ("K7M2-9QXD", NewsKind::NoticeCame),
        ("ZZZZ-2222", NewsKind::Discharged),
        ("K7M2-9QXD", NewsKind::EstimateChanged),
        ("QQQQ-3333", NewsKind::NoLongerConcerned),
    ]
    .into_iter()
    .map(|(text, kind)| {
        let duties = if kind == NewsKind::NoticeCame { duties.to_vec() } else { Vec::new() };
        Telling { case: case(text), what: What::News(kind), duties }
    })
    .collect()
}

fn digest_of(tellings: &[Telling], language: Language, repeated: bool) -> MailText {
    let links: Vec<String> = (1..=tellings.len()).map(|n| format!("https://hg.se/a/{n}")).collect();
    let messages = tellings.iter().zip(&links).map(|(telling, link)| Message {
        telling,
        language,
        link,
        repeated,
    });
    digest(&messages.collect::<Vec<_>>()).expect("a mail")
}

#[test]
fn a_digest_reads_well_each_case_under_its_heading() {
    let duties = vec![duty(TITLES[0], Some(late_march())), duty(("Rapportera stödet", ""), None)];
    let MailText { subject, text, .. } = digest_of(&news(&duties), Language::Sv, false);
    assert_eq!(subject, "Nytt i 3 ärenden");
    let expected = "\
Ärende K7M2-9QXD, 1 av 3

Ett inskrivningsmeddelande har kommit. Det här ska enheten göra:

* Utse fast vårdkontakt, senast tor 25 mars kl. 14.00
* Rapportera stödet

Visa och kvittera:
https://hg.se/a/1

Den beräknade tidpunkten för utskrivning är ändrad, eller hur säker den är.

Visa och kvittera:
https://hg.se/a/3


Ärende ZZZZ-2222, 2 av 3

Utskrivning från sjukhuset har skett.

Visa och kvittera:
https://hg.se/a/2


Ärende QQQQ-3333, 3 av 3

Enheten berörs inte längre av ärendet.

Visa och kvittera:
https://hg.se/a/4


Att öppna en länk ändrar ingenting. Att kvittera betyder att du har sett det som står där. \
En uppgift är klar först när den är utförd, inte när du kvitterar.

Skickat automatiskt av Hemgång.";
    assert_eq!(text, expected);
}

#[test]
fn a_digest_that_may_have_come_says_so_in_subject_and_text() {
    let all = news(&[]);
    let MailText { subject, text, .. } = digest_of(&all, Language::En, true);
    assert_eq!(subject, "Again: News in 3 cases");
    assert!(text.starts_with("You may already have had this message.\n\nCase K7M2-9QXD, 1 of 3\n"));
    let of_one_case: Vec<Telling> = all.into_iter().filter(|one| one.case == case()).collect();
    let MailText { subject, text, .. } = digest_of(&of_one_case, Language::Sv, true);
    assert_eq!(subject, "Igen: K7M2-9QXD, nytt i ärendet");
    assert!(text.contains("\n\nÄrende K7M2-9QXD\n\n"), "{text}");
}

#[test]
fn no_word_about_the_patient_is_in_a_digest() {
    let all: Vec<Telling> = every_alert();
    for language in LANGUAGES {
        let mail = digest_of(&all, language, true);
        let said = format!("{}\n{}", mail.subject, mail.text).to_lowercase();
        for word in ["patient", "person", "diagnos", "adress", "address", "född", "born"] {
            assert!(!said.contains(word), "{word} in {said}");
        }
    }
}
