//! Checks one line: who can owe it, what can prove it, its clock and its ladder.

use std::collections::BTreeSet;

use contracts::Owner;
use contracts::ledger::StepKind;
use toml::Spanned;

use super::{Checker, Line};
use crate::domain::calendar::Reading;
use crate::domain::rulebook::raw::{ClockEvent, RawClock, RawClockFields, RawRule, RawRung};
use crate::domain::rulebook::{Clock, Predicate, Rule, RulebookFault, Rung, Trigger, Until};

/// No clock and no spacing of a rulebook is longer than a year.
const LONGEST_HOURS: u32 = 366 * 24;

impl Checker<'_, '_> {
    /// `shown`: it stands in a section `[[shown]]`.
    pub(super) fn line(&mut self, line: &Spanned<RawRule>, shown: bool) -> Option<Line> {
        let rule = line.get_ref();
        self.id(&rule.id, "the rule's id");
        self.words(&rule.title, "the title");
        self.filled(&rule.source, "source");
        self.codes(rule);
        self.owners(rule);
        let clock = match (&rule.clock, shown) {
            (Some(clock), false) => self.clock(clock, rule.trigger.get_ref()),
            (None, true) => Some((Clock::None, None)),
            (Some(clock), true) => {
                self.fault(&clock.span(), "what is shown has no clock");
                None
            }
            (None, false) => {
                self.fault(&line.span(), "missing field `clock`");
                None
            }
        };
        let ladder = self.ladder(&rule.ladder, clock.map(|(clock, _)| clock));
        let postpones = rule.acknowledgement_postpones_hours.as_ref();
        if let Some(hours) = postpones.filter(|hours| *hours.get_ref() > LONGEST_HOURS) {
            self.fault(&hours.span(), "longer than a year");
        }
        let (clock, lenient) = clock?;
        Some(Line {
            rule: Rule {
                id: rule.id.get_ref().clone(),
                title: rule.title.get_ref().clone(),
                source: rule.source.get_ref().clone(),
                owners: rule.owner.get_ref().0.clone(),
                trigger: rule.trigger.get_ref().clone(),
                conditions: rule.when.iter().map(|when| when.get_ref().clone()).collect(),
                proof: rule.proof.get_ref().clone(),
                shown,
                clock,
                until: rule.until,
                ladder,
                acknowledgement_postpones_hours: postpones.map_or(0, |hours| *hours.get_ref()),
            },
            lenient,
            file: self.place.name.to_owned(),
            at: self.place.line(&rule.id.span()),
        })
    }

    pub(super) fn twice(&mut self, lines: &[Line]) {
        let mut seen = BTreeSet::new();
        for line in lines.iter().filter(|line| !seen.insert(line.rule.id.as_str())) {
            self.faults.push(RulebookFault {
                file: line.file.clone(),
                line: line.at,
                reason: format!("a second rule with the id {}", line.rule.id),
            });
        }
    }

    /// Codes that are misspelt decode as unknown.
    fn codes(&mut self, rule: &RawRule) {
        if rule.trigger.get_ref().is_unknown() {
            self.fault(&rule.trigger.span(), "a trigger by track names a track");
        }
        for when in rule.when.iter().filter(|when| when.get_ref().is_unknown()) {
            self.fault(&when.span(), "a condition names nothing, or a code that is not known");
        }
        if rule.proof.get_ref().is_unknown() {
            self.fault(&rule.proof.span(), "a proof names nothing, or a code that is not known");
        }
        if *rule.trigger.get_ref() == Trigger::Discharge && rule.until == Until::Discharge {
            self.fault(&rule.trigger.span(), "what a discharge starts is owed until closing");
        }
    }

    fn owners(&mut self, rule: &RawRule) {
        let (span, owners) = (rule.owner.span(), &rule.owner.get_ref().0);
        let (trigger, proof) = (rule.trigger.get_ref(), rule.proof.get_ref());
        if owners.is_empty() {
            self.fault(&span, "nobody owes this");
        }
        for (at, owner) in owners.iter().enumerate() {
            self.owner(*owner, &span);
            if owners.iter().take(at).any(|earlier| earlier == owner) {
                self.fault(&span, format!("{} is named twice", owner.as_str()));
            }
            let known = *owner != Owner::Unknown;
            if known && !can_owe(*owner, trigger) {
                let owner = owner.as_str();
                self.fault(&span, format!("{owner} cannot owe a duty with this trigger"));
            } else if known && !can_prove(*owner, trigger, proof) {
                let owner = owner.as_str();
                let reason = format!("this cannot prove a duty of {owner} with this trigger");
                self.fault(&rule.proof.span(), reason);
            }
        }
    }

    fn clock(
        &mut self,
        clock: &Spanned<RawClock>,
        trigger: &Trigger,
    ) -> Option<(Clock, Option<bool>)> {
        let span = clock.span();
        let RawClock::Fields(fields) = clock.get_ref() else {
            return Some((Clock::None, None));
        };
        let given = (fields.hours, fields.calendar_days, fields.same_day, fields.event);
        let clock = match given {
            (Some(hours), None, false, None) => hours_clock(hours, fields),
            (None, Some(days), false, None) => Clock::CalendarDays { days },
            (None, None, true, None) => Clock::SameDay,
            (None, None, false, Some(ClockEvent::Discharge)) => Clock::AtDischarge,
            (None, None, false, Some(ClockEvent::FollowUp)) => Clock::OnDay,
            _ => {
                let one = "a clock has one of hours, calendar_days, same_day and event";
                self.fault(&span, one);
                return None;
            }
        };
        if clock == Clock::OnDay && *trigger != Trigger::FollowUpDay {
            self.fault(&span, "only the trigger follow_up_day names the day of a follow-up");
        }
        if clock == Clock::AtDischarge && *trigger == Trigger::Discharge {
            self.fault(&span, "what a discharge starts is not due at it");
        }
        let relief = matches!(clock, Clock::HoursOrNextWeekday { .. });
        if fields.or_next_weekday && !relief {
            self.fault(&span, "or_next_weekday goes with hours only");
        }
        if fields.lenient.is_some() && !relief {
            self.fault(&span, "lenient goes with or_next_weekday = true only");
        }
        let hours = fields.hours.or(fields.calendar_days.map(|days| days.saturating_mul(24)));
        if hours.is_some_and(|hours| hours == 0 || hours > LONGEST_HOURS) {
            self.fault(&span, "a clock runs for at least an hour and at most a year");
        }
        Some((clock, fields.lenient))
    }

    fn ladder(&mut self, ladder: &[Spanned<RawRung>], clock: Option<Clock>) -> Vec<Rung> {
        if let (Some(first), Some(Clock::None)) = (ladder.first(), clock) {
            self.fault(&first.span(), "a duty without a clock has no ladder");
        }
        let event = clock.map(|clock| clock == Clock::AtDischarge);
        let mut rungs: Vec<Rung> = Vec::new();
        for raw in ladder {
            let rung = match checked_rung(raw.get_ref(), event) {
                Ok(rung) => rung,
                Err(reason) => {
                    self.fault(&raw.span(), reason);
                    continue;
                }
            };
            if rungs.last().is_some_and(|before| before.kind() >= rung.kind()) {
                let order = "reminders, unit, manager, principal";
                self.fault(&raw.span(), format!("steps come once each, in the order {order}"));
            }
            rungs.push(rung);
        }
        rungs
    }
}

fn hours_clock(hours: u32, fields: &RawClockFields) -> Clock {
    if fields.or_next_weekday {
        let reading = Reading::default();
        Clock::HoursOrNextWeekday { hours, reading }
    } else {
        Clock::Hours { hours }
    }
}

/// `event`: whether the duty is due at an event; `None` when its clock could not be read.
fn checked_rung(raw: &RawRung, event: Option<bool>) -> Result<Rung, &'static str> {
    if raw.before_due_hours.max(raw.after_hours) > Some(LONGEST_HOURS) {
        return Err("longer than a year");
    }
    let rung = match (raw.step, raw.before_due_hours, raw.after_hours) {
        (StepKind::Reminder, Some(before_due_hours), None) => Rung::Reminder { before_due_hours },
        (StepKind::Reminder, ..) => return Err("a reminder has before_due_hours"),
        (StepKind::ReminderAtReady, None, None) => Rung::ReminderAtReady,
        (StepKind::ReminderAtEstimate, None, None) => Rung::ReminderAtEstimate,
        (StepKind::Unit, None, None) => Rung::Unit,
        (StepKind::Manager, None, Some(after_hours)) => Rung::Manager { after_hours },
        (StepKind::Principal, None, Some(after_hours)) => Rung::Principal { after_hours },
        (StepKind::Manager | StepKind::Principal, ..) => return Err("this step has after_hours"),
        (StepKind::Unknown, ..) => {
            return Err("unknown step, expected reminder, reminder_at_ready, \
                        reminder_at_estimate, unit, manager or principal");
        }
        _ => return Err("this step takes no hours"),
    };
    match (rung, event) {
        (Rung::Reminder { .. }, Some(true)) => Err("hours before an event cannot be known"),
        (Rung::ReminderAtReady | Rung::ReminderAtEstimate, Some(false)) => {
            Err("this reminder is for duties that are due at the discharge")
        }
        _ => Ok(rung),
    }
}

fn can_owe(owner: Owner, trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Admission | Trigger::Need => owner == Owner::Ward,
        Trigger::Reception => owner != Owner::Ward,
        _ => true,
    }
}

fn can_prove(owner: Owner, trigger: &Trigger, proof: &Predicate) -> bool {
    let of_ward = owner == Owner::Ward;
    match proof {
        Predicate::NeedJudged => *trigger == Trigger::Admission,
        Predicate::NoticeComplete => *trigger == Trigger::Need,
        Predicate::CareContact | Predicate::CareContactNamed => owner == Owner::OpenCare,
        Predicate::LeadOfficer => !matches!(owner, Owner::Ward | Owner::OpenCare),
        Predicate::SupportReport => !of_ward,
        Predicate::SipCalled => *trigger != Trigger::Admission,
        Predicate::Checks(_) | Predicate::DischargeNotice => of_ward,
        Predicate::TrackChanged => of_ward && *trigger == Trigger::TrackChangeApproved,
        Predicate::TrackAnswered => *trigger == Trigger::TrackChange,
        Predicate::PlanFollowedUp | Predicate::FollowUpAttended => *trigger == Trigger::FollowUpDay,
        Predicate::Registration => owner == Owner::OpenCare && *trigger == Trigger::SipHeld,
        _ => true,
    }
}
