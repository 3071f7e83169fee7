//! What can be seen of the system from outside: by asking it, in what was sent, in the broker and in
//! the databases.

use contracts::commands::{FindCase, ListCases, ShowLedger};
use contracts::ledger::{Obligation, ObligationState, StepKind};
use contracts::{Case, CaseId, Ledger};
use messaging::CallError;
use sqlx::{Connection, PgConnection};
use test_support::sinks::Message;
use test_support::{SOON, eventually};

use super::{System, get, messaging_settings, utc};

impl System {
    /// The cases there are, newest first.
    pub(crate) async fn cases(&self) -> Vec<Case> {
        let list = ListCases { limit: Some(1_000), ..ListCases::default() };
        self.caller.ask(&list).await.unwrap()
    }

    /// The one case whose stay began at a local time.
    pub(crate) async fn case_admitted(&self, local: &str) -> Case {
        let at = utc(local);
        let mut cases = self.cases().await;
        cases.retain(|case| case.admitted.occurred_at == at);
        assert_eq!(cases.len(), 1);
        let found = FindCase { case_ref: cases[0].case_ref };
        self.caller.ask(&found).await.unwrap().case
    }

    pub(crate) async fn ledger(&self, case: CaseId) -> Result<Ledger, CallError> {
        self.caller.ask(&ShowLedger { case }).await
    }

    /// Waits until the latest duty of a rule stands so.
    pub(crate) async fn duty_is(&self, case: CaseId, rule: &str, state: ObligationState) {
        eventually(&format!("{rule} is {state:?}"), SOON, async || {
            let duty = self.duty(case, rule).await?;
            if duty.state == state { Ok(()) } else { Err(format!("{:?}", duty.state)) }
        })
        .await;
    }

    /// Waits until a step of the latest duty of a rule was taken.
    pub(crate) async fn step_is_taken(&self, case: CaseId, rule: &str, kind: StepKind) {
        eventually(&format!("{rule}: step {kind:?}"), SOON, async || {
            let duty = self.duty(case, rule).await?;
            let taken = duty.steps.iter().any(|step| step.kind == kind);
            if taken { Ok(()) } else { Err(format!("{:?}", duty.steps)) }
        })
        .await;
    }

    /// The latest duty of a rule.
    pub(crate) async fn duty(&self, case: CaseId, rule: &str) -> Result<Obligation, String> {
        let ledger = self.ledger(case).await.map_err(|error| error.to_string())?;
        let mut duties: Vec<Obligation> =
            ledger.obligations.into_iter().filter(|duty| duty.rule == rule).collect();
        duties.sort_by_key(|duty| duty.started_at);
        duties.pop().ok_or_else(|| format!("no {rule}"))
    }

    /// Messages that came to an address or a telephone number.
    pub(crate) fn received(&self, by: &str) -> Vec<Message> {
        let messages = self.sinks.sinks.messages().all();
        messages.into_iter().filter(|message| message.to.contains(by)).collect()
    }

    /// Waits until so many messages have come to an address or a telephone number.
    pub(crate) async fn receives(&self, by: &str, count: usize) -> Vec<Message> {
        eventually(&format!("{by} has {count} messages"), SOON, async || {
            let messages = self.received(by);
            if messages.len() == count { Ok(messages) } else { Err(subjects(&messages)) }
        })
        .await
    }

    /// A connection to the broker.
    pub(crate) async fn client(&self) -> async_nats::Client {
        messaging::connect_client(&messaging_settings(&self.nats), "test").await.unwrap()
    }

    /// What is in a stream of the broker.
    pub(crate) async fn stream(
        &self,
        name: &str,
    ) -> Vec<async_nats::jetstream::message::StreamMessage> {
        let js = async_nats::jetstream::new(self.client().await);
        let stream = js.get_stream(name).await.unwrap();
        let state = stream.cached_info().state.clone();
        let mut messages = Vec::new();
        for sequence in state.first_sequence.max(1)..=state.last_sequence {
            messages.push(stream.get_raw_message(sequence).await.unwrap());
        }
        messages
    }

    /// A connection to the database of a service.
    pub(crate) async fn database(&self, service: &str) -> PgConnection {
        PgConnection::connect(&self.postgres.url(service)).await.unwrap()
    }

    /// What a service shows at `/metrics`.
    pub(crate) async fn metrics(&self, service: &str) -> String {
        get(self.probes[service], "/metrics").await.unwrap()
    }
}

fn subjects(messages: &[Message]) -> String {
    let subjects: Vec<_> =
        messages.iter().map(|message| format!("{:?}", message.subject)).collect();
    subjects.join(", ")
}
