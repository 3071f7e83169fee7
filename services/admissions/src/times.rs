//! Times that cannot be: a year that a system fills in when it knows none (1900, 1970), and the future.
//!
//! Clocks run from these times and statistics count them, so none is taken over in silence. What the
//! message is about must be right, or it is refused: when a stay began or ended, when it was said.
//! Anything else is left out, or held to now, and the sender hears so; the same in HL7 and in our
//! documents.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::apply::AHEAD;
use crate::hl7::{Adt, FaultCode, FieldFault, FieldPath, Location};
use crate::hospital_message::{HospitalMessage, Kind};
use crate::json_intake::DocumentFault;
use crate::profile::SenderProfile;
use crate::stated::Stated;
use crate::when::{When, noon_in_sweden};

/// How far a clock may be ahead without a word.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// No stay that is in hand began earlier than so long ago.
const LONG_AGO: TimeDelta = TimeDelta::days(20 * 365);
/// No stay is planned for longer.
const FAR_AHEAD: TimeDelta = TimeDelta::days(10 * 365);

/// What a time is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Stated,
    Occurred,
    Admitted,
    Discharged,
    Estimate,
    Noticed,
    Death,
    Consent,
}

/// What is wrong with a time, and what that comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    /// The message is refused for it.
    TooEarly,
    /// The message is refused for it.
    TooLate,
    /// It counts as now.
    Ahead,
    /// It counts as not stated.
    NotUsed,
}

impl Odd {
    pub(crate) const fn refuses(self) -> bool {
        matches!(self, Self::TooEarly | Self::TooLate)
    }

    const fn reason(self) -> (&'static str, &'static str) {
        match self {
            Self::TooEarly => {
                ("ligger mer än tjugo år tillbaka", "lies more than twenty years back")
            }
            Self::TooLate => {
                ("ligger mer än ett dygn framåt i tiden", "lies more than a day in the future")
            }
            Self::Ahead => (
                "ligger framåt i tiden och räknas som nu; går klockan rätt?",
                "lies in the future and counts as now; is the clock right?",
            ),
            Self::NotUsed => (
                "ligger för långt bort i tiden och används inte",
                "lies too far away in time and is not used",
            ),
        }
    }
}

/// Everything that is odd about a message's times; what is not to be used is taken out of it.
pub(crate) fn check(message: &mut HospitalMessage, now: DateTime<Utc>) -> Vec<(Of, Odd)> {
    let check = Check { now };
    let mut found = Vec::new();
    let same_as = |at: DateTime<Utc>, of| if at == message.occurred_at { Of::Occurred } else { of };
    if let Some(at) = message.admitted_at {
        found.extend(check.must_be(at).map(|odd| (same_as(at, Of::Admitted), odd)));
    }
    if let Stated::Value(at) = message.discharged_at {
        if message.kind == Kind::Discharge {
            found.extend(check.must_be(at).map(|odd| (same_as(at, Of::Discharged), odd)));
        } else if check.is_long_ago(at) {
            // One that is still to come is a plan, and corrects nothing.
            message.discharged_at = Stated::Absent;
            found.push((Of::Discharged, Odd::NotUsed));
        }
    }
    let stated = if message.stated_at == message.occurred_at { Of::Occurred } else { Of::Stated };
    if check.is_long_ago(message.stated_at) {
        found.push((stated, Odd::TooEarly));
    } else if check.is_ahead(message.stated_at) {
        found.push((stated, Odd::Ahead));
    }
    if check.is_long_ago(message.occurred_at) {
        message.occurred_at = message.stated_at;
        found.push((Of::Occurred, Odd::NotUsed));
    } else if check.is_ahead(message.occurred_at) {
        found.push((Of::Occurred, Odd::Ahead));
    }
    found.extend(check.what_is_beside(message));
    // Of each only the first, which is the worst.
    let mut told = Vec::new();
    found.retain(|(of, _)| {
        let is_first = !told.contains(of);
        told.push(*of);
        is_first
    });
    found
}

struct Check {
    now: DateTime<Utc>,
}

impl Check {
    fn is_ahead(&self, at: DateTime<Utc>) -> bool {
        at - self.now > SKEW
    }

    fn is_long_ago(&self, at: DateTime<Utc>) -> bool {
        self.now - at > LONG_AGO
    }

    /// A time without which the message means nothing.
    fn must_be(&self, at: DateTime<Utc>) -> Option<Odd> {
        if self.is_long_ago(at) {
            Some(Odd::TooEarly)
        } else if at - self.now > AHEAD {
            Some(Odd::TooLate)
        } else {
            self.is_ahead(at).then_some(Odd::Ahead)
        }
    }

    /// A time that can be left out.
    fn may_be(&self, at: DateTime<Utc>) -> Option<Odd> {
        match self.must_be(at) {
            Some(Odd::TooEarly | Odd::TooLate) => Some(Odd::NotUsed),
            odd => odd,
        }
    }

    fn what_is_beside(&self, message: &mut HospitalMessage) -> Vec<(Of, Odd)> {
        let mut found = Vec::new();
        if let Stated::Value(estimate) = message.estimate {
            let at = instant(estimate);
            if self.is_long_ago(at) || at - self.now > FAR_AHEAD {
                message.estimate = Stated::Absent;
                found.push((Of::Estimate, Odd::NotUsed));
            }
        }
        if let Stated::Value(need) = &mut message.need {
            found.extend(
                self.leave_out(&mut need.noticed_at, |at| at).map(|odd| (Of::Noticed, odd)),
            );
        }
        let deaths = [&mut message.patient.death, &mut message.patient.left_dead];
        for death in deaths.into_iter().flatten() {
            found.extend(self.leave_out(&mut death.at, instant).map(|odd| (Of::Death, odd)));
        }
        if let Some(consent) = &mut message.consent {
            let odd = self.may_be(consent.at);
            if odd == Some(Odd::NotUsed) {
                consent.at = message.stated_at;
            }
            found.extend(odd.map(|odd| (Of::Consent, odd)));
        }
        found
    }

    fn leave_out<T: Copy>(
        &self,
        time: &mut Option<T>,
        instant: impl Fn(T) -> DateTime<Utc>,
    ) -> Option<Odd> {
        let odd = self.may_be(instant((*time)?))?;
        if odd == Odd::NotUsed {
            *time = None;
        }
        Some(odd)
    }
}

fn instant(when: When) -> DateTime<Utc> {
    match when {
        When::Date(day) => noon_in_sweden(day),
        When::Instant(at) => at,
    }
}

/// As the sender of an HL7 message is told.
pub(crate) fn field_fault(adt: &Adt, profile: &SenderProfile, of: Of, odd: Odd) -> FieldFault {
    let (sv, en) = odd.reason();
    let fault = FieldFault::new(field(adt, profile, of), FaultCode::DataType, sv, en);
    if odd.refuses() { fault } else { fault.as_warning() }
}

/// The field that a time was read from.
fn field(adt: &Adt, profile: &SenderProfile, of: Of) -> Location {
    let is_stated = |segment, field| !adt.message.field(segment, field).stated().is_absent();
    let noticed = || profile.need.as_ref().and_then(|need| need.noticed_at.as_ref());
    let (segment, number) = match of {
        Of::Stated if is_stated("EVN", 2) => ("EVN", 2),
        Of::Stated | Of::Consent => ("MSH", 7),
        Of::Occurred if is_stated("EVN", 6) => ("EVN", 6),
        Of::Occurred if adt.trigger.admits() && is_stated("PV1", 44) => ("PV1", 44),
        Of::Occurred if is_stated("PV1", 45) => ("PV1", 45),
        Of::Occurred => return field(adt, profile, Of::Stated),
        Of::Admitted => ("PV1", 44),
        Of::Discharged => ("PV1", 45),
        Of::Estimate => ("PV2", 9),
        Of::Noticed => return noticed().map_or(Location::segment("MSH"), FieldPath::location),
        Of::Death => ("PID", 29),
    };
    Location::field(segment, number)
}

/// As the sender of a document is told.
pub(crate) fn document_fault(of: Of, odd: Odd) -> DocumentFault {
    let pointer = match of {
        Of::Stated => "/recorded_at",
        Of::Occurred | Of::Discharged => "/occurred_at",
        Of::Admitted => "/admitted_at",
        Of::Estimate => "/estimated_discharge/at",
        Of::Noticed => "/need/noticed_at",
        Of::Death => "/patient/death/at",
        Of::Consent => "/consent/at",
    };
    let fault = DocumentFault::invalid(pointer, odd.reason());
    if odd.refuses() { fault } else { fault.into_warning() }
}
