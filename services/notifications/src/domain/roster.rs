//! Contact points as they are imported: checked here, so that a delivery never meets an address
//! that cannot be one.

use std::collections::HashSet;

use contracts::commands::{Contact, Refusal, UnitContacts};
use contracts::reach::Role;
use contracts::{ContactPointId, HsaId};

use super::digest::{DigestError, DigestTimes};
use super::email::EmailAddress;
use super::phone::PhoneNumber;

/// The longest name of a contact point, in characters.
const LONGEST_NAME: usize = 100;

/// A contact point that was checked.
#[derive(Debug)]
pub(crate) struct Checked<'a> {
    pub(crate) id: ContactPointId,
    pub(crate) unit: &'a HsaId,
    pub(crate) contact: &'a Contact,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) digest: DigestTimes,
}

/// Checks an import. A refusal names the place in it and never what stands there.
pub(crate) fn check(units: &[UnitContacts]) -> Result<Vec<Checked<'_>>, Refusal> {
    let mut named = HashSet::new();
    let mut checked = Vec::new();
    for (at, unit) in units.iter().enumerate() {
        if !named.insert(&unit.unit) {
            return Err(twice().at(&format!("/units/{at}/unit")));
        }
        if !unit.hours.always && unit.hours.opens >= unit.hours.closes {
            return Err(shut().at(&format!("/units/{at}/hours/closes")));
        }
        let mut ids = HashSet::new();
        for (number, contact) in unit.contacts.iter().enumerate() {
            let place = format!("/units/{at}/contacts/{number}");
            let contact = check_one(&unit.unit, contact, &place)?;
            if !ids.insert(contact.id) {
                return Err(twice().at(&format!("{place}/name")));
            }
            checked.push(contact);
        }
    }
    Ok(checked)
}

fn check_one<'a>(
    unit: &'a HsaId,
    contact: &'a Contact,
    place: &str,
) -> Result<Checked<'a>, Refusal> {
    let length = contact.name.trim().chars().count();
    if length == 0 || length > LONGEST_NAME || contact.name.chars().any(char::is_control) {
        return Err(unnamed().at(&format!("{place}/name")));
    }
    if contact.role == Role::Unknown {
        return Err(unknown_role().at(&format!("{place}/role")));
    }
    let email = contact.email.as_deref().map(str::parse).transpose();
    let email = email.map_err(|_| bad_email().at(&format!("{place}/email")))?;
    let phone = contact.sms.as_deref().map(str::parse).transpose();
    let phone = phone.map_err(|_| bad_phone().at(&format!("{place}/sms")))?;
    if email.is_none() && phone.is_none() {
        return Err(unreachable().at(place));
    }
    if !contact.digest.is_empty() {
        let place = format!("{place}/digest");
        if contact.role != Role::Unit {
            return Err(digest_without_news().at(&place));
        }
        if email.is_none() {
            return Err(digest_without_mail().at(&place));
        }
    }
    let digest = DigestTimes::read(&contact.digest).map_err(|error| bad_digest(error, place))?;
    let id = ContactPointId::derive(unit, contact.role.as_str(), &contact.name);
    Ok(Checked { id, unit, contact, email, phone, digest })
}

fn twice() -> Refusal {
    Refusal::new("named_twice", "Samma namn förekommer två gånger.", "The same name occurs twice.")
}

fn shut() -> Refusal {
    Refusal::new(
        "never_open",
        "Enheten måste stänga senare än den öppnar.",
        "The unit must close later than it opens.",
    )
}

fn unnamed() -> Refusal {
    Refusal::new(
        "bad_name",
        "En kontaktpunkt har ett namn på en rad, högst 100 tecken.",
        "A contact point has a name of one line, at most 100 characters.",
    )
}

fn unknown_role() -> Refusal {
    Refusal::new("unknown_role", "Rollen är okänd.", "The role is not known.")
}

fn bad_email() -> Refusal {
    let error = super::email::EmailAddressError.to_string();
    Refusal::new(
        "bad_email",
        "E-postadressen har fel form: namn@domän, högst 254 tecken, utan å, ä och ö.",
        error,
    )
}

fn bad_phone() -> Refusal {
    Refusal::new(
        "bad_phone",
        "Telefonnumret har fel form: internationellt (+46…) eller svenskt (0…).",
        "The telephone number is malformed: international (+46…) or Swedish (0…).",
    )
}

fn unreachable() -> Refusal {
    Refusal::new(
        "no_address",
        "En kontaktpunkt har en e-postadress, ett telefonnummer eller båda.",
        "A contact point has a mail address, a telephone number or both.",
    )
}

fn digest_without_news() -> Refusal {
    Refusal::new(
        "digest_without_news",
        "Samlade utskick är till för nyheter, och de går bara till rollen unit.",
        "Digests are for news, which go to the role unit alone.",
    )
}

fn digest_without_mail() -> Refusal {
    Refusal::new(
        "digest_without_mail",
        "Samlade utskick går som e-post: kontaktpunkten behöver en e-postadress.",
        "A digest is a mail: the contact point needs a mail address.",
    )
}

fn bad_digest(error: DigestError, place: &str) -> Refusal {
    let (refusal, number) = match error {
        DigestError::TooMany => {
            let refusal = Refusal::new(
                "too_many_times",
                "En kontaktpunkt har högst tolv tider för samlade utskick.",
                "A contact point has at most twelve times for digests.",
            );
            return refusal.at(&format!("{place}/digest"));
        }
        DigestError::NoTime(number) => {
            let refusal = Refusal::new(
                "bad_time",
                "Tiden har fel form: timme och minut, som 07:45.",
                "The time is malformed: hour and minute, such as 07:45.",
            );
            (refusal, number)
        }
        DigestError::NotLater(number) => {
            let refusal = Refusal::new(
                "times_not_in_order",
                "Tiderna för samlade utskick ska stå i ordning, var och en en gång.",
                "The times of digests are to be in order, each of them once.",
            );
            (refusal, number)
        }
    };
    refusal.at(&format!("{place}/digest/{number}"))
}

#[cfg(test)]
mod tests {
    use contracts::commands::ImportContactPoints;

    use super::*;

    fn import(contacts: &str) -> ImportContactPoints {
        let text = format!(
            r#"{{"units": [{{"unit": "SE2321000180-VC01", "contacts": [
                 {{"name": "brevlåda", "role": "unit", "email": "vc01@example.se"}}, {contacts}]}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn refused(contacts: &str) -> (String, Option<String>) {
        let import = import(contacts);
        let refusal = check(&import.units).unwrap_err();
        let said = serde_json::to_string(&refusal).unwrap();
        for value in ["07017", "example", "varden"] {
            assert!(!said.contains(value), "{said}");
        }
        (refusal.code, refusal.field)
    }

    #[test]
    fn a_refusal_names_the_field_and_never_its_value() {
        for (contact, code, field) in [
            (
                r#"{"name": "x", "role": "unit", "email": "varden"}"#,
                "bad_email",
                "/units/0/contacts/1/email",
            ),
            (
                r#"{"name": "x", "role": "unit", "sms": "07017"}"#,
                "bad_phone",
                "/units/0/contacts/1/sms",
            ),
            (r#"{"name": "x", "role": "unit"}"#, "no_address", "/units/0/contacts/1"),
            (
                r#"{"name": " ", "role": "unit", "sms": "0701740605"}"#,
                "bad_name",
                "/units/0/contacts/1/name",
            ),
            (
                r#"{"name": "x", "role": "boss", "sms": "0701740605"}"#,
                "unknown_role",
                "/units/0/contacts/1/role",
            ),
            (
                r#"{"name": "x", "role": "unit", "sms": "0701740605", "digest": ["07:45"]}"#,
                "digest_without_mail",
                "/units/0/contacts/1/digest",
            ),
            (
                r#"{"name": "x", "role": "manager", "email": "x@y.se", "digest": ["07:45"]}"#,
                "digest_without_news",
                "/units/0/contacts/1/digest",
            ),
            (
                r#"{"name": "x", "role": "unit", "email": "x@y.se", "digest": ["07:45", "varden"]}"#,
                "bad_time",
                "/units/0/contacts/1/digest/1",
            ),
            (
                r#"{"name": "x", "role": "unit", "email": "x@y.se", "digest": ["13:00", "07:45"]}"#,
                "times_not_in_order",
                "/units/0/contacts/1/digest/1",
            ),
            (
                r#"{"name": "brevlåda", "role": "unit", "sms": "0701740605"}"#,
                "named_twice",
                "/units/0/contacts/1/name",
            ),
        ] {
            assert_eq!(refused(contact), (code.to_owned(), Some(field.to_owned())));
        }
    }
}
