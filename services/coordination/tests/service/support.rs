//! The running service, and `admissions` reduced to its outbox.

use chassis::clock::Anchor;
use chassis::config::{Common, Nats, Secret, Settings};
use chassis::{Clock, Process, Program, Readiness, Tasks, Trace, new_id};
use chrono::{DateTime, Utc};
use contracts::case::{Consent, ConsentAnswer, Need};
use contracts::commands::{Actor, Command, ImportUnits, Refusal, ShowAssignment};
use contracts::{Assignment, Case, CaseId, CaseRef, CommandId, EntryId, HsaId, Party, Stamp, Unit};
use coordination::Coordination;
use messaging::{Bus, CallError, Caller, Outgoing, outbox};
use sqlx::migrate::Migrator;
use test_support::{Broker, SOON, TestDatabase, eventually};
use uuid::Uuid;

pub(crate) const CASE: CaseId = CaseId(Uuid::from_u128(0xca5e));
pub(crate) const WARD: &str = "AVD1";
pub(crate) const CENTRE: &str = "VC01";
pub(crate) const SOCIAL: &str = "SOC1";
pub(crate) const STRANGER: &str = "VC99";

const NOW: &str = "2026-11-24T08:00:00Z";

pub(crate) struct World {
    pub(crate) caller: Caller,
    pub(crate) database: TestDatabase,
    admissions: Bus,
    case: Case,
    _admissions: TestDatabase,
    _folder: tempfile::TempDir,
    _broker: Broker,
}

impl World {
    /// The service runs and has routed one case to a care centre and to social services.
    pub(crate) async fn start() -> Self {
        let (broker, database) = (Broker::start().await, TestDatabase::create(&[]).await);
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        let anchor =
            Anchor { domain: NOW.parse().unwrap(), real: chassis::real_now(), factor: 0.0 };
        anchor.write(&clock).unwrap();
        let service = coordination::app::Own::default();
        let settings = Settings { common: common(&broker, &database), service };
        Coordination::provision(settings.clone()).await.unwrap();
        let process = Process { clock: Clock::file(&clock).unwrap(), ..process() };
        Coordination::start(settings, process).await.unwrap();
        let (admissions_database, admissions) = admissions(&broker).await;
        let world = Self {
            caller: Caller::new(broker.client().await),
            database,
            admissions,
            case: case(),
            _admissions: admissions_database,
            _folder: folder,
            _broker: broker,
        };
        world.import().await;
        world.say(&world.case).await;
        world.is(|assignment| assignment.current_routes().count() == 2).await;
        world
    }

    async fn import(&self) {
        let units =
            [(CENTRE, Party::OpenCare), (SOCIAL, Party::SocialServices)].map(|(id, party)| {
                let municipality = "2080".parse().unwrap();
                let serves = if party.is_municipal() { vec![municipality] } else { vec![] };
                let (unit, name) = (hsa(id), id.to_owned());
                Unit { unit, party, name, municipality: None, serves, active: true }
            });
        let import = ImportUnits { units: units.into() };
        eventually("the service answers", SOON, async || {
            self.caller.call(&import, CommandId(new_id()), &actor(WARD)).await
        })
        .await;
    }

    /// `admissions` says how a case is.
    pub(crate) async fn say(&self, case: &Case) {
        let mut tx = self.admissions.pool().begin().await.unwrap();
        let snapshot = Outgoing::new(case, "case_changed", true, Trace::start()).unwrap();
        outbox::put(&mut tx, vec![snapshot], now()).await.unwrap();
        tx.commit().await.unwrap();
        self.admissions.wake();
    }

    /// The patient consents to the sharing of information, and the service has heard of it.
    pub(crate) async fn consents(&self) {
        let mut case = self.case.clone();
        case.consents.push(Consent::new(stamp(3), ConsentAnswer::Given));
        self.say(&case).await;
        eventually("the consent is known", SOON, async || {
            let known: bool = sqlx::query_scalar(
                "select json_array_length(snapshot -> 'consents') = 1 from known_case",
            )
            .fetch_one(&self.database.pool)
            .await
            .unwrap();
            if known { Ok(()) } else { Err("not yet") }
        })
        .await;
    }

    /// Somebody of a unit does or asks something.
    pub(crate) async fn act<C: Command>(
        &self,
        unit: &str,
        command: &C,
    ) -> Result<C::Answer, Refusal> {
        match self.caller.call(command, CommandId(new_id()), &actor(unit)).await {
            Ok(answer) => Ok(answer),
            Err(CallError::Refused(refusal)) => Err(refusal),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn assignment(&self) -> Assignment {
        self.caller.ask(&ShowAssignment { case: CASE }).await.unwrap()
    }

    /// Waits until the assignment satisfies a condition.
    pub(crate) async fn is(&self, so: impl Fn(&Assignment) -> bool) {
        eventually("the assignment is as expected", SOON, async || {
            match self.caller.ask(&ShowAssignment { case: CASE }).await {
                Ok(assignment) if so(&assignment) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }

    /// Whatever the service has ever published and stored as an answer.
    pub(crate) async fn everything_said(&self) -> String {
        let pool = &self.database.pool;
        let said: Vec<String> =
            sqlx::query_scalar("select data from messaging.outbox").fetch_all(pool).await.unwrap();
        let answers: Vec<Option<String>> =
            sqlx::query_scalar("select answer from messaging.command")
                .fetch_all(pool)
                .await
                .unwrap();
        said.into_iter().chain(answers.into_iter().flatten()).collect()
    }

    /// Who has read what, oldest first.
    pub(crate) async fn readings(&self) -> Vec<(String, String)> {
        sqlx::query_as("select what, unit from messaging.access order by id")
            .fetch_all(&self.database.pool)
            .await
            .unwrap()
    }
}

fn case() -> Case {
    let case = Case::new(CASE, CaseRef::from_random(7), hsa("SJUKHUS"), stamp(1));
    Case {
        ward: Some(hsa(WARD)),
        municipality: Some("2080".parse().unwrap()),
        listed_care_centre: Some(hsa(CENTRE)),
        needs: vec![Need {
            stamp: stamp(2),
            parties: [Party::OpenCare, Party::SocialServices].into(),
            frequent_patient: false,
            withdrawn: None,
        }],
        ..case
    }
}

async fn admissions(broker: &Broker) -> (TestDatabase, Bus) {
    let database = TestDatabase::create(&[&messaging::migrator()]).await;
    let common = common(broker, &database);
    let bus =
        Bus::connect(&common, "admissions", "0.1.0", &Migrator::DEFAULT, &process()).await.unwrap();
    bus.start_relay();
    (database, bus)
}

fn process() -> Process {
    Process { clock: Clock::system(), tasks: Tasks::default(), readiness: Readiness::default() }
}

fn common(broker: &Broker, database: &TestDatabase) -> Common {
    let mut common = Common::default();
    common.database.url = Secret::new(&database.url);
    common.nats = Nats { url: Secret::new(broker.url()), credentials: None };
    common
}

fn actor(unit: &str) -> Actor {
    Actor { staff: "SE2321000180-ANNA".parse().unwrap(), unit: hsa(unit) }
}

fn hsa(name: &str) -> HsaId {
    format!("SE2321000180-{name}").parse().unwrap()
}

pub(crate) fn stamp(n: u128) -> Stamp {
    Stamp::now(EntryId(Uuid::from_u128(n)), now(), None)
}

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}
