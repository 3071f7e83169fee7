//! What news say: in a few words and in a sentence, in Swedish and in English.

use contracts::ledger::NewsKind;

/// For subjects and SMS.
pub(super) const fn headline(kind: NewsKind) -> (&'static str, &'static str) {
    match kind {
        NewsKind::NoticeCame => ("nytt ärende", "new case"),
        NewsKind::ReadyGiven => ("utskrivningsklar", "ready for discharge"),
        NewsKind::ReadyRevoked => ("inte längre utskrivningsklar", "no longer ready for discharge"),
        NewsKind::EstimateChanged => ("ny beräknad utskrivning", "new estimated discharge"),
        NewsKind::EstimateDrifts => ("utskrivningen flyttas", "the discharge is moved"),
        NewsKind::CouldNotBeRouted => ("mottagare saknas", "no unit to receive it"),
        NewsKind::FrequentPatient => ("behov att bedöma", "need to be judged"),
        NewsKind::NoLongerConcerned => ("berör er inte längre", "no longer yours"),
        NewsKind::DischargeNotice => ("utskrivningsmeddelande", "discharge notice"),
        NewsKind::Discharged => ("utskriven", "discharged"),
        NewsKind::DischargeRevoked => ("inte utskriven", "not discharged"),
        NewsKind::MessageCame => ("nytt meddelande", "new message"),
        NewsKind::TrackProposed => ("spår föreslaget, svara", "track proposed, answer"),
        NewsKind::TrackApproved => ("spårbyte godkänt", "change of track approved"),
        NewsKind::TrackRefused => ("spårbyte avslaget", "change of track refused"),
        NewsKind::TrackChanged => ("ändrat spår", "changed track"),
        NewsKind::PlanToConfirm => ("SIP att bekräfta", "SIP to confirm"),
        NewsKind::Unknown => ("nytt i ärendet", "news in the case"),
    }
}

/// For mail and page.
pub(super) fn explanation(kind: NewsKind, no_duties: bool) -> (&'static str, &'static str) {
    let with_duties = if no_duties { None } else { with_duties(kind) };
    with_duties.or_else(|| between(kind)).unwrap_or_else(|| alone(kind))
}

/// Where duties follow.
const fn with_duties(kind: NewsKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        NewsKind::NoticeCame => (
            "Ett inskrivningsmeddelande har kommit. Det här ska enheten göra:",
            "An admission notice has come. This is what the unit is to do:",
        ),
        NewsKind::ReadyGiven => (
            "Meddelande om utskrivningsklar har kommit. Det här ska enheten göra:",
            "A notice of readiness for discharge has come. This is what the unit is to do:",
        ),
        NewsKind::Discharged => (
            "Utskrivning från sjukhuset har skett. Det här ska enheten göra:",
            "The discharge from hospital has happened. This is what the unit is to do:",
        ),
        _ => return None,
    })
}

/// What the parties say to each other.
const fn between(kind: NewsKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        NewsKind::MessageCame => (
            "Ett meddelande väntar på att enheten läser det. Läs det i ert vårdsystem.",
            "A message waits for the unit to read it. Read it in your care system.",
        ),
        NewsKind::TrackProposed => (
            "Ett annat spår är föreslaget. Enheten ska godkänna eller avslå det. Skälen finns i ert vårdsystem.",
            "Another track is proposed. The unit is to approve or refuse it. The reasons are in your care system.",
        ),
        NewsKind::TrackApproved => (
            "Förslaget om ett annat spår är godkänt. Avdelningen ska byta spår.",
            "The proposal of another track is approved. The ward is to change the track.",
        ),
        NewsKind::TrackRefused => (
            "Förslaget om ett annat spår är avslaget. Skälen finns i ert vårdsystem.",
            "The proposal of another track is refused. The reasons are in your care system.",
        ),
        NewsKind::TrackChanged => (
            "Spåret är ändrat. Se i ert vårdsystem vilket som gäller.",
            "The track is changed. See in your care system which one holds.",
        ),
        NewsKind::PlanToConfirm => (
            "En version av den samordnade individuella planen (SIP) väntar på att enheten bekräftar den.",
            "A version of the coordinated individual plan (SIP) waits for the unit to confirm it.",
        ),
        _ => return None,
    })
}

const fn alone(kind: NewsKind) -> (&'static str, &'static str) {
    match kind {
        NewsKind::NoticeCame => (
            "Ett inskrivningsmeddelande har kommit. Enheten ska läsa det.",
            "An admission notice has come. The unit is to read it.",
        ),
        NewsKind::ReadyGiven => (
            "Meddelande om utskrivningsklar har kommit.",
            "A notice of readiness for discharge has come.",
        ),
        NewsKind::ReadyRevoked => (
            "Meddelandet om utskrivningsklar är återkallat. Tider som räknades från det gäller inte längre.",
            "The notice of readiness for discharge is withdrawn. Times that ran from it no longer apply.",
        ),
        NewsKind::EstimateChanged => (
            "Den beräknade tidpunkten för utskrivning är ändrad, eller hur säker den är.",
            "The estimated time of discharge has changed, or how sure it is.",
        ),
        NewsKind::EstimateDrifts => (
            "Den beräknade utskrivningen skjuts upp gång på gång, eller flyttas i sista stund. Se över när insatserna hemma ska börja.",
            "The estimated discharge is put off again and again, or moved at the last moment. Look over when support at home is to start.",
        ),
        NewsKind::CouldNotBeRouted => (
            "Det finns ingen enhet som tar emot inskrivningsmeddelandet. Någon behöver välja en.",
            "There is no unit to receive the admission notice. Somebody has to choose one.",
        ),
        NewsKind::FrequentPatient => (
            "Det här är ett av flera vårdtillfällen på kort tid. Bedöm behovet av samordning, och fråga om samtycke.",
            "This is one of several stays in a short time. Judge the need of coordination, and ask for consent.",
        ),
        NewsKind::NoLongerConcerned => (
            "Enheten berörs inte längre av ärendet.",
            "The unit is no longer concerned by the case.",
        ),
        NewsKind::DischargeNotice => (
            "Ett utskrivningsmeddelande har kommit. Där står vart och vilken dag utskrivningen sker.",
            "A notice of discharge has come. It says where to and on which day the discharge is.",
        ),
        NewsKind::Discharged => {
            ("Utskrivning från sjukhuset har skett.", "The discharge from hospital has happened.")
        }
        NewsKind::DischargeRevoked => (
            "Utskrivningen är återtagen, och vårdtillfället fortsätter. Tider som räknades från den gäller inte längre.",
            "The discharge is taken back, and the stay goes on. Times that ran from it no longer apply.",
        ),
        _ => (
            "Det finns nytt i ärendet. Se ditt vårdsystem.",
            "There is news in the case. See your care system.",
        ),
    }
}
