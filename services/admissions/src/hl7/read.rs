//! From the structure of a message to an [`Adt`].

use chrono::{DateTime, Utc};

use super::adt::{Address, Adt, Diagnosis, Identifier, Patient, Place, Visit};
use super::charset::decode_warned;
use super::fault::{FaultCode, FieldFault, Location};
use super::header::Header;
use super::time::{Dtm, Told};
use super::trigger::Trigger;
use super::wire::{Message, Part, Segment, Unreadable, numbered};
use crate::hospital_message::{self, PersonName, PostalAddress};
use crate::private::Private;
use crate::stated::Stated;
use crate::when::When;

/// Reads a message that came at that instant.
pub fn parse(bytes: &[u8], received_at: DateTime<Utc>) -> Result<Adt, Unreadable> {
    let (text, charset) = decode_warned(bytes);
    let message = Message::parse(&text)?;
    let header = Header::read(&message, received_at);
    let mut times = Times { message: &message, faults: Vec::new() };
    times.faults.extend(charset);
    times.faults.extend(contradiction(&message, &header));
    let told = Told { zone: header.zone, received_at };
    let recorded_at = times.lenient(|times| times.recorded(told));
    let occurred_at = times.lenient(|times| times.instant("EVN", 6)).into_value();
    let patient = patient(&mut times);
    let visit = visit(&mut times);
    let expected_discharge = times.lenient(|times| times.when("PV2", 9));
    let faults = times.faults;
    Ok(Adt {
        trigger: Trigger::of(&header),
        recorded_at: recorded_at.or(header.message_at),
        occurred_at,
        patient,
        visit,
        expected_discharge,
        diagnoses: diagnoses(&message),
        faults,
        header,
        message,
    })
}

/// MSH-9 decides what happened: EVN-1 is there for old receivers, and some systems never change it.
fn contradiction(message: &Message, header: &Header) -> Option<FieldFault> {
    let old = message.field("EVN", 1).component(1).text()?;
    let differs = header.event_code.as_ref().is_some_and(|event| *event != old);
    let sv = "säger något annat än MSH-9, som gäller";
    let en = "says something else than MSH-9, which counts";
    let place = Location::field("EVN", 1);
    differs.then(|| FieldFault::new(place, FaultCode::Contradiction, sv, en).as_warning())
}

/// Reads times and collects those that cannot be read.
struct Times<'m> {
    message: &'m Message,
    faults: Vec<FieldFault>,
}

impl Times<'_> {
    fn read<T>(&mut self, segment: &str, field: u16, as_: impl Fn(&str) -> Option<T>) -> Stated<T> {
        let text = self.message.field(segment, field).component(1).stated();
        text.and_then(|text| {
            let time = as_(&text);
            if time.is_none() {
                self.faults.push(FieldFault::bad_time(Location::field(segment, field)));
            }
            time
        })
    }

    /// A day or an instant.
    fn when(&mut self, segment: &str, field: u16) -> Stated<When> {
        self.read(segment, field, |text| Dtm::parse(text).ok().and_then(Dtm::when))
    }

    /// What is read here is worth less than the message: unreadable, it is a warning.
    fn lenient<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let known = std::mem::take(&mut self.faults);
        let value = read(self);
        let new = std::mem::replace(&mut self.faults, known);
        self.faults.extend(new.into_iter().map(FieldFault::as_warning));
        value
    }

    /// An instant: clocks run from it, so a day alone will not do.
    fn instant(&mut self, segment: &str, field: u16) -> Stated<DateTime<Utc>> {
        self.read(segment, field, |text| Dtm::parse(text).ok().and_then(Dtm::instant))
    }

    /// EVN-2, by which statements are ordered.
    fn recorded(&mut self, told: Told) -> Option<DateTime<Utc>> {
        let at = |text: &str| Dtm::parse_told(text, told).ok().and_then(Dtm::instant);
        self.read("EVN", 2, at).into_value()
    }
}

fn patient(times: &mut Times<'_>) -> Patient {
    let message = times.message;
    let died_at = times.lenient(|times| times.when("PID", 29));
    let born = message.field("PID", 7).component(1).text();
    Patient {
        identifiers: identifiers(message.field("PID", 3)),
        prior: identifiers(message.field("MRG", 1)),
        name: name(message.field("PID", 5)),
        born: born.and_then(|born| Dtm::parse(&born).ok()).map(Private::new),
        sex: message.field("PID", 8).component(1).text().map(Private::new),
        addresses: addresses(message.field("PID", 11)),
        county: message.field("PID", 12).component(1).stated(),
        died_at,
        death_indicator: message.field("PID", 30).component(1).stated(),
        care_centre: care_centre(message.field("PD1", 3)),
    }
}

fn identifiers(field: Part<'_>) -> Vec<Identifier> {
    let all = numbered(field.repetitions());
    all.filter_map(|(repetition, part)| identifier(repetition, part)).collect()
}

fn identifier(repetition: u16, part: Part<'_>) -> Option<Identifier> {
    let authority = part.component(4);
    Some(Identifier {
        repetition,
        value: part.component(1).subcomponent(1).text()?.into(),
        authorities: (1..=2).filter_map(|n| authority.subcomponent(n).text()).collect(),
        kind: part.component(5).text(),
    })
}

/// The name of type L (legal), else the first.
fn name(field: Part<'_>) -> Stated<Private<PersonName>> {
    if matches!(field.stated(), Stated::Removed) {
        return Stated::Removed;
    }
    let legal = |name: &Part<'_>| name.component(7).text().as_deref() == Some("L");
    let chosen = field.repetitions().find(legal).or_else(|| field.repetitions().next());
    let name = chosen.map(|name| {
        let given: Vec<_> = [2, 3].into_iter().filter_map(|n| name.component(n).text()).collect();
        PersonName {
            family: name.component(1).subcomponent(1).text(),
            given: Some(given.join(" ")).filter(|given| !given.is_empty()),
        }
    });
    name.filter(|name| name.family.is_some() || name.given.is_some()).map(Private::new).into()
}

fn addresses(field: Part<'_>) -> Stated<Vec<Address>> {
    if matches!(field.stated(), Stated::Removed) {
        return Stated::Removed;
    }
    let addresses: Vec<_> = numbered(field.repetitions())
        .filter_map(|(repetition, part)| address(repetition, part))
        .collect();
    Some(addresses).filter(|addresses| !addresses.is_empty()).into()
}

fn address(repetition: u16, part: Part<'_>) -> Option<Address> {
    let lines = [part.component(1).subcomponent(1).text(), part.component(2).text()];
    let postal = PostalAddress {
        lines: lines.into_iter().flatten().collect(),
        postal_code: part.component(5).text(),
        city: part.component(3).text(),
    };
    let is_empty = postal.lines.is_empty() && postal.postal_code.is_none() && postal.city.is_none();
    (!is_empty).then(|| Address {
        repetition,
        kind: part.component(7).text(),
        postal: postal.into(),
    })
}

/// An XON: the id stands in XON.10 or, before 2.5, in XON.3; senders also put it first.
fn care_centre(field: Part<'_>) -> Stated<String> {
    let id = [10, 3, 1].into_iter().find_map(|n| field.component(n).text());
    field.component(1).stated().and_then(|_| id.clone()).or(id.into())
}

fn visit(times: &mut Times<'_>) -> Visit {
    let message = times.message;
    let field = |number| message.field("PV1", number);
    let location = field(3);
    Visit {
        class: field(2).component(1).text(),
        location: Place {
            point_of_care: location.component(1).stated(),
            room: location.component(2).text(),
            bed: location.component(3).text(),
            facility: location.component(4).subcomponent(1).text(),
        },
        attending: field(7).component(1).text(),
        number: field(19).component(1).subcomponent(1).text().map(Private::new),
        disposition: field(36).component(1).stated(),
        admitted_at: times.instant("PV1", 44).into_value(),
        discharged_at: times.instant("PV1", 45),
    }
}

/// What the DG1 segments say together: `""` in DG1-3 removes, where no other names a diagnosis.
fn diagnoses(message: &Message) -> Stated<Vec<Diagnosis>> {
    let all: Vec<_> = message.segments("DG1").filter_map(diagnosis).collect();
    let mut codes = message.segments("DG1").map(|segment| segment.field(3).component(1).stated());
    if all.is_empty() && codes.any(|code| matches!(code, Stated::Removed)) {
        return Stated::Removed;
    }
    Some(all).filter(|all| !all.is_empty()).into()
}

fn diagnosis(segment: &Segment) -> Option<Diagnosis> {
    let code = segment.field(3);
    let diagnosis = hospital_message::Diagnosis {
        code: code.component(1).text(),
        system: code.component(3).text().or_else(|| segment.field(2).text()),
        text: code.component(2).text().or_else(|| segment.field(4).text()),
    };
    let kind = segment.field(6).component(1).text();
    let is_said = diagnosis.code.is_some() || diagnosis.text.is_some();
    is_said.then(|| Diagnosis { kind, stated: diagnosis.into() })
}
