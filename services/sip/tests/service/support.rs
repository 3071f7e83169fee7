//! The running service, and `admissions` reduced to its outbox.

use std::path::Path;

use chassis::clock::Anchor;
use chassis::config::{Common, Nats, Secret, Settings};
use chassis::{Clock, Process, Program, Readiness, Tasks, Trace, new_id};
use chrono::{DateTime, Utc};
use contracts::case::{Consent, ConsentAnswer};
use contracts::commands::{
    Actor, AskSipParticipant, CallSip, Command, Refusal, SetSipMeeting, ShowSip,
};
use contracts::sip::{MeetingForm, ParticipantRole};
use contracts::{Case, CaseId, CaseRef, CommandId, EntryId, HsaId, Party, Revocable, Sip, Stamp};
use messaging::{Answer, Bus, Call, CallError, Caller, CommandError, Outgoing, Serve, outbox};
use sip::SipService;
use sqlx::PgConnection;
use sqlx::migrate::Migrator;
use test_support::{Broker, SOON, TestDatabase, eventually};
use uuid::Uuid;

pub(crate) const CASE: CaseId = CaseId(Uuid::from_u128(0xca5e));
pub(crate) const CARE_CENTRE: &str = "VC01";
pub(crate) const WARD: &str = "AVD1";
pub(crate) const HOME_CARE: &str = "HSV1";
pub(crate) const STRANGER: &str = "VC99";

pub(crate) struct World {
    pub(crate) caller: Caller,
    pub(crate) database: TestDatabase,
    folder: tempfile::TempDir,
    admissions: Admissions,
    _broker: Broker,
}

/// `admissions` reduced to its outbox, with one case.
struct Admissions {
    bus: Bus,
    case: Case,
    _database: TestDatabase,
}

impl World {
    /// The service runs and knows one case, whose patient consents; domain time is held at `now`, in UTC.
    pub(crate) async fn start(now: &str) -> Self {
        let (broker, database) = (Broker::start().await, TestDatabase::create(&[]).await);
        let folder = tempfile::tempdir().unwrap();
        hold(folder.path(), now);
        let settings = Settings { common: common(&broker, &database), service: sip::app::Own {} };
        SipService::provision(settings.clone()).await.unwrap();
        let process = Process {
            clock: Clock::file(&folder.path().join("clock")).unwrap(),
            tasks: Tasks::default(),
            readiness: Readiness::default(),
        };
        SipService::start(settings, process).await.unwrap();
        let admissions = Admissions::start(&broker, at(now)).await;
        let caller = Caller::new(broker.client().await);
        let world = Self { caller, database, folder, admissions, _broker: broker };
        eventually("the case is known", SOON, async || {
            world.caller.ask(&ShowSip { case: CASE }).await
        })
        .await;
        world
    }

    pub(crate) fn set_time(&self, now: &str) {
        hold(self.folder.path(), now);
    }

    /// Somebody of a unit does or asks something.
    pub(crate) async fn act<C: Command>(
        &self,
        unit: &str,
        command: &C,
    ) -> Result<C::Answer, Refusal> {
        self.act_as(unit, CommandId(new_id()), command).await
    }

    /// The same under a certain id.
    pub(crate) async fn act_as<C: Command>(
        &self,
        unit: &str,
        id: CommandId,
        command: &C,
    ) -> Result<C::Answer, Refusal> {
        let actor = Actor { staff: hsa("ANNA").as_str().parse().unwrap(), unit: hsa(unit) };
        match self.caller.call(command, id, &actor).await {
            Ok(answer) => Ok(answer),
            Err(CallError::Refused(refusal)) => Err(refusal),
            Err(error) => panic!("{error}"),
        }
    }

    /// The patient answers anew, and `admissions` says so.
    pub(crate) async fn patient_says(&mut self, answer: ConsentAnswer) {
        self.admissions.case.consents.push(consent(chassis::real_now(), answer));
        self.admissions.say("consent_recorded").await;
    }

    /// `admissions` says that the patient has died.
    pub(crate) async fn patient_dies(&mut self) {
        let now = chassis::real_now();
        self.admissions
            .case
            .deaths
            .push(Revocable { stamp: Stamp::now(EntryId(new_id()), now, None), revoked: None });
        self.admissions.say("death_recorded").await;
    }

    pub(crate) async fn sip(&self) -> Sip {
        self.caller.ask(&ShowSip { case: CASE }).await.unwrap()
    }

    /// Called by the care centre, with a meeting on the ward to which home care and a relative are
    /// asked too.
    pub(crate) async fn meeting_at(&self, starts_at: &str, form: Option<MeetingForm>) {
        let call = CallSip { case: CASE, occurred_at: None };
        self.act(CARE_CENTRE, &call).await.unwrap();
        self.act(CARE_CENTRE, &meeting(starts_at, form)).await.unwrap();
        for (unit, party) in [
            (CARE_CENTRE, Party::OpenCare),
            (WARD, Party::Ward),
            (HOME_CARE, Party::MunicipalHealthCare),
        ] {
            self.act(CARE_CENTRE, &staff_of(unit, party)).await.unwrap();
        }
        let relative = AskSipParticipant {
            role: ParticipantRole::PatientsOwn,
            party: None,
            unit: None,
            who: Some("Tolvan, dotter".parse().unwrap()),
            ..staff_of(WARD, Party::Ward)
        };
        self.act(CARE_CENTRE, &relative).await.unwrap();
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

/// A meeting of an hour in a room.
pub(crate) fn meeting(starts_at: &str, form: Option<MeetingForm>) -> SetSipMeeting {
    let starts_at = at(starts_at);
    SetSipMeeting {
        case: CASE,
        starts_at,
        ends_at: Some(starts_at + chrono::TimeDelta::hours(1)),
        form,
        place: Some("Samtalsrum 3".parse().unwrap()),
    }
}

/// Staff of a unit, whoever the unit chooses.
pub(crate) fn staff_of(unit: &str, party: Party) -> AskSipParticipant {
    AskSipParticipant {
        case: CASE,
        role: ParticipantRole::Staff,
        party: Some(party),
        unit: Some(hsa(unit)),
        staff: None,
        who: None,
        occurred_at: None,
    }
}

pub(crate) fn hsa(name: &str) -> HsaId {
    format!("SE2321000180-{name}").parse().unwrap()
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    format!("{}:00Z", text.replace(' ', "T")).parse().unwrap()
}

impl Admissions {
    async fn start(broker: &Broker, now: DateTime<Utc>) -> Self {
        let database = TestDatabase::create(&[&messaging::migrator()]).await;
        let process = Process {
            clock: Clock::system(),
            tasks: Tasks::default(),
            readiness: Readiness::default(),
        };
        let common = common(broker, &database);
        let bus = Bus::connect(&common, "admissions", "0.1.0", &Migrator::DEFAULT, &process)
            .await
            .unwrap();
        bus.start_relay();
        bus.start_commands(Nothing);
        let admitted = Stamp::now(EntryId(Uuid::from_u128(1)), now, None);
        let mut case = Case::new(CASE, CaseRef::from_random(7), hsa("SJUKHUS"), admitted);
        case.consents.push(consent(now, ConsentAnswer::Given));
        let admissions = Self { bus, case, _database: database };
        admissions.say("case_opened").await;
        admissions
    }

    async fn say(&self, kind: &'static str) {
        let mut tx = self.bus.pool().begin().await.unwrap();
        let snapshot = Outgoing::new(&self.case, kind, true, Trace::start()).unwrap();
        outbox::put(&mut tx, vec![snapshot], chassis::real_now()).await.unwrap();
        tx.commit().await.unwrap();
        self.bus.wake();
    }
}

fn consent(at: DateTime<Utc>, answer: ConsentAnswer) -> Consent {
    Consent::new(Stamp::now(EntryId(new_id()), at, None), answer)
}

fn common(broker: &Broker, database: &TestDatabase) -> Common {
    let mut common = Common::default();
    common.database.url = Secret::new(&database.url);
    common.nats = Nats { url: Secret::new(broker.url()), credentials: None };
    common
}

fn hold(folder: &Path, now: &str) {
    let anchor = Anchor { domain: at(now), real: chassis::real_now(), factor: 0.0 };
    anchor.write(&folder.join("clock")).unwrap();
}

struct Nothing;

impl Serve for Nothing {
    const COMMANDS: &'static [&'static str] = &[];
    const QUERIES: &'static [&'static str] = &[];

    async fn serve(&self, _: &mut PgConnection, _: &Call) -> Result<Answer, CommandError> {
        Err(Refusal::new("unknown_verb", "Okänt.", "Unknown.").into())
    }
}
