//! The words that people read for the codes of the contracts, Swedish first, and the words that
//! they type for them.

pub(crate) mod way_home;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use contracts::alert::AlertState;
use contracts::assignment::{Appointed, NotNeededReason, UnroutedReason};
use contracts::case::{ConsentAnswer, ConsentScope, Readmission};
use contracts::commands::Done;
use contracts::ledger::{NewsKind, ObligationState, StepKind, StepOutcome};
use contracts::reach::Role;
use contracts::sip::SipEndKind;
use contracts::{Owner, Party};

/// The parties that a judgement or a route can name.
pub(crate) const PARTIES: &[(&str, Party)] = &[
    ("open-care", Party::OpenCare),
    ("municipal-health-care", Party::MunicipalHealthCare),
    ("social-services", Party::SocialServices),
];

/// The answers to the question about consent.
pub(crate) const ANSWERS: &[(&str, ConsentAnswer)] = &[
    ("given", ConsentAnswer::Given),
    ("refused", ConsentAnswer::Refused),
    ("withdrawn", ConsentAnswer::Withdrawn),
];

/// What a consent can be to.
pub(crate) const SCOPES: &[(&str, ConsentScope)] = &[
    ("information", ConsentScope::Information),
    ("plan", ConsentScope::Plan),
    ("relatives", ConsentScope::Relatives),
];

/// The reasons why something is not needed.
pub(crate) const REASONS: &[(&str, NotNeededReason)] = &[
    ("exists-already", NotNeededReason::ExistsAlready),
    ("no-further-need", NotNeededReason::NoFurtherNeed),
    ("patient-declined", NotNeededReason::PatientDeclined),
    ("moves-elsewhere", NotNeededReason::MovesElsewhere),
    ("other-reason", NotNeededReason::OtherReason),
];

/// The states in which alerts wait for somebody.
pub(crate) const WANTING: &[(&str, AlertState)] = &[
    ("queued", AlertState::Queued),
    ("failed", AlertState::Failed),
    ("unresolved", AlertState::Unresolved),
];

/// The states of alerts that can be tried again.
pub(crate) const TO_RETRY: &[(&str, AlertState)] =
    &[("failed", AlertState::Failed), ("unresolved", AlertState::Unresolved)];

/// Reads one of the words of a list.
pub(crate) fn one_of<T: Copy + Send + Sync>(
    words: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.iter().map(|(word, _)| *word)).try_map(move |typed| {
        let found = words.iter().find(|(word, _)| *word == typed);
        found.map(|(_, meaning)| *meaning).ok_or("not in the list")
    })
}

/// Yes or no.
pub(crate) fn yes(is: bool) -> String {
    if is { "ja/yes" } else { "nej/no" }.to_owned()
}

/// Whether a stay is a readmission.
pub(crate) fn readmission(found: Readmission) -> &'static str {
    match found {
        Readmission::No => "nej/no",
        Readmission::Planned => "ja, planerat/yes, planned",
        Readmission::Unplanned => "ja, oplanerat/yes, unplanned",
        Readmission::NotStated => "ja, inte sagt om planerat/yes, not said whether planned",
        Readmission::Unknown => "okänt/unknown",
    }
}

/// What became of a command.
pub(crate) fn done(done: &Done) -> &'static str {
    if done.changed {
        "Klart. / Done."
    } else {
        "Det var så redan; inget ändrades. / It was so already; nothing changed."
    }
}

pub(crate) fn party(party: Party) -> &'static str {
    owner(party.into())
}

pub(crate) fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Ward => "slutenvård/ward",
        Owner::OpenCare => "öppenvård/open care",
        Owner::MunicipalHealthCare => "kommunal hälso- och sjukvård/municipal health care",
        Owner::SocialServices => "socialtjänst/social services",
        Owner::Municipality => "kommunen/municipality",
        Owner::Unknown => UNKNOWN,
    }
}

/// What this release has no word for: the JSON shows the code.
const UNKNOWN: &str = "okänt/unknown";

pub(crate) fn consent(answer: ConsentAnswer) -> &'static str {
    match answer {
        ConsentAnswer::Given => "samtycke/given",
        ConsentAnswer::Refused => "nej/refused",
        ConsentAnswer::Withdrawn => "återtaget/withdrawn",
        ConsentAnswer::Unknown => UNKNOWN,
    }
}

pub(crate) fn reason(reason: NotNeededReason) -> &'static str {
    match reason {
        NotNeededReason::ExistsAlready => "finns redan/exists already",
        NotNeededReason::NoFurtherNeed => "inget ytterligare behov/no further need",
        NotNeededReason::PatientDeclined => "patienten avböjer/patient declined",
        NotNeededReason::MovesElsewhere => "flyttar/moves elsewhere",
        NotNeededReason::OtherReason => "annat skäl/other reason",
        NotNeededReason::Unknown => UNKNOWN,
    }
}

pub(crate) fn unrouted(reason: UnroutedReason) -> &'static str {
    match reason {
        UnroutedReason::Protected => "skyddade uppgifter/protected identity",
        UnroutedReason::NoCareCentre => "ingen listad vårdcentral/no listed care centre",
        UnroutedReason::UnknownCareCentre => "okänd vårdcentral/unknown care centre",
        UnroutedReason::NoMunicipality => "ingen folkbokföringskommun/no municipality",
        UnroutedReason::UnservedMunicipality => "ingen enhet för kommunen/no unit serves it",
        UnroutedReason::SeveralUnits => "flera möjliga enheter/several units",
        UnroutedReason::Unknown => UNKNOWN,
    }
}

/// Who was appointed, by HSA-id, or why nobody.
pub(crate) fn appointed(appointed: &Appointed) -> String {
    match appointed {
        Appointed::Named { staff } => staff.as_str().to_owned(),
        Appointed::NotNeeded { reason: why } => format!("behövs inte/not needed: {}", reason(*why)),
        Appointed::Unknown => UNKNOWN.to_owned(),
    }
}

pub(crate) fn plan_end(kind: SipEndKind) -> &'static str {
    match kind {
        SipEndKind::DeclinedByPatient => "patienten avböjer SIP / SIP declined by the patient",
        SipEndKind::NotNeeded => "SIP behövs inte / SIP not needed",
        SipEndKind::Unknown => UNKNOWN,
    }
}

pub(crate) fn obligation(state: ObligationState) -> &'static str {
    match state {
        ObligationState::Open => "öppen/open",
        ObligationState::Missed => "missad/missed",
        ObligationState::Met => "uppfylld/met",
        ObligationState::MetLate => "uppfylld sent/met late",
        ObligationState::Cancelled => "bortfallen/cancelled",
        ObligationState::StillMissed => "förblev missad/still missed",
        ObligationState::Unknown => UNKNOWN,
    }
}

pub(crate) fn step(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Reminder => "påminnelse/reminder",
        StepKind::ReminderAtReady => "påminnelse vid utskrivningsklar/reminder at ready",
        StepKind::ReminderAtEstimate => "påminnelse vid beräknad utskrivning/at estimate",
        StepKind::Unit => "missad, enheten/missed, unit",
        StepKind::Manager => "missad, chefen/missed, manager",
        StepKind::Principal => "missad, huvudmannen/missed, principal",
        StepKind::Unknown => UNKNOWN,
    }
}

pub(crate) fn outcome(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Told => "meddelad/told",
        StepOutcome::Overtaken => "passerad/overtaken",
        StepOutcome::NobodyReached => "ingen nåddes/nobody reached",
        StepOutcome::Unknown => UNKNOWN,
    }
}

pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Unit => "enheten/unit",
        Role::OnCall => "jour/on call",
        Role::Manager => "chefen/manager",
        Role::Principal => "huvudmannen/principal",
        Role::Unknown => UNKNOWN,
    }
}

pub(crate) fn news(kind: NewsKind) -> &'static str {
    match kind {
        NewsKind::NoticeCame => "inskrivningsmeddelande/notice came",
        NewsKind::ReadyGiven => "utskrivningsklar/ready given",
        NewsKind::ReadyRevoked => "inte längre utskrivningsklar/ready revoked",
        NewsKind::EstimateChanged => "ny beräknad utskrivning/estimate changed",
        NewsKind::EstimateDrifts => "utskrivningen flyttas/discharge moved",
        NewsKind::CouldNotBeRouted => "kunde inte fördelas/could not be routed",
        NewsKind::FrequentPatient => "kommer ofta, behov att bedöma/comes often, need to be judged",
        NewsKind::NoLongerConcerned => "inte längre berörd/no longer concerned",
        NewsKind::DischargeNotice => "utskrivningsmeddelande/discharge notice",
        NewsKind::Discharged => "utskriven/discharged",
        NewsKind::DischargeRevoked => "inte utskriven/not discharged",
        NewsKind::MessageCame => "nytt meddelande/message came",
        NewsKind::TrackProposed => "spår föreslaget/track proposed",
        NewsKind::TrackApproved => "spårbyte godkänt/track approved",
        NewsKind::TrackRefused => "spårbyte avslaget/track refused",
        NewsKind::TrackChanged => "spåret ändrat/track changed",
        NewsKind::PlanToConfirm => "plan att bekräfta/plan to confirm",
        NewsKind::Unknown => UNKNOWN,
    }
}

pub(crate) fn alert(state: AlertState) -> &'static str {
    match state {
        AlertState::Queued => "väntar/queued",
        AlertState::Sent => "skickad/sent",
        AlertState::Delivered => "framme/delivered",
        AlertState::Unresolved => "ovisst/unresolved",
        AlertState::Failed => "misslyckad/failed",
        AlertState::Withdrawn => "återkallad/withdrawn",
        AlertState::Unknown => UNKNOWN,
    }
}
