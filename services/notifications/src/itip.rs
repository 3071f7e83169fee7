//! Invitations as calendar programs read them: an event of iCalendar (RFC 5545) with what is to be
//! done with it (iTIP, RFC 5546), to be sent in a mail (iMIP, RFC 6047).
//!
//! It says the case's reference, that it is a SIP meeting, its time and form: what stands in a calendar
//! is read by everybody who shares it. No place, since people write places as they like. Who invites
//! is this system's address, and nobody is asked to answer it: who comes is recorded elsewhere. It is
//! made from the invitation alone, so that a second copy is the same event.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarMethod, ICalendarParameter,
    ICalendarParticipationRole, ICalendarParticipationStatus, ICalendarProperty, ICalendarStatus,
    ICalendarValue,
};
use chrono::{DateTime, Utc};
use contracts::commands::Language;
use lettre::message::Mailbox;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::email::EmailAddress;
use crate::domain::meetings::{Invitation, Method};
use crate::templates::words;

/// What may stand in a `mailto:` as it is, of what an address has (RFC 6068).
const IN_MAILTO: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_').remove(b'+').remove(b'~');

/// An event as it is handed to a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEvent {
    /// What is to be done with it; the part of the mail says so, too.
    pub method: Method,
    /// The iCalendar text.
    pub text: String,
}

/// The event that tells a recipient of a meeting.
#[must_use]
pub fn event(
    invitation: &Invitation,
    organizer: &Mailbox,
    attendee: &EmailAddress,
) -> CalendarEvent {
    let method = match invitation.method {
        Method::Request => ICalendarMethod::Request,
        Method::Cancel => ICalendarMethod::Cancel,
    };
    let mut calendar = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    calendar.add_property(ICalendarProperty::Version, text("2.0"));
    calendar.add_property(ICalendarProperty::Prodid, text("-//Hemgång//SIP//SV"));
    calendar.add_property(ICalendarProperty::Method, ICalendarValue::Method(method));
    calendar.component_ids.push(1);
    let event = meeting(invitation, organizer, attendee);
    let text = ICalendar { components: vec![calendar, event] }.to_string();
    CalendarEvent { method: invitation.method, text }
}

fn meeting(
    invitation: &Invitation,
    organizer: &Mailbox,
    attendee: &EmailAddress,
) -> ICalendarComponent {
    let status = match invitation.method {
        Method::Request => ICalendarStatus::Confirmed,
        Method::Cancel => ICalendarStatus::Cancelled,
    };
    let mut event = ICalendarComponent::new(ICalendarComponentType::VEvent);
    event.add_uid(&invitation.uid.to_string());
    event.add_sequence(invitation.sequence.into());
    event.add_dtstamp(instant(invitation.since));
    event.add_property(ICalendarProperty::Dtstart, instant(invitation.starts_at));
    event.add_property(ICalendarProperty::Dtend, instant(invitation.ends_at));
    event.add_property(ICalendarProperty::Summary, text(&summary(invitation)));
    if let Some(form) = invitation.form {
        let (sv, en) = (words::form(form, Language::Sv), words::form(form, Language::En));
        event.add_property(ICalendarProperty::Description, text(&format!("{sv} / {en}")));
    }
    event.add_property(ICalendarProperty::Status, ICalendarValue::Status(status));
    event.add_property(ICalendarProperty::Organizer, mailto(organizer.email.as_ref()));
    event.add_property_with_params(
        ICalendarProperty::Attendee,
        [
            ICalendarParameter::role(ICalendarParticipationRole::ReqParticipant),
            ICalendarParameter::partstat(ICalendarParticipationStatus::NeedsAction),
            ICalendarParameter::rsvp(false),
        ],
        mailto(attendee.as_str()),
    );
    event
}

/// In both languages: a calendar is read by more than the recipient.
fn summary(invitation: &Invitation) -> String {
    let (sv, en) = (words::MEETING.0, words::MEETING.1);
    match invitation.case {
        Some(case) => format!("{sv} / {en}, {case}"),
        None => format!("{sv} / {en}"),
    }
}

fn text(text: &str) -> ICalendarValue {
    ICalendarValue::Text(text.to_owned())
}

fn mailto(address: &str) -> ICalendarValue {
    text(&format!("mailto:{}", utf8_percent_encode(address, IN_MAILTO)))
}

fn instant(at: DateTime<Utc>) -> PartialDateTime {
    PartialDateTime::from_utc_timestamp(at.timestamp())
}

#[cfg(test)]
mod tests;
