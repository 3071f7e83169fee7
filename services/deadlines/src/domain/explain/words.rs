//! Codes and times in both languages.

use chrono::{DateTime, Utc};
use contracts::ledger::{Ending, Words};

use crate::domain::calendar::{english_time, swedish_time};
use crate::domain::derive::reason;

pub(super) fn both(sv: impl Into<String>, en: impl Into<String>) -> Words {
    Words { sv: sv.into(), en: en.into() }
}

/// `Mottaget fredag 5 juni kl. 14.10.`
pub(super) fn told_at(sv: &str, en: &str, at: DateTime<Utc>) -> Words {
    both(format!("{sv} {}.", swedish_time(at)), format!("{en} {}.", english_time(at)))
}

/// `Gäller inte längre: utskrivningsklar återkallad fredag 5 juni kl. 14.10.`
pub(super) fn ending(sv: &str, en: &str, ended: &Ending) -> Words {
    let why = why(&ended.reason);
    told_at(&format!("{sv}: {}", why.sv), &format!("{en}: {}", why.en), ended.at)
}

fn why(code: &str) -> Words {
    match code {
        reason::NEED_WITHDRAWN => both(
            "behovsbedömningen återtagen eller ersatt",
            "the judgement of need withdrawn or replaced on",
        ),
        reason::CONSENT_WITHDRAWN => both("samtycket återtaget", "consent withdrawn on"),
        reason::NO_LONGER_CONCERNED => {
            both("inte längre båda huvudmännen berörda", "both principals no longer concerned on")
        }
        reason::ROUTE_ENDED => {
            both("enheten inte längre berörd", "the unit no longer concerned on")
        }
        reason::CONSENT_EXPIRED => both("samtyckets tid ute", "consent expired on"),
        reason::DISCHARGE_REVOKED => {
            both("utskrivningen återkallad", "the discharge taken back on")
        }
        reason::TRACK_CHANGED => both("ett annat spår satt", "another track set on"),
        reason::FORM_CHANGED => both(
            "nytt planeringsunderlag, som säger annat",
            "another planning form says otherwise,",
        ),
        reason::PROPOSAL_WITHDRAWN => both("förslaget återtaget", "the proposal withdrawn on"),
        reason::PROPOSAL_REFUSED => both("förslaget avslaget", "the proposal refused on"),
        reason::SIP_NEED_REVOKED => {
            both("behovet av SIP återtaget", "the need of a SIP withdrawn on")
        }
        reason::SIP_CANCELLED => both("kallelsen återtagen", "the call cancelled on"),
        reason::PLAN_REPLACED => both("planen ersatt av en ny", "the plan replaced on"),
        reason::READY_REVOKED => {
            both("utskrivningsklar återkallad", "ready for discharge revoked on")
        }
        reason::SIP_DECLINED => both("patienten avböjde SIP", "the patient declined a SIP on"),
        reason::COMPULSORY_CARE => both(
            "Vårdplan vid tvångsvård i stället för SIP",
            "the plan of compulsory care instead, on",
        ),
        reason::SIP_NOT_NEEDED => both("SIP bedömd onödig", "a SIP judged not needed on"),
        reason::SIP_ENDED => both("ingen SIP", "no SIP on"),
        reason::ADMISSION_CANCELLED => {
            both("inskrivningen makulerad", "the admission cancelled on")
        }
        reason::DEATH => both("patienten avliden, registrerat", "the patient's death recorded on"),
        reason::DISCHARGED => both("patienten utskriven, registrerat", "the discharge recorded on"),
        reason::CLOSED => both("ärendet stängt", "the case closed on"),
        reason::NO_LONGER_DERIVED => both(
            "följer inte längre av uppgifterna, senaste steget",
            "no longer follows from the facts, last step on",
        ),
        other => both(other, other),
    }
}

/// `Det saknas: personuppgifter, mottagande enhet.`
pub(super) fn missing(codes: &[String]) -> Option<Words> {
    if codes.is_empty() {
        return None;
    }
    let names: Vec<Words> = codes
        .iter()
        .map(|code| match code.as_str() {
            "identity" => {
                both("namn, personnummer eller adress", "name, identity number or address")
            }
            "estimate" => both("beräknad utskrivning", "estimated discharge"),
            "route" => both("mottagande enhet", "a receiving unit"),
            "informed_what_matters" => both(
                "skriftlig information: vad är viktigt för mig",
                "written information: what matters to me",
            ),
            "informed_what_happened" => both(
                "skriftlig information: vad har hänt",
                "written information: what has happened",
            ),
            "informed_what_next" => both(
                "skriftlig information: vad händer härnäst",
                "written information: what happens next",
            ),
            "informed_whom_to_ask" => both(
                "skriftlig information: vart vänder jag mig",
                "written information: whom do I ask",
            ),
            "medicine_and_rehabilitation" => both(
                "obruten läkemedels- och rehabkedja, med hjälpmedel",
                "unbroken chain of medicines and rehabilitation, aids included",
            ),
            "self_care_assessed" => both("egenvårdsbedömning", "self-care assessment"),
            "referral_written" => both("remiss", "referral"),
            "medication_list_sent" => both("läkemedelslista", "medication list"),
            "handed_over" => both("överrapportering", "reports"),
            "aids_handed_over" => both("hjälpmedel", "aids"),
            "training_need_decided" => {
                both("ställningstagande till utbildning", "a position on training")
            }
            "staff_trained" => both("utbildning av personal", "training of staff"),
            "intervention_defined" => both("definierad insats", "a defined intervention"),
            other => both(other, other),
        })
        .collect();
    let list = |of: fn(&Words) -> &str| names.iter().map(of).collect::<Vec<_>>().join(", ");
    Some(both(
        format!("Det saknas: {}.", list(|name| &name.sv)),
        format!("Missing: {}.", list(|name| &name.en)),
    ))
}
