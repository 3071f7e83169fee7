//! Who lies where, why, and who is needed afterwards: everything about a stay that does not change,
//! as a pure function of its number.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;

use super::back::Return;
use super::dice::Dice;
use super::person::{self, Person};
use super::places::{ELSEWHERE, HOSPITALS, Hospital, Ward};

/// A stay begins so often (domain time), give or take [`JITTER_S`].
pub(crate) const EVERY: TimeDelta = TimeDelta::minutes(30);
/// Less than [`EVERY`], so that no two stays begin at the same moment: a case is known again by when
/// it began.
const JITTER_S: i64 = 27 * 60;

/// Code and text of ICD-10-SE.
static DIAGNOSES: [(&str, &str); 6] = [
    ("I50.9", "Hjärtsvikt, ospecificerad"),
    ("S72.0", "Fraktur på lårbenshalsen"),
    ("J44.1", "KOL med akut exacerbation"),
    ("I63.9", "Cerebral infarkt, ospecificerad"),
    ("N39.0", "Urinvägsinfektion"),
    ("J18.9", "Pneumoni, ospecificerad"),
];
/// Whose services are needed, where any are; the first ones are the most usual.
static NEEDS: [&[Party]; 6] = [
    &[Party::OpenCare, Party::MunicipalHealthCare, Party::SocialServices],
    &[Party::MunicipalHealthCare, Party::SocialServices],
    &[Party::OpenCare, Party::SocialServices],
    &[Party::OpenCare, Party::MunicipalHealthCare],
    &[Party::OpenCare],
    &[Party::SocialServices],
];

/// A stay.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    /// Counted from 0.
    pub(crate) number: u64,
    pub(crate) hospital: &'static Hospital,
    /// Where it begins.
    pub(crate) ward: &'static Ward,
    /// On a whole second, as hospitals state it.
    pub(crate) admitted_at: DateTime<Utc>,
    pub(crate) person: Person,
    pub(crate) diagnosis: (&'static str, &'static str),
    /// Whose services will be needed; empty: nobody's.
    pub(crate) needs: &'static [Party],
    /// The patient has been here before, or will be again.
    pub(crate) returns: Option<Return>,
    /// The population register protects the patient's whereabouts.
    pub(crate) protected: Option<Protected>,
    /// The number that is found out after a while, of somebody who came with a reserve number.
    pub(crate) found: Option<&'static str>,
}

/// From when on the hospital knows of a protected identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protected {
    FromTheStart,
    Later,
}

/// When a stay begins.
pub(crate) fn admitted_at(begun_at: DateTime<Utc>, number: u64) -> DateTime<Utc> {
    let jitter = Dice::of(number ^ 0x00AD_0417).between(0, JITTER_S);
    let before = EVERY * i32::try_from(number).unwrap_or(i32::MAX);
    begun_at + before + TimeDelta::seconds(jitter)
}

impl Stay {
    /// The stay of that number, in a demo that began then. None only for numbers beyond all time.
    pub(crate) fn of(begun_at: DateTime<Utc>, number: u64) -> Option<Self> {
        let mut dice = Dice::of(number);
        let returns = Return::of(number);
        let person = match returns {
            Some(back) => Person::returning(back.person)?,
            None => Person::once(number, &mut dice)?,
        };
        let hospital = dice.one_of(&HOSPITALS)?;
        let found = person::found_during(number);
        let is_known = returns.is_some() || found.is_some();
        // Who comes back needs nobody, before the ward has looked closer at why.
        let needed = match returns {
            Some(back) => back.is_last && dice.chance(60),
            None => found.is_some() || dice.chance(30),
        };
        let needs = NEEDS.get(usize::try_from(dice.between(0, 9)).ok()?).or(NEEDS.first())?;
        let protected = match dice.between(1, 100) {
            1..=2 if !is_known => Some(Protected::FromTheStart),
            3..=4 if !is_known => Some(Protected::Later),
            _ => None,
        };
        Some(Self {
            number,
            hospital,
            ward: dice.one_of(hospital.wards)?,
            admitted_at: admitted_at(begun_at, number),
            person,
            diagnosis: *dice.one_of(&DIAGNOSES)?,
            needs: if needed { needs } else { &[] },
            returns,
            protected,
            found,
        })
    }

    /// The identity turns out to be protected during the stay.
    pub(crate) fn protected_later(&self) -> bool {
        self.protected == Some(Protected::Later)
    }

    /// The ward is asked to judge the need, as the patient comes often.
    pub(crate) fn comes_often(&self) -> bool {
        self.returns.is_some_and(|back| back.comes_often)
    }

    /// Nothing is needed, but that open care looks at why the patient comes so often.
    pub(crate) fn only_comes_often(&self) -> bool {
        self.needs.is_empty() && self.returns.is_some_and(|back| back.is_last)
    }

    /// The parties that get the notice: open care, too, when municipal health care is needed.
    pub(crate) fn concerned(&self) -> BTreeSet<Party> {
        let mut parties: BTreeSet<Party> = self.needs.iter().copied().collect();
        if parties.contains(&Party::MunicipalHealthCare) || self.only_comes_often() {
            parties.insert(Party::OpenCare);
        }
        parties
    }

    /// Both principals are needed, so that a plan is due.
    pub(crate) fn needs_plan(&self) -> bool {
        let concerned = self.concerned();
        concerned.contains(&Party::OpenCare) && concerned.iter().any(|party| party.is_municipal())
    }

    /// The unit of a concerned party; where nobody knows it, the one that the ward will choose.
    pub(crate) fn unit_of(&self, party: Party) -> Option<&'static str> {
        match party {
            Party::OpenCare if self.is_from_elsewhere() => {
                self.person.municipality.care_centres.first().map(|centre| centre.unit)
            }
            Party::OpenCare => Some(self.person.care_centre.unit),
            Party::MunicipalHealthCare => Some(self.person.municipality.health_care),
            Party::SocialServices => Some(self.person.municipality.social_services),
            Party::Ward | Party::Unknown => None,
        }
    }

    /// Listed where the directory has no unit.
    pub(crate) fn is_from_elsewhere(&self) -> bool {
        self.person.care_centre == &ELSEWHERE
    }

    /// The hospital's number of the stay.
    pub(crate) fn visit(&self) -> String {
        format!("DEMO-{}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::places::MUNICIPALITIES;

    fn stays() -> Vec<Stay> {
        let begun_at = "2026-11-17T06:00:00Z".parse().unwrap();
        (0..1_000).map(|number| Stay::of(begun_at, number).unwrap()).collect()
    }

    #[test]
    fn no_two_stays_begin_at_the_same_moment() {
        assert!(stays().windows(2).all(|pair| pair[0].admitted_at < pair[1].admitted_at));
    }

    #[test]
    fn most_patients_need_nobody_afterwards() {
        let needed = stays().iter().filter(|stay| !stay.needs.is_empty()).count();
        assert!((250..350).contains(&needed), "{needed}");
    }

    #[test]
    fn both_hospitals_and_every_municipality_have_patients() {
        for hospital in &HOSPITALS {
            assert!(stays().iter().any(|stay| stay.hospital.id == hospital.id));
        }
        for municipality in &MUNICIPALITIES {
            assert!(stays().iter().any(|stay| stay.person.municipality == municipality));
        }
    }

    #[test]
    fn some_are_protected_and_of_some_the_number_is_found_out() {
        let all = stays();
        for protected in [Protected::FromTheStart, Protected::Later] {
            assert!(all.iter().any(|stay| stay.protected == Some(protected)));
        }
        assert!(all.iter().any(|stay| stay.found.is_some()));
    }

    #[test]
    fn whoever_comes_for_the_third_time_in_three_months_comes_often() {
        let begun_at = "2026-11-17T06:00:00Z".parse().unwrap();
        let stays = (0..6_000).map(|number| Stay::of(begun_at, number).unwrap());
        let back: Vec<Stay> = stays.filter(|stay| stay.returns.is_some()).collect();
        for stay in &back {
            let since = stay.admitted_at - chrono::Months::new(3);
            let counted = back.iter().filter(|one| {
                one.person.number == stay.person.number
                    && (since..=stay.admitted_at).contains(&one.admitted_at)
            });
            assert_eq!(counted.count() >= 3, stay.comes_often(), "{}", stay.number);
        }
    }
}
