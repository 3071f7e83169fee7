//! The shape of a rulebook file as it is written.

use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use contracts::Owner;
use contracts::case::{FormAnswer, Intervention};
use contracts::ledger::{StepKind, Words};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::value::Datetime;

use super::{Condition, Predicate, Trigger, Until};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHead {
    pub(super) id: Spanned<String>,
    pub(super) version: Spanned<String>,
    pub(super) valid_from: Spanned<Datetime>,
    pub(super) extends: Option<Spanned<String>>,
    pub(super) title: Spanned<Words>,
    pub(super) lenient: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHours {
    pub(super) days: Spanned<String>,
    pub(super) opens: Spanned<Datetime>,
    pub(super) closes: Spanned<Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDay {
    pub(super) date: Spanned<Datetime>,
    #[serde(default)]
    pub(super) owners: Vec<Spanned<Owner>>,
    #[serde(default)]
    pub(super) closed: bool,
    pub(super) opens: Option<Spanned<Datetime>>,
    pub(super) closes: Option<Spanned<Datetime>>,
    pub(super) source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRemoval {
    pub(super) id: Spanned<String>,
    pub(super) source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<Words>,
    pub(super) source: Spanned<String>,
    pub(super) owner: Spanned<Owners>,
    pub(super) trigger: Spanned<Trigger>,
    #[serde(default)]
    pub(super) when: Vec<Spanned<Condition>>,
    pub(super) proof: Spanned<Predicate>,
    /// A line that is shown has none.
    pub(super) clock: Option<Spanned<RawClock>>,
    pub(super) until: Until,
    #[serde(default)]
    pub(super) ladder: Vec<Spanned<RawRung>>,
    #[serde(default)]
    pub(super) acknowledgement_postpones_hours: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrack {
    pub(super) track: Spanned<String>,
    pub(super) title: Spanned<Words>,
    pub(super) source: Spanned<String>,
    #[serde(default)]
    pub(super) reasons: Vec<Spanned<RawReason>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReason {
    pub(super) words: Spanned<Words>,
    #[serde(default)]
    pub(super) answers: Vec<FormAnswer>,
    #[serde(default)]
    pub(super) without: Vec<FormAnswer>,
    #[serde(default)]
    pub(super) interventions: Vec<Intervention>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDrift {
    pub(super) later_times: Option<u32>,
    pub(super) within_hours: Option<u32>,
    pub(super) source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRung {
    pub(super) step: StepKind,
    pub(super) before_due_hours: Option<u32>,
    pub(super) after_hours: Option<u32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClockEvent {
    Discharge,
    FollowUp,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClockFields {
    pub(super) hours: Option<u32>,
    #[serde(default)]
    pub(super) or_next_weekday: bool,
    pub(super) lenient: Option<bool>,
    pub(super) calendar_days: Option<u32>,
    #[serde(default)]
    pub(super) same_day: bool,
    pub(super) event: Option<ClockEvent>,
}

/// `"none"` or a table.
pub(super) enum RawClock {
    None,
    Fields(RawClockFields),
}

impl<'de> Deserialize<'de> for RawClock {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = RawClock;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"none\" or a table such as { hours = 24 }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RawClock, E> {
                if text == "none" {
                    Ok(RawClock::None)
                } else {
                    Err(E::invalid_value(de::Unexpected::Str(text), &self))
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawClock, A::Error> {
                RawClockFields::deserialize(MapAccessDeserializer::new(map)).map(RawClock::Fields)
            }
        }
        from.deserialize_any(Either)
    }
}

/// One owner or a list of them.
pub(super) struct Owners(pub(super) Vec<Owner>);

impl<'de> Deserialize<'de> for Owners {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Owners;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an owner or a list of owners")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Owners, E> {
                Owner::deserialize(de::value::StrDeserializer::new(text)).map(|o| Owners(vec![o]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Owners, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Owners)
            }
        }
        from.deserialize_any(Either)
    }
}

/// The sections of a file as they were written.
#[derive(Default)]
pub(super) struct RawFile {
    pub(super) head: Option<RawHead>,
    pub(super) hours: Vec<(Spanned<Owner>, Vec<Spanned<RawHours>>)>,
    pub(super) days: Vec<Spanned<RawDay>>,
    pub(super) removals: Vec<Spanned<RawRemoval>>,
    pub(super) rules: Vec<Spanned<RawRule>>,
    pub(super) shown: Vec<Spanned<RawRule>>,
    pub(super) tracks: Vec<Spanned<RawTrack>>,
    pub(super) drift: Option<Spanned<RawDrift>>,
}

/// A date without a time.
pub(super) fn date(written: &Datetime) -> Option<NaiveDate> {
    match (written.date, written.time, written.offset) {
        (Some(date), None, None) => {
            NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
        }
        _ => None,
    }
}

/// A time of day without a date.
pub(in crate::domain) fn time(written: &Datetime) -> Option<NaiveTime> {
    match (written.date, written.time, written.offset) {
        (None, Some(time), None) => NaiveTime::from_hms_opt(
            time.hour.into(),
            time.minute.into(),
            time.second.unwrap_or(0).into(),
        ),
        _ => None,
    }
}
