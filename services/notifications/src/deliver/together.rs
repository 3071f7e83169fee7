//! What goes together: the alerts of a digest are one mail.

use super::{Job, Part};
use crate::domain::delivery::Provider;
use crate::store::due::Coming;

/// Alerts that one mail tells: what is more comes with the next one. A mail that is longer is not read.
const MOST: usize = 100;

/// Messages of deliveries, of which those of one recipient's digest stand beside each other.
pub(super) fn together(parts: Vec<Part>) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::with_capacity(parts.len());
    for part in parts {
        match jobs.last_mut().filter(|job| job.takes(&part)) {
            Some(job) => job.parts.push(part),
            None => jobs.push(Job { parts: vec![part] }),
        }
    }
    jobs
}

impl Job {
    /// A repeat says that it may have come, and first mails do not: they are never mixed.
    fn takes(&self, part: &Part) -> bool {
        let is_alike = |last: &Part| {
            let (last, due) = (&last.due, &part.due);
            (last.coming, due.coming) == (Coming::InDigest, Coming::InDigest)
                && (last.contact_point, last.repeat) == (due.contact_point, due.repeat)
        };
        self.parts.len() < MOST && self.parts.last().is_some_and(is_alike)
    }

    /// Who is to carry it.
    pub(super) fn provider(&self) -> Option<Provider> {
        self.parts.first().map(|part| part.due.provider)
    }
}

#[cfg(test)]
mod tests {
    use chassis::{Trace, new_id, real_now};
    use contracts::commands::Language;
    use contracts::ledger::NewsKind;
    use contracts::{AlertId, CaseId, CaseRef, ContactPointId, EntryId};

    use super::Coming::{Alone, InDigest};
    use super::*;
    use crate::deliver::Content;
    use crate::domain::delivery::Channel;
    use crate::domain::telling::{Telling, What};
    use crate::store::alerts::Source;
    use crate::store::due::Due;

    fn part(contact_point: ContactPointId, coming: Coming, repeat: bool) -> Part {
        let due = Due {
            id: new_id(),
            alert: AlertId(new_id()),
            case: CaseId(new_id()),
            cause: EntryId(new_id()),
            source: Source::Ledger,
            contact_point,
            unit: "SE2321000180-VC01".parse().unwrap(),
            channel: Channel::Email,
            provider: Provider::Smtp,
            attempts: 0,
            repeat,
            coming,
            acknowledged: false,
            in_use: true,
            email: None,
            phone: None,
            language: Language::Sv,
            trace: Trace::continue_from(None),
            raised_at: real_now(),
        };
        let what = What::News(NewsKind::NoticeCame);
        let telling = Telling { case: CaseRef::from_random(7), what, duties: Vec::new() };
        Part { due, content: Content::Telling(telling) }
    }

    fn sizes(parts: Vec<Part>) -> Vec<usize> {
        together(parts).iter().map(|job| job.parts.len()).collect()
    }

    #[test]
    fn what_is_in_one_recipients_digest_is_one_mail_and_repeats_are_another() {
        let (one, other) = (ContactPointId(new_id()), ContactPointId(new_id()));
        let parts = vec![
            part(one, InDigest, false),
            part(one, InDigest, false),
            part(one, InDigest, true),
            part(other, InDigest, true),
            part(other, InDigest, true),
        ];
        assert_eq!(sizes(parts), [2, 1, 2]);
    }

    #[test]
    fn what_is_in_no_digest_goes_alone() {
        let one = ContactPointId(new_id());
        let parts = [InDigest, Alone, Alone, InDigest].map(|coming| part(one, coming, false));
        assert_eq!(sizes(parts.into()), [1, 1, 1, 1]);
    }

    #[test]
    fn a_mail_tells_a_hundred_alerts_at_most() {
        let one = ContactPointId(new_id());
        assert_eq!(sizes((0..250).map(|_| part(one, InDigest, false)).collect()), [100, 100, 50]);
    }
}
