//! Words for the codes of the way home.

use contracts::Track;
use contracts::assignment::{AnnexKind, Confirmed, EntryKind, HindranceKind, MessageForm};
use contracts::case::{CheckKind, Destination, Outcome};
use contracts::sip::MeetingPoint;

use super::UNKNOWN;

/// The tracks of the guidelines by their names; another one by its code.
pub(crate) fn track(track: &Track) -> String {
    match track.as_str() {
        "green" => "grön/green".to_owned(),
        "yellow" => "gul/yellow".to_owned(),
        "red" => "röd/red".to_owned(),
        other => other.to_owned(),
    }
}

pub(crate) fn check(what: CheckKind) -> &'static str {
    match what {
        CheckKind::InformedWhatMatters => "information: vad är viktigt/what matters",
        CheckKind::InformedWhatHappened => "information: vad har hänt/what happened",
        CheckKind::InformedWhatNext => "information: vad händer nu/what next",
        CheckKind::InformedWhomToAsk => "information: vem frågar jag/whom to ask",
        CheckKind::MedicineAndRehabilitation => {
            "läkemedels- och rehabkedja/medicines, rehabilitation"
        }
        CheckKind::SelfCareAssessed => "egenvård bedömd/self-care assessed",
        CheckKind::ReferralWritten => "remiss skriven/referral written",
        CheckKind::MedicationListSent => "läkemedelslista skickad/medication list sent",
        CheckKind::HandedOver => "överrapporterat/handed over",
        CheckKind::AidsHandedOver => "hjälpmedel överlämnade/aids handed over",
        CheckKind::TrainingNeedDecided => "behov av utbildning bedömt/training need decided",
        CheckKind::StaffTrained => "personal utbildad/staff trained",
        CheckKind::InterventionDefined => "insatsen definierad/intervention defined",
        CheckKind::Unknown => UNKNOWN,
    }
}

/// Whether something was done, where that is not said already.
pub(crate) fn unless_done(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "",
        Outcome::NotNeeded => " (behövs inte/not needed)",
        Outcome::Unknown => " (okänt/unknown)",
    }
}

pub(crate) fn destination(destination: Destination) -> &'static str {
    match destination {
        Destination::Home => "hem/home",
        Destination::SpecialHousing => "särskilt boende/special housing",
        Destination::ShortTermPlace => "korttidsplats/short-term place",
        Destination::OtherHospital => "annat sjukhus/other hospital",
        Destination::Elsewhere => "annan plats/elsewhere",
        Destination::Unknown => UNKNOWN,
    }
}

pub(crate) fn entry(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::StatusAndNeed => "status och behov/status and need",
        EntryKind::HomecomingPlan => "plan för hemgång/plan of the way home",
        EntryKind::PlannedSupport => "planerade insatser/planned support",
        EntryKind::TakeoverPlan => "övertagande av medicinskt ansvar/takeover",
        EntryKind::ReceptionPlan => "mottagande i hemmet/reception at home",
        EntryKind::PossibleSupport => "eventuella insatser/possible support",
        EntryKind::Mapping => "kartläggning/mapping",
        EntryKind::HomeCareJudgement => "bedömning av hemsjukvård/home care judgement",
        EntryKind::Responsibilities => "vem ansvarar för vad/responsibilities",
        EntryKind::Unknown => UNKNOWN,
    }
}

pub(crate) fn confirmed(what: Confirmed) -> &'static str {
    match what {
        Confirmed::HomeReady => "hemgångsklar/home-ready",
        Confirmed::ReceptionAtHome => "mottagandet samordnat/reception coordinated",
        Confirmed::StartSecured => "start säkrad/start secured",
        Confirmed::CareStarted => "insatser påbörjade/care started",
        Confirmed::MedicalResponsibility => "medicinskt ansvar övertaget/medical responsibility",
        Confirmed::HandoverReceived => "överrapportering mottagen/handover received",
        Confirmed::Unknown => UNKNOWN,
    }
}

pub(crate) fn form(form: MessageForm) -> &'static str {
    match form {
        MessageForm::General => "fritt/general",
        MessageForm::Sbar => "SBAR",
        MessageForm::Unknown => UNKNOWN,
    }
}

pub(crate) fn annex(kind: AnnexKind) -> &'static str {
    match kind {
        AnnexKind::RiskPlan => "riskplan/risk plan",
        AnnexKind::EmergencyPlan => "krisplan/emergency plan",
        AnnexKind::CareProgramme => "vårdprogram/care programme",
        AnnexKind::Other => "annan/other",
        AnnexKind::Unknown => UNKNOWN,
    }
}

pub(crate) fn hindrance(kind: HindranceKind) -> &'static str {
    match kind {
        HindranceKind::Unavailable => "insatser inte tillgängliga/services unavailable",
        HindranceKind::Unclear => "oklart vilka insatser/unclear which services",
        HindranceKind::Unknown => UNKNOWN,
    }
}

/// What is settled before a meeting and gone through at it, as Örebro's guidance has it.
pub(crate) fn point(point: MeetingPoint) -> &'static str {
    match point {
        MeetingPoint::Treatment => "behandling/treatment",
        MeetingPoint::MedicalSafety => "medicinsk säkerhet/medical safety",
        MeetingPoint::RiskAssessment => "riskbedömning/risk assessment",
        MeetingPoint::ResponsibleDoctor => "ansvarig läkare/responsible doctor",
        MeetingPoint::Monitoring => "övervakning/monitoring",
        MeetingPoint::TimeNeeded => "tidsåtgång/time needed",
        MeetingPoint::CompetenceNeeded => "kompetens/competence needed",
        MeetingPoint::RisksAccepted => "risker accepterade/risks accepted",
        MeetingPoint::AdvancedCare => "avancerad vård hemma/advanced care at home",
        MeetingPoint::Suitability => "lämplighet/suitability",
        MeetingPoint::SelfCare => "egenvård/self-care",
        MeetingPoint::Takeover => "övertagande/takeover",
        MeetingPoint::CareProgramme => "vårdprogram/care programme",
        MeetingPoint::StaffTraining => "utbildning av personal/staff training",
        MeetingPoint::Supplies => "förskrivet material/supplies",
        MeetingPoint::MedicalDevices => "medicinteknik/medical devices",
        MeetingPoint::DischargeDate => "utskrivningsdag/discharge date",
        MeetingPoint::Unknown => UNKNOWN,
    }
}
