//! Puts files on their bases.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::Owner;

use super::check::{Line, RuleFile};
use super::{Clock, Condition, Rulebook, RulebookFault, TrackCriteria};
use crate::domain::calendar::{Calendar, Reading, end_of_day};

const OWNERS: [Owner; 5] = [
    Owner::Ward,
    Owner::OpenCare,
    Owner::MunicipalHealthCare,
    Owner::SocialServices,
    Owner::Municipality,
];

pub(super) fn resolve(files: &[RuleFile], faults: &mut Vec<RulebookFault>) -> Vec<Rulebook> {
    twice(files, faults);
    files
        .iter()
        .filter_map(|file| {
            let base = match &file.extends {
                None => None,
                Some((id, line)) => match base(files, file, id) {
                    Ok(base) => Some(base),
                    Err(reason) => {
                        faults.push(fault(file, *line, reason));
                        return None;
                    }
                },
            };
            Some(book(file, base, faults))
        })
        .collect()
}

/// Each is in force until a newer version is: of two that take effect on the same day the one that was
/// valid later.
pub(super) fn until_the_next(mut books: Vec<Rulebook>) -> Vec<Rulebook> {
    let age = |book: &Rulebook| (book.effective_from, book.valid_from);
    let ends: Vec<_> = books
        .iter()
        .map(|book| {
            let newer = |other: &&Rulebook| other.id == book.id && age(book) < age(other);
            books.iter().filter(newer).map(|newer| newer.effective_at).min()
        })
        .collect();
    for (book, end) in books.iter_mut().zip(ends) {
        book.effective_until = end;
    }
    books
}

fn fault(file: &RuleFile, line: usize, reason: String) -> RulebookFault {
    RulebookFault { file: file.name.clone(), line, reason }
}

fn twice(files: &[RuleFile], faults: &mut Vec<RulebookFault>) {
    for (at, file) in files.iter().enumerate() {
        for earlier in files.iter().take(at).filter(|other| other.id == file.id) {
            let reason = if earlier.version == file.version {
                format!("{} {} stands in {} too", file.id, file.version, earlier.name)
            } else if earlier.valid_from == file.valid_from {
                format!("{} is valid from the same day", earlier.name)
            } else {
                continue;
            };
            faults.push(fault(file, file.head_line, reason));
        }
    }
}

/// The newest version of the base that was in effect when `file` took effect.
fn base<'a>(files: &'a [RuleFile], file: &RuleFile, id: &str) -> Result<&'a RuleFile, String> {
    let base = files
        .iter()
        .filter(|other| other.id == id && other.effective_from <= file.effective_from)
        .max_by_key(|other| (other.effective_from, other.valid_from))
        .ok_or_else(|| format!("no rulebook {id} is valid on {}", file.valid_from))?;
    if base.extends.is_some() {
        return Err(format!("{id} stands on a base itself; only one level is read"));
    }
    Ok(base)
}

fn book(file: &RuleFile, base: Option<&RuleFile>, faults: &mut Vec<RulebookFault>) -> Rulebook {
    let lenient = file.lenient.or(base.and_then(|base| base.lenient));
    let calendars = calendars(file, base);
    let lines = lines(file, base, faults);
    for line in lines.values() {
        if !has_hours(line, &calendars) {
            let reason = "or_next_weekday needs the owner's office hours on a weekday".to_owned();
            let (file, line) = (line.file.clone(), line.at);
            let fault = RulebookFault { file, line, reason };
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    let tracks = tracks(file, base);
    for line in lines.values() {
        if let Some(track) = undeclared(line, &tracks) {
            let reason = format!("there is no track {track}: a [[track]] declares it");
            let fault = RulebookFault { file: line.file.clone(), line: line.at, reason };
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    let rules = lines.into_values().map(|line| {
        let mut rule = line.rule;
        if let Clock::HoursOrNextWeekday { reading, .. } = &mut rule.clock
            && line.lenient.or(lenient) == Some(true)
        {
            *reading = Reading::Lenient;
        }
        rule
    });
    Rulebook {
        id: file.id.clone(),
        version: file.version.clone(),
        valid_from: file.valid_from,
        effective_from: file.effective_from,
        effective_until: None,
        effective_at: file.effective_from.pred_opt().map_or(DateTime::<Utc>::MIN_UTC, end_of_day),
        title: file.title.clone(),
        rules: rules.collect(),
        tracks,
        drift: file.drift.or(base.and_then(|base| base.drift)),
        name: format!("{} {}", file.id, file.version),
        calendars,
    }
}

/// The file's own, and those of its base that it does not say anew.
fn tracks(file: &RuleFile, base: Option<&RuleFile>) -> Vec<TrackCriteria> {
    let said = |track: &&TrackCriteria| file.tracks.iter().any(|own| own.track == track.track);
    let of_base = base.into_iter().flat_map(|base| &base.tracks).filter(|track| !said(track));
    file.tracks.iter().chain(of_base).cloned().collect()
}

fn undeclared<'a>(line: &'a Line, tracks: &[TrackCriteria]) -> Option<&'a contracts::Track> {
    let conditions = line.rule.conditions.iter().flat_map(Condition::tracks);
    let mut named = line.rule.trigger.tracks().iter().chain(conditions);
    named.find(|name| !tracks.iter().any(|track| track.track == **name))
}

fn lines(
    file: &RuleFile,
    base: Option<&RuleFile>,
    faults: &mut Vec<RulebookFault>,
) -> BTreeMap<String, Line> {
    let keyed = |line: &Line| (line.rule.id.clone(), line.clone());
    let mut lines: BTreeMap<String, Line> =
        base.into_iter().flat_map(|base| base.lines.iter().map(keyed)).collect();
    for (id, line) in &file.removals {
        if lines.remove(id).is_none() {
            faults.push(fault(file, *line, format!("the base has no rule {id}")));
        }
    }
    lines.extend(file.lines.iter().map(keyed));
    lines
}

/// The municipality's two parties keep its hours unless they have their own.
fn calendars(file: &RuleFile, base: Option<&RuleFile>) -> BTreeMap<Owner, Calendar> {
    let hours = |owner: Owner| {
        let of = |file: &RuleFile| {
            let named = file.hours.iter().find(|(named, _)| *named == owner);
            named.map(|(_, hours)| hours.clone())
        };
        of(file).or_else(|| base.and_then(of))
    };
    OWNERS
        .into_iter()
        .map(|owner| {
            let shared = || is_municipal(owner).then(|| hours(Owner::Municipality)).flatten();
            let days = base.into_iter().chain([file]).flat_map(|file| &file.days);
            let exceptions = days
                .filter(|day| {
                    day.owners.is_empty()
                        || day.owners.contains(&owner)
                        || (is_municipal(owner) && day.owners.contains(&Owner::Municipality))
                })
                .map(|day| (day.date, day.exception));
            let calendar = Calendar {
                hours: hours(owner).or_else(shared).unwrap_or_default(),
                exceptions: exceptions.collect(),
            };
            (owner, calendar)
        })
        .collect()
}

fn is_municipal(owner: Owner) -> bool {
    matches!(owner, Owner::MunicipalHealthCare | Owner::SocialServices)
}

/// "The next weekday" ends with office hours, so there must be some.
fn has_hours(line: &Line, calendars: &BTreeMap<Owner, Calendar>) -> bool {
    use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
    let weekdays = chrono::WeekdaySet::from_array([Mon, Tue, Wed, Thu, Fri]);
    let opens = |owner: &Owner| {
        let hours = calendars.get(owner).map(|calendar| calendar.hours.as_slice());
        hours.unwrap_or_default().iter().any(|(days, _)| !days.intersection(weekdays).is_empty())
    };
    !matches!(line.rule.clock, Clock::HoursOrNextWeekday { .. })
        || line.rule.owners.iter().all(opens)
}
