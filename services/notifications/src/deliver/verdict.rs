//! Whether what is due is still to be sent, and what it says.

use std::collections::{BTreeSet, HashMap};

use chassis::real_now;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::{AlertId, CaseId, Ledger, Sip};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Content;
use crate::domain::causes;
use crate::domain::delivery::State;
use crate::domain::meetings::{self, Cause, Invitation, Method};
use crate::domain::telling::tell;
use crate::store::alerts::Source;
use crate::store::due::{Coming, Due};
use crate::store::ledgers;
use crate::store::meetings::{self as store, Fate, Sent};

/// How long somebody tries to tell news (real time). A step is told as long as it holds.
const NEWS: TimeDelta = TimeDelta::hours(24);
/// And what came as part of a digest has waited for it, a day and the hour of a night in October.
const NEWS_IN_DIGEST: TimeDelta = TimeDelta::hours(24 + 25);
/// How long an invitation waits for its case's ledger, which knows the reference (real time). Where
/// nothing was ever owed there is none, and a meeting without a reference is better than no meeting.
const REFERENCE: TimeDelta = TimeDelta::minutes(10);

pub(super) const UNREADABLE: &str = "unreadable";
pub(super) const NO_LONGER_TRUE: &str = "no_longer_true";

/// What is to become of a delivery that is due.
pub(super) enum Verdict {
    Send(Content),
    /// Something is on its way that it has to wait for.
    Early,
    Moved,
    Over(State, &'static str),
}

/// What is known of the cases of deliveries.
pub(super) struct Known {
    ledgers: HashMap<CaseId, Ledger>,
    plans: HashMap<CaseId, Sip>,
    sent: Sent,
    now: DateTime<Utc>,
}

impl Known {
    pub(super) async fn load(
        tx: &mut PgConnection,
        due: &[Due],
        now: DateTime<Utc>,
    ) -> Result<Self, sqlx::Error> {
        let ledgers = ledgers::load(tx, due.iter().map(|one| one.case)).await?;
        let meeting = due.iter().filter(|one| one.source == Source::Meetings).map(|one| one.case);
        let meeting: BTreeSet<CaseId> = meeting.collect();
        let plans = store::load(tx, meeting.iter().copied()).await?;
        let cases: Vec<Uuid> = meeting.iter().map(|case| case.0).collect();
        let sent = store::sent(tx, &cases).await?;
        Ok(Self { ledgers, plans, sent, now })
    }
}

pub(super) fn judge(due: &Due, known: &Known) -> Verdict {
    let ledger = known.ledgers.get(&due.case);
    if due.source == Source::Meetings {
        return judge_invitation(due, ledger, known);
    }
    let Some(ledger) = ledger else {
        return Verdict::Over(State::Failed, UNREADABLE);
    };
    let news = match due.coming {
        Coming::Alone => NEWS,
        Coming::InDigest => NEWS_IN_DIGEST,
    };
    let cause = causes::find(ledger, due.cause).filter(|cause| cause.holds(&due.unit));
    match cause {
        None => Verdict::Over(State::Withdrawn, NO_LONGER_TRUE),
        Some(_) if due.acknowledged => Verdict::Over(State::Withdrawn, "acknowledged"),
        Some(causes::Cause::News(_)) if due.attempts > 0 && real_now() - due.raised_at > news => {
            Verdict::Over(State::Failed, "too_old")
        }
        Some(_) if !due.in_use => Verdict::Moved,
        Some(_) => Verdict::Send(Content::Telling(tell(ledger, due.cause, &due.unit))),
    }
}

/// A cancellation goes to whoever may have been invited, and to nobody else; what is said of a meeting
/// waits until what was said before has gone or has not.
fn judge_invitation(due: &Due, ledger: Option<&Ledger>, known: &Known) -> Verdict {
    let Some(sip) = known.plans.get(&due.case) else {
        return Verdict::Over(State::Failed, UNREADABLE);
    };
    let found = meetings::find(sip, due.cause).filter(|cause| cause.holds(known.now));
    let Some(Cause { says, requests_before, .. }) = found else {
        return Verdict::Over(State::Withdrawn, NO_LONGER_TRUE);
    };
    if due.acknowledged {
        return Verdict::Over(State::Withdrawn, "acknowledged");
    }
    if !due.in_use {
        return Verdict::Moved;
    }
    let before = requests_before.iter();
    let before = before.map(|cause| AlertId::derive(*cause, due.contact_point).0);
    let fate = known.sent.fate(before);
    match (fate, says.method) {
        (Fate::UnderWay, _) => return Verdict::Early,
        (Fate::Unsent, Method::Cancel) => return Verdict::Over(State::Withdrawn, "never_invited"),
        (Fate::Unsent | Fate::GoneOut, _) => {}
    }
    let case = ledger.map(|ledger| ledger.case_ref);
    if case.is_none() && real_now() - due.raised_at < REFERENCE {
        return Verdict::Early;
    }
    let changes = fate == Fate::GoneOut;
    Verdict::Send(Content::Invitation(Invitation { case, changes, ..says }))
}
