//! Staff: of half of the cases somebody names the care contact or the lead officer, early, late, and
//! most often just when the time runs out. What was answered is remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::commands::{Actor, AppointCareContact, AppointLeadOfficer, Done, ListCases};
use contracts::{Case, CaseId, CommandId};
use messaging::{CallError, Caller};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::region;
use crate::world::clock::DomainClock;

const LOOK: Duration = Duration::from_millis(50);
/// How often staff look for new cases.
const NEWS: Duration = Duration::from_millis(500);
const TRIES: usize = 8;

/// Which duty is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    CareContact,
    LeadOfficer,
}

/// What became of a deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Done,
    Refused(String),
    Unknown,
}

/// The record: what was tried to be done, and what was answered.
pub(crate) type Deeds = BTreeMap<(CaseId, Deed), Said>;

/// Staff who act until they are told to stop.
pub(crate) struct Staff {
    stop: CancellationToken,
    running: JoinHandle<()>,
    deeds: Arc<Mutex<Deeds>>,
}

impl Staff {
    pub(crate) fn at_work(caller: Caller, clock: DomainClock, seed: u64) -> Self {
        let (stop, deeds) = (CancellationToken::new(), Arc::default());
        let work = Work {
            caller,
            clock,
            dice: fastrand::Rng::with_seed(seed ^ 0x5354_4146),
            known: BTreeSet::new(),
            plans: BTreeSet::new(),
            deeds: Arc::clone(&deeds),
        };
        Self { running: tokio::spawn(work.go_on(stop.clone())), stop, deeds }
    }

    /// Ends what is planned, and gives the record.
    pub(crate) async fn go_home(self) -> anyhow::Result<Deeds> {
        self.stop.cancel();
        self.running.await?;
        Ok(std::mem::take(&mut *self.deeds.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

struct Work {
    caller: Caller,
    clock: DomainClock,
    dice: fastrand::Rng,
    known: BTreeSet<CaseId>,
    plans: BTreeSet<(DateTime<Utc>, CaseId, Deed, &'static str)>,
    deeds: Arc<Mutex<Deeds>>,
}

impl Work {
    async fn go_on(mut self, stop: CancellationToken) {
        let (mut doing, mut looked) = (JoinSet::new(), tokio::time::Instant::now());
        while !stop.is_cancelled() {
            if looked.elapsed() > NEWS {
                looked = tokio::time::Instant::now();
                self.look().await;
            }
            let now = self.clock.now();
            while self.plans.first().is_some_and(|(at, ..)| *at <= now) {
                let Some((_, case, deed, municipality)) = self.plans.pop_first() else { break };
                let (caller, deeds) = (self.caller.clone(), Arc::clone(&self.deeds));
                doing.spawn(async move {
                    let said = act(&caller, case, deed, municipality).await;
                    let mut deeds = deeds.lock().unwrap_or_else(PoisonError::into_inner);
                    deeds.insert((case, deed), said);
                });
            }
            while doing.try_join_next().is_some() {}
            tokio::time::sleep(LOOK.min(NEWS)).await;
        }
        while doing.join_next().await.is_some() {}
    }

    /// Looks for new cases and decides what is to be done in them.
    async fn look(&mut self) {
        let newest = ListCases { with_need: true, limit: Some(60), ..ListCases::default() };
        let Ok(cases) = self.caller.ask(&newest).await else { return };
        for case in cases {
            let municipality = region::MUNICIPALITIES
                .into_iter()
                .find(|code| case.municipality.as_ref().is_some_and(|own| own.as_str() == *code));
            let Some(municipality) = municipality.filter(|_| self.known.insert(case.case_id))
            else {
                continue;
            };
            for deed in [Deed::CareContact, Deed::LeadOfficer] {
                if self.dice.bool() {
                    let at = self.moment(&case);
                    self.plans.insert((at, case.case_id, deed, municipality));
                }
            }
        }
    }

    /// Most often within minutes of the moment at which the time runs out.
    fn moment(&mut self, case: &Case) -> DateTime<Utc> {
        let received = case.admitted.recorded_at;
        match self.dice.u8(..10) {
            0..6 => received + TimeDelta::hours(24) + TimeDelta::minutes(self.dice.i64(-15..15)),
            6..8 => received + TimeDelta::minutes(self.dice.i64(10..1_400)),
            _ => received + TimeDelta::minutes(self.dice.i64(1_450..2_400)),
        }
    }
}

/// Does it, and asks again under the same id when there is no answer.
async fn act(caller: &Caller, case: CaseId, deed: Deed, municipality: &str) -> Said {
    let Ok(staff) = region::STAFF.parse() else { return Said::Unknown };
    let unit = match deed {
        Deed::CareContact => region::care_centre(municipality),
        Deed::LeadOfficer => region::social_services(municipality),
    };
    let Ok(unit) = region::id(&unit) else { return Said::Unknown };
    let actor = Actor { staff, unit };
    let id = CommandId(chassis::new_id());
    for _ in 0..TRIES {
        let staff = actor.staff.clone();
        let (replaces, occurred_at) = (None, None);
        let answer: Result<Done, CallError> = match deed {
            Deed::CareContact => {
                let appoint = AppointCareContact { case, staff, replaces, occurred_at };
                caller.call(&appoint, id, &actor).await
            }
            Deed::LeadOfficer => {
                let appoint = AppointLeadOfficer { case, staff, replaces, occurred_at };
                caller.call(&appoint, id, &actor).await
            }
        };
        match answer {
            Ok(_) => return Said::Done,
            Err(CallError::Refused(refusal)) => return Said::Refused(refusal.code),
            Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
    Said::Unknown
}
