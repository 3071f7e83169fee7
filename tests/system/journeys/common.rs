//! What the parties do in every journey.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::assignment::{AnnexKind, Confirmed, EntryKind};
use contracts::case::{CheckKind, Destination, Outcome};
use contracts::commands::{
    AddAnnex, AppointCareContact, AppointLeadOfficer, CloseCase, Confirm, DischargePatient,
    GiveReady, MessageContent, ReadNotice, RecordCheck, RecordFollowUp, ReportSupport,
    SendDischargeNotice, SendMessage, SetTrack, WriteEntry,
};
use contracts::ledger::{ObligationState, ShownLine};
use contracts::{CaseId, EntryId, Ledger};
use test_support::{SOON, eventually};

use crate::support::System;
use crate::support::hl7::{Adt, TOVA};
use crate::support::units::{CARE_CENTRE, HOME_HEALTH, SOCIAL, STAFF, WARD};

/// What people write, wherever they write.
pub(super) const TEXT: &str = "Bor med sin dotter.";
/// Who has a case outside the hospital.
pub(super) const OUTSIDE: [&str; 3] = [CARE_CENTRE, HOME_HEALTH, SOCIAL];
pub(super) const ALL: [&str; 4] = [WARD, CARE_CENTRE, HOME_HEALTH, SOCIAL];

/// Tuesday 2 February 2027, 09.00: Tova has come in at half past eight.
pub(super) const ADMISSION: Adt<'static> = Adt {
    at: "202702020900",
    admitted_at: "202702020830",
    estimate: "20270212",
    need: "KHS~SOC",
    ..Adt::of(TOVA)
};

/// Tova comes in, and her need of the municipality's care is known to everybody.
pub(super) async fn admitted(region: &'static str, admission: &Adt<'_>) -> (System, CaseId) {
    let system = System::start_in(region, "2027-02-02 09:00").await;
    system.send(admission).await;
    let case = system.case_admitted("2027-02-02 08:30").await.case_id;
    system.duty_is(case, "K07", ObligationState::Open).await;
    (system, case)
}

/// A case, and what is done in it.
#[derive(Clone, Copy)]
pub(super) struct Stay<'s> {
    pub(super) system: &'s System,
    pub(super) case: CaseId,
}

impl Stay<'_> {
    pub(super) async fn ledger(self) -> Result<Ledger, String> {
        self.system.ledger(self.case).await.map_err(|error| error.to_string())
    }

    /// The line of the rulebook that is shown, if it is.
    pub(super) async fn shows(self, rule: &str) -> Result<Option<ShownLine>, String> {
        let shown = self.ledger().await?.shown;
        Ok(shown.into_iter().flat_map(|book| book.lines).find(|line| line.rule == rule))
    }

    pub(super) async fn check(self, what: CheckKind, outcome: Outcome) {
        let check = RecordCheck { case: self.case, what, outcome, occurred_at: None };
        self.system.act(&check, WARD).await;
    }

    pub(super) async fn confirm(self, unit: &str, what: Confirmed) {
        let outcome = Outcome::Done;
        let confirm = Confirm { case: self.case, what, outcome, occurred_at: None };
        self.system.act(&confirm, unit).await;
    }

    pub(super) async fn write(self, unit: &str, kind: EntryKind) {
        let entry = WriteEntry { case: self.case, kind, text: TEXT.into(), corrects: None };
        self.system.act(&entry, unit).await;
    }

    pub(super) async fn send_message(self, unit: &str) {
        let content = MessageContent::General { text: TEXT.into() };
        let (to, answers, corrects) = ([].into(), None, None);
        let message = SendMessage { case: self.case, to, answers, corrects, content };
        self.system.act(&message, unit).await;
    }

    pub(super) async fn add_annex(self, unit: &str, kind: AnnexKind) {
        let content = STANDARD.encode(TEXT);
        let (name, media_type) = ("handlingsplan.txt".to_owned(), "text/plain".to_owned());
        let annex = AddAnnex { case: self.case, kind, name, media_type, content };
        self.system.act(&annex, unit).await;
    }

    pub(super) async fn set_track(self, track: &str, change: Option<EntryId>) {
        let track = track.parse().unwrap();
        let set = SetTrack { case: self.case, track, change };
        eventually("what was agreed is heard", SOON, async || {
            self.system.try_act(&set, WARD).await
        })
        .await;
    }

    /// Everybody reads, appoints, reports and plans.
    pub(super) async fn is_planned(self) {
        let Self { system, case } = self;
        let staff = STAFF.parse().unwrap();
        let contact = AppointCareContact { case, staff, replaces: None, occurred_at: None };
        system.act(&contact, CARE_CENTRE).await;
        let staff = STAFF.parse().unwrap();
        let officer = AppointLeadOfficer { case, staff, replaces: None, occurred_at: None };
        system.act(&officer, SOCIAL).await;
        for unit in OUTSIDE {
            system.act(&ReadNotice { case }, unit).await;
            system.act(&ReportSupport { case, text: TEXT.into() }, unit).await;
            self.write(unit, EntryKind::PlannedSupport).await;
        }
        for unit in ALL {
            self.write(unit, EntryKind::HomecomingPlan).await;
            self.write(unit, EntryKind::Responsibilities).await;
            self.send_message(unit).await;
        }
        self.write(WARD, EntryKind::StatusAndNeed).await;
        self.write(CARE_CENTRE, EntryKind::TakeoverPlan).await;
        for unit in [HOME_HEALTH, SOCIAL] {
            self.write(unit, EntryKind::ReceptionPlan).await;
        }
    }

    pub(super) async fn is_ready(self) {
        self.system.act(&GiveReady { case: self.case, occurred_at: None }, WARD).await;
    }

    /// Everybody sees to it that the patient can go home.
    pub(super) async fn is_home_ready(self, discharged_on: &str) {
        let Self { system, case } = self;
        for what in CheckKind::HOME_READY {
            self.check(what, Outcome::Done).await;
        }
        for what in [CheckKind::SelfCareAssessed, CheckKind::ReferralWritten] {
            self.check(what, Outcome::NotNeeded).await;
        }
        for what in
            [CheckKind::MedicationListSent, CheckKind::HandedOver, CheckKind::AidsHandedOver]
        {
            self.check(what, Outcome::Done).await;
        }
        for unit in ALL {
            self.confirm(unit, Confirmed::HomeReady).await;
            self.confirm(unit, Confirmed::ReceptionAtHome).await;
        }
        for unit in [HOME_HEALTH, SOCIAL] {
            self.write(unit, EntryKind::PossibleSupport).await;
            self.confirm(unit, Confirmed::StartSecured).await;
        }
        let (destination, discharged_on) = (Destination::Home, discharged_on.parse().unwrap());
        system.act(&SendDischargeNotice { case, destination, discharged_on }, WARD).await;
    }

    /// She goes home, and support starts.
    pub(super) async fn goes_home(self) {
        let Self { system, case } = self;
        system.act(&DischargePatient { case, occurred_at: None }, WARD).await;
        self.confirm(CARE_CENTRE, Confirmed::MedicalResponsibility).await;
        for unit in [HOME_HEALTH, SOCIAL] {
            self.confirm(unit, Confirmed::CareStarted).await;
        }
    }

    /// Everybody follows up.
    pub(super) async fn is_followed_up(self) {
        let Self { system, case } = self;
        for unit in OUTSIDE {
            let outcome = Outcome::Done;
            eventually("the discharge is known", SOON, async || {
                system.try_act(&RecordFollowUp { case, outcome, occurred_at: None }, unit).await
            })
            .await;
        }
    }

    pub(super) async fn is_closed(self) {
        self.system.act(&CloseCase { case: self.case }, CARE_CENTRE).await;
    }
}
