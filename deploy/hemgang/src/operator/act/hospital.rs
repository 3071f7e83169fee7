//! Deeds that `admissions` owns: the ward's, and the reading of the notice.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use contracts::case::{Certainty, ConsentAnswer, ConsentScope};
use contracts::commands::{
    DischargePatient, GiveReady, JudgeNeed, Notice, ReadNotice, RecordConsent, RecordDeath,
    RevokeDeath, RevokeReady, SetEstimate, WithdrawNeed,
};
use contracts::{CaseId, Party};

use super::super::failure::Failure;
use super::super::report::Report;
use super::super::{when, words};
use super::{Desk, Happened};

#[derive(clap::Subcommand)]
pub(super) enum Deed {
    /// Judge that the patient will need help after discharge.
    JudgeNeed {
        /// Whose services are needed; repeat it for more than one.
        #[arg(long = "party", value_name = "PARTY", value_parser = words::one_of(words::PARTIES))]
        #[arg(required_unless_present = "frequent")]
        parties: Vec<Party>,
        /// Several visits or admissions in three months.
        #[arg(long)]
        frequent: bool,
        /// When the need was noticed; at admission when absent.
        #[arg(long, value_name = "TIME", value_parser = when::parse)]
        noticed_at: Option<DateTime<Utc>>,
    },
    /// Take the judgement of need back.
    WithdrawNeed,
    /// Record what the patient said to the sharing of information.
    Consent {
        /// The answer.
        #[arg(value_parser = words::one_of(words::ANSWERS))]
        answer: ConsentAnswer,
        /// To what; to everything when absent. Repeat it for more than one.
        #[arg(long = "to", value_name = "SCOPE", value_parser = words::one_of(words::SCOPES))]
        scopes: Vec<ConsentScope>,
        /// Which party may know, or may not; all that are concerned when absent. Repeat it for more
        /// than one. A yes replaces what was said before; a no for one leaves the others' as it is.
        #[arg(long = "for", value_name = "PARTY", value_parser = words::one_of(words::PARTIES))]
        parties: Vec<Party>,
        /// From then on it holds no longer.
        #[arg(long = "until", value_name = "TIME", value_parser = when::parse)]
        expires_at: Option<DateTime<Utc>>,
        #[command(flatten)]
        happened: Happened,
    },
    /// Set or change the estimated discharge.
    Estimate {
        /// The estimated moment, as `2026-11-24 14:00` in Swedish time.
        #[arg(value_name = "TIME", value_parser = when::parse)]
        at: DateTime<Utc>,
        /// It may move.
        #[arg(long)]
        uncertain: bool,
    },
    /// Read the admission notice, as the unit may see it. Shows the patient, here and nowhere else,
    /// and is written to the access log.
    ReadNotice,
    /// The patient is ready for discharge.
    Ready(Happened),
    /// The patient is not ready for discharge any more.
    RevokeReady(Happened),
    /// The stay has ended.
    Discharge(Happened),
    /// The patient has died.
    Death(Happened),
    /// The patient has not died after all.
    RevokeDeath(Happened),
}

impl Deed {
    pub(super) async fn do_it(self, case: CaseId, desk: &Desk) -> Result<Report, Failure> {
        match self {
            Self::JudgeNeed { parties, frequent: frequent_patient, noticed_at } => {
                let parties = parties.into_iter().collect();
                desk.tell(JudgeNeed { case, parties, frequent_patient, noticed_at }).await
            }
            Self::WithdrawNeed => desk.tell(WithdrawNeed { case }).await,
            Self::Consent { answer, scopes, parties, expires_at, happened } => {
                let (scopes, parties) =
                    (scopes.into_iter().collect(), parties.into_iter().collect());
                let occurred_at = happened.at;
                let said = RecordConsent { case, answer, scopes, parties, expires_at, occurred_at };
                desk.tell(said).await
            }
            Self::Estimate { at, uncertain } => {
                let certainty = uncertain.then_some(Certainty::Uncertain);
                desk.tell(SetEstimate { case, at, certainty }).await
            }
            Self::ReadNotice => {
                let notice = desk.system.tell(&ReadNotice { case }, &desk.signature).await?;
                Report::new(&notice, notice_text(&notice))
            }
            Self::Ready(Happened { at: occurred_at }) => {
                desk.tell(GiveReady { case, occurred_at }).await
            }
            Self::RevokeReady(Happened { at: occurred_at }) => {
                desk.tell(RevokeReady { case, occurred_at }).await
            }
            Self::Discharge(Happened { at: occurred_at }) => {
                desk.tell(DischargePatient { case, occurred_at }).await
            }
            Self::Death(Happened { at: occurred_at }) => {
                desk.tell(RecordDeath { case, occurred_at }).await
            }
            Self::RevokeDeath(Happened { at: occurred_at }) => {
                desk.tell(RevokeDeath { case, occurred_at }).await
            }
        }
    }
}

fn notice_text(notice: &Notice) -> String {
    let missing = "saknas / missing";
    let identity = notice.identity.as_ref().map_or(missing, |identity| identity.expose());
    let mut text = format!(
        "Inskrivningsmeddelande / Admission notice {}\n\
         namn / name                             {}\n\
         personnummer / identity number          {identity}\n\
         adress / address                        {}\n\
         beräknad utskrivning / est. discharge   {}",
        notice.case_ref,
        notice.name.as_deref().unwrap_or(missing),
        notice.address.as_deref().unwrap_or(missing),
        notice.estimated_discharge.map_or_else(|| missing.to_owned(), when::show),
    );
    match &notice.with_consent {
        None => text.push_str("\n(mer visas först med samtycke / more is shown with consent only)"),
        Some(more) => {
            let admitted = more.admitted_at.map_or_else(|| missing.to_owned(), when::show);
            let _ = write!(text, "\ninskriven / admitted                    {admitted}");
            for diagnosis in &more.diagnoses {
                // Writing to a string cannot fail.
                let _ = write!(text, "\ndiagnos / diagnosis                     {diagnosis}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use contracts::commands::NoticeWithConsent;
    use contracts::identity::{IdentityKind, PersonalIdentity};

    use super::*;

    #[test]
    fn the_notice_shows_what_is_there_and_says_what_is_missing() {
        let identity = PersonalIdentity::new(IdentityKind::Personal, "191212121212").unwrap();
        let notice = Notice {
            case_ref: "K7M2-9QXD".parse().unwrap(),
            name: Some("Tolvan Tolvansson".to_owned()),
            identity: Some(identity),
            address: None,
            estimated_discharge: None,
            with_consent: None,
        };
        let text = notice_text(&notice);
        for part in ["K7M2-9QXD", "Tolvan Tolvansson", "191212121212"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(text.matches("saknas / missing").count(), 2);
        assert!(text.contains("samtycke") && !text.contains("inskriven"));
        let more = NoticeWithConsent {
            admitted_at: Some("2026-11-24T13:00:00Z".parse().unwrap()),
            diagnoses: vec!["I50.0 Hjärtsvikt".to_owned()],
        };
        let text = notice_text(&Notice { with_consent: Some(more), ..notice });
        assert!(text.contains("2026-11-24 14:00") && text.contains("I50.0"), "{text}");
    }
}
