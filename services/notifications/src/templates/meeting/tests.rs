use contracts::EntryId;
use contracts::sip::MeetingForm;
use uuid::Uuid;

use super::*;
use crate::domain::sms_text::Encoding;

const LANGUAGES: [Language; 2] = [Language::Sv, Language::En];

fn invitation() -> Invitation {
    let at = |text: &str| text.parse().unwrap();
    Invitation {
        case: Some("K7M2-9QXD".parse().unwrap()),
        method: Method::Request,
        uid: EntryId(Uuid::nil()),
        sequence: 0,
        since: at("2027-03-23T08:00:00Z"),
        starts_at: at("2027-03-25T13:00:00Z"),
        ends_at: at("2027-03-25T14:30:00Z"),
        form: Some(MeetingForm::Video),
        changes: false,
    }
}

/// Every kind of invitation, in every form.
fn every_invitation() -> Vec<Invitation> {
    use MeetingForm::{Home, Reception, Telephone, Unknown, Video, Ward};
    let forms =
        [None].into_iter().chain([Ward, Reception, Home, Video, Telephone, Unknown].map(Some));
    let kinds = [(Method::Request, false), (Method::Request, true), (Method::Cancel, true)];
    forms
        .flat_map(|form| {
            kinds.map(|(method, changes)| Invitation { method, form, changes, ..invitation() })
        })
        .collect()
}

#[test]
fn an_invitation_reads_well() {
    let MailText { subject, text, .. } =
        invitation_mail(&invitation(), Language::Sv, false).unwrap();
    assert_eq!(subject, "K7M2-9QXD, SIP-möte: tor 25 mars kl. 14.00–15.30, videomöte");
    let expected = "Ärende K7M2-9QXD\n\n\
        Enheten är kallad till ett SIP-möte:\n\n\
        * tor 25 mars kl. 14.00–15.30, videomöte\n\n\
        Kalendern kan ta in mötet. Att svara på kallelsen behövs inte. Plats och deltagare finns i \
        ert vårdsystem.\n\n\
        Skickat automatiskt av Hemgång.";
    assert_eq!(text, expected);
}

#[test]
fn a_repeated_cancellation_without_a_reference_reads_well() {
    let bare = Invitation { case: None, method: Method::Cancel, form: None, ..invitation() };
    let MailText { subject, text, .. } = invitation_mail(&bare, Language::En, true).unwrap();
    assert_eq!(subject, "Again: SIP meeting off: Thu 25 Mar 14:00–15:30");
    let expected = "The unit is no longer called to this SIP meeting:\n\n\
        * Thu 25 Mar 14:00–15:30\n\n\
        You may already have had this message.\n\n\
        Your calendar can strike out the meeting by itself.\n\n\
        Sent automatically by Hemgång.";
    assert_eq!(text, expected);
}

#[test]
fn an_end_on_another_day_says_which() {
    let ends_at = "2027-03-26T08:00:00Z".parse().unwrap();
    let late = Invitation { ends_at, ..invitation() };
    let subject = invitation_mail(&late, Language::En, false).unwrap().subject;
    assert!(subject.contains("Thu 25 Mar 14:00–Fri 26 Mar 09:00"), "{subject}");
}

#[test]
fn every_sms_is_one_part_of_gsm_7() {
    for (invitation, language) in
        every_invitation().iter().flat_map(|one| LANGUAGES.map(|language| (one, language)))
    {
        let text = invitation_sms(invitation, language, true).unwrap();
        assert_eq!((text.encoding(), text.parts()), (Encoding::Gsm7, 1), "{}", text.as_str());
    }
}

#[test]
fn no_two_kinds_and_no_two_languages_read_alike() {
    let (mut subjects, mut texts) = (Vec::new(), Vec::new());
    for invitation in every_invitation() {
        for language in LANGUAGES {
            let mail = invitation_mail(&invitation, language, false).unwrap();
            subjects.push(mail.subject);
            texts.push(mail.text);
        }
    }
    for mut said in [subjects, texts] {
        let all = said.len();
        said.sort();
        said.dedup();
        assert_eq!(said.len(), all);
    }
}

#[test]
fn no_word_about_the_patient_is_in_an_invitation() {
    for invitation in every_invitation() {
        for language in LANGUAGES {
            let mail = invitation_mail(&invitation, language, true).unwrap();
            let said = format!("{}\n{}", mail.subject, mail.text).to_lowercase();
            for word in ["patient", "person", "diagnos", "adress", "address", "född", "born"] {
                assert!(!said.contains(word), "{word} in {said}");
            }
        }
    }
}
