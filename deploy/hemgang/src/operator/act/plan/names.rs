//! The words that an operator types for the codes of a plan.

use contracts::Party;
use contracts::sip::{MeetingForm, MeetingPoint, NoticedBy, PlanKind, VisitType};

pub(super) const NOTICED_BY: &[(&str, NoticedBy)] = &[
    ("staff", NoticedBy::Staff),
    ("patient", NoticedBy::Patient),
    ("relative", NoticedBy::Relative),
    ("other-authority", NoticedBy::OtherAuthority),
];

pub(super) const KINDS: &[(&str, PlanKind)] =
    &[("sip", PlanKind::Sip), ("compulsory-care", PlanKind::CompulsoryPsychiatricCare)];

pub(super) const FORMS: &[(&str, MeetingForm)] = &[
    ("ward", MeetingForm::Ward),
    ("reception", MeetingForm::Reception),
    ("home", MeetingForm::Home),
    ("video", MeetingForm::Video),
    ("telephone", MeetingForm::Telephone),
];

pub(super) const PARTIES: &[(&str, Party)] = &[
    ("ward", Party::Ward),
    ("open-care", Party::OpenCare),
    ("municipal-health-care", Party::MunicipalHealthCare),
    ("social-services", Party::SocialServices),
];

pub(super) const VISITS: &[(&str, VisitType)] = &[
    ("other-place", VisitType::OtherPlace),
    ("reception", VisitType::Reception),
    ("video", VisitType::Video),
    ("telephone", VisitType::Telephone),
];

pub(super) const POINTS: &[(&str, MeetingPoint)] = &[
    ("treatment", MeetingPoint::Treatment),
    ("medical-safety", MeetingPoint::MedicalSafety),
    ("risk-assessment", MeetingPoint::RiskAssessment),
    ("responsible-doctor", MeetingPoint::ResponsibleDoctor),
    ("monitoring", MeetingPoint::Monitoring),
    ("time-needed", MeetingPoint::TimeNeeded),
    ("competence-needed", MeetingPoint::CompetenceNeeded),
    ("risks-accepted", MeetingPoint::RisksAccepted),
    ("advanced-care", MeetingPoint::AdvancedCare),
    ("suitability", MeetingPoint::Suitability),
    ("self-care", MeetingPoint::SelfCare),
    ("takeover", MeetingPoint::Takeover),
    ("care-programme", MeetingPoint::CareProgramme),
    ("staff-training", MeetingPoint::StaffTraining),
    ("supplies", MeetingPoint::Supplies),
    ("medical-devices", MeetingPoint::MedicalDevices),
    ("discharge-date", MeetingPoint::DischargeDate),
];
