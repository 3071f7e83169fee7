//! From bytes to what they mean here: who sent them, under which id, and what is to be done.

use chrono::{DateTime, Utc};
use contracts::HsaId;
use sha2::{Digest, Sha256};

use crate::domain::apply::Declined;
use crate::hl7::{self, Adt, Batch, FieldFault, Header, Location, NoBatch};
use crate::hospital_message::{CaseKey, HospitalMessage};
use crate::ids::is_key;
use crate::inbound::{Channel, Form, Inbound};
use crate::json_intake::{self, DocumentFault};
use crate::outcome::Fault;
use crate::profile::{Reading, SenderProfile, Senders, admission_from};
use crate::store::cases::Key;
use crate::times::{self, Odd, Of};

/// A message as far as it can be understood without knowing the stay.
pub(crate) struct Read<'s> {
    /// The registered sender.
    pub(crate) sender: Option<&'s SenderProfile>,
    /// The sender's id of the message.
    pub(crate) control_id: Option<String>,
    /// The header of an HL7 message.
    pub(crate) header: Option<Header>,
    /// What is to be done.
    pub(crate) content: Content,
}

impl Read<'_> {
    /// Which stay it is about.
    pub(crate) fn key(&self) -> Option<Key> {
        let (sender, Content::Use { message, .. }) = (self.sender?, &self.content) else {
            return None;
        };
        Some((sender.hospital.clone(), key_digest(&sender.hospital, &message.case_key)?))
    }

    /// When its sender stated it.
    pub(crate) fn stated_at(&self) -> Option<DateTime<Utc>> {
        match &self.content {
            Content::Use { message, .. } => Some(message.stated_at),
            Content::NotUsed(_) | Content::Refused(_) => None,
        }
    }
}

/// What is to be done with a message.
pub(crate) enum Content {
    /// It says something about a stay.
    Use {
        /// What.
        message: Box<HospitalMessage>,
        /// What was left out of it.
        warnings: Vec<Fault>,
    },
    /// Nothing in it is for us; why.
    NotUsed(Fault),
    /// It is refused.
    Refused(Vec<Fault>),
}

/// Reads a message. Pure, and the costly part: done before the transaction begins. `now` is domain
/// time.
pub(crate) fn read<'s>(senders: &'s Senders, inbound: &Inbound, now: DateTime<Utc>) -> Read<'s> {
    let claimed = inbound.claimed.as_deref();
    let named = claimed.and_then(|token| senders.by_token(token));
    match inbound.form {
        Form::Hl7 => match hl7::parse(&inbound.body, inbound.received_at) {
            Ok(adt) => hl7_message(&adt, named_by(inbound, named, senders, &adt), now),
            Err(_) => unreadable(named, inbound, senders),
        },
        Form::Document => document(named, &inbound.body, now),
        Form::Truncated => {
            let adt = hl7::parse(&inbound.body, inbound.received_at).ok();
            match adt {
                Some(adt) => {
                    let sender = named_by(inbound, named, senders, &adt);
                    refused(sender, Some(adt.header), FieldFault::too_large())
                }
                None if inbound.channel == Channel::Mllp => {
                    refused(None, None, FieldFault::too_large())
                }
                None => Read {
                    sender: named,
                    control_id: None,
                    header: None,
                    content: Content::Refused(vec![Fault::Document(DocumentFault::too_long())]),
                },
            }
        }
        Form::Unknown => Read {
            sender: named,
            control_id: None,
            header: None,
            content: Content::Refused(vec![Fault::Document(DocumentFault::unknown_subject())]),
        },
    }
}

/// The sender of an HL7 message: whom the channel names, or over MLLP whom the message names, if it
/// comes from where that one speaks.
fn named_by<'s>(
    inbound: &Inbound,
    named: Option<&'s SenderProfile>,
    senders: &'s Senders,
    adt: &Adt,
) -> Option<&'s SenderProfile> {
    match inbound.channel {
        Channel::Nats | Channel::Http => named,
        Channel::Mllp => {
            senders.by_header(&adt.header).filter(|sender| sender.speaks_from(inbound.peer))
        }
    }
}

/// No message; a batch that could not be taken apart names its sender all the same.
fn unreadable<'s>(
    named: Option<&'s SenderProfile>,
    inbound: &Inbound,
    senders: &'s Senders,
) -> Read<'s> {
    let header = hl7::batch_sender(&inbound.body);
    let by_envelope = || senders.by_header(header.as_ref()?);
    let over_mllp = inbound.channel == Channel::Mllp;
    let sender = if over_mllp { by_envelope() } else { named };
    let sender = sender.filter(|sender| !over_mllp || sender.speaks_from(inbound.peer));
    let fault = match Batch::split(&inbound.body) {
        Err(NoBatch::Other) | Ok(_) => FieldFault::unreadable(),
        Err(why) => FieldFault::no_batch(why == NoBatch::TooMany),
    };
    refused(sender, None, fault)
}

fn refused(sender: Option<&SenderProfile>, header: Option<Header>, fault: FieldFault) -> Read<'_> {
    let control_id = header.as_ref().and_then(control_id);
    Read { sender, control_id, header, content: Content::Refused(vec![Fault::Field(fault)]) }
}

fn hl7_message<'s>(adt: &Adt, sender: Option<&'s SenderProfile>, now: DateTime<Utc>) -> Read<'s> {
    let Some(profile) = sender else {
        return refused(None, Some(adt.header.clone()), FieldFault::unknown_sender());
    };
    let faults = |all: Vec<FieldFault>| all.into_iter().map(Fault::Field).collect();
    let content = match admission_from(adt, profile) {
        Ok(Reading::Used { message, warnings }) => {
            let told = |of, odd| Fault::Field(times::field_fault(adt, profile, of, odd));
            in_time(message, faults(warnings), now, told)
        }
        Ok(Reading::NotUsed(why)) => Content::NotUsed(Fault::Field(why)),
        Err(wrong) => Content::Refused(faults(wrong)),
    };
    Read { sender, control_id: control_id(&adt.header), header: Some(adt.header.clone()), content }
}

/// The message, unless its times cannot be.
fn in_time(
    mut message: Box<HospitalMessage>,
    mut warnings: Vec<Fault>,
    now: DateTime<Utc>,
    told: impl Fn(Of, Odd) -> Fault,
) -> Content {
    let odd = times::check(&mut message, now);
    let refused: Vec<Fault> =
        odd.iter().filter(|(_, odd)| odd.refuses()).map(|(of, odd)| told(*of, *odd)).collect();
    if !refused.is_empty() {
        return Content::Refused(refused);
    }
    warnings.extend(odd.into_iter().map(|(of, odd)| told(of, odd)));
    Content::Use { message, warnings }
}

fn control_id(header: &Header) -> Option<String> {
    header.control_id.clone().filter(|id| is_key(id))
}

fn document<'s>(sender: Option<&'s SenderProfile>, body: &[u8], now: DateTime<Utc>) -> Read<'s> {
    let faults = |all: Vec<DocumentFault>| all.into_iter().map(Fault::Document).collect();
    let content = match sender.map(|profile| json_intake::parse(body, profile)) {
        Some(Ok(message)) => {
            let told = |of, odd| Fault::Document(times::document_fault(of, odd));
            in_time(Box::new(message), Vec::new(), now, told)
        }
        Some(Err(wrong)) => Content::Refused(faults(wrong)),
        None => Content::Refused(faults(vec![DocumentFault::unknown_sender()])),
    };
    Read { sender, control_id: json_intake::message_id(body), header: None, content }
}

/// Why the domain declined a message, as its sender is told.
pub(crate) fn fault_of(declined: Declined, form: Form) -> Fault {
    match (declined, form) {
        (Declined::NotInpatient, _) => Fault::Field(FieldFault::not_inpatient()),
        (Declined::UnknownStay, Form::Document) => Fault::Document(DocumentFault::unknown_stay()),
        (Declined::UnknownStay, _) => {
            Fault::Field(FieldFault::unknown_key(Location::field("PV1", 19)))
        }
    }
}

/// The digest of what tells one stay of a hospital from another. The key itself holds an identity
/// number at hospitals without visit numbers, and belongs in no index.
fn key_digest(hospital: &HsaId, key: &CaseKey) -> Option<Vec<u8>> {
    let admitted: String;
    let parts = match key {
        CaseKey::VisitNumber(number) => ["visit", number.expose(), "", ""],
        CaseKey::PatientAndAdmission { identity, admitted_at } => {
            admitted = admitted_at.to_rfc3339();
            let authority = identity.authority.as_deref().unwrap_or_default();
            ["patient", identity.number.expose(), authority, &admitted]
        }
        CaseKey::EveryStayOf(_) => return None,
    };
    let mut digest = Sha256::new();
    for part in [hospital.as_str()].into_iter().chain(parts) {
        digest.update(part);
        digest.update([0x1f]);
    }
    Some(digest.finalize().to_vec())
}
