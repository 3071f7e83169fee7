//! The system that is asked and told, and the way to it.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use async_nats::Client;
use chassis::Secret;
use contracts::commands::{Command, FindCase, ShowLedger};
use contracts::{Case, CaseId, CaseRef};
use messaging::Caller;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::broker::{Broker, NoBroker};
use super::failure::Failure;
use super::sign::Signature;
use crate::reach::Reach;

/// Where the system may be.
pub(crate) struct Site {
    /// Started on this machine, and perhaps still running.
    local: Vec<Reach>,
    /// Where the operator says, or else the environment.
    broker: Option<Broker>,
}

impl Site {
    /// What the operator says; else what was started in a folder, or in the checkout around the
    /// current one, as far as it still runs; else what the environment says.
    pub(crate) fn find(
        url: Option<String>,
        dir: Option<&Path>,
        environment: Option<String>,
        credentials: Option<PathBuf>,
    ) -> Self {
        let local = match (&url, dir) {
            (Some(_), _) => Vec::new(),
            (None, Some(dir)) => Reach::of_runs_in(dir),
            (None, None) => std::env::current_dir().map(|d| Reach::find(&d)).unwrap_or_default(),
        };
        let url = url.or(environment.filter(|_| dir.is_none())).filter(|url| !url.is_empty());
        let broker = url.map(|url| Broker { url: Secret::new(url), credentials });
        Self { local, broker }
    }

    /// Where it takes HL7 messages, as far as is known.
    pub(crate) fn mllp(&self) -> Vec<&str> {
        self.local.iter().map(|reach| reach.mllp.as_str()).collect()
    }

    /// Connects to the first broker that answers.
    pub(crate) async fn connect(&self) -> Result<System, Failure> {
        for reach in &self.local {
            let broker = Broker { url: Secret::new(&reach.nats_url), credentials: None };
            if let Ok(client) = broker.connect().await {
                return Ok(System::new(client));
            }
        }
        let Some(broker) = &self.broker else { return Err(nothing_runs()) };
        broker.connect().await.map(System::new).map_err(|cause| given_is_silent(&cause))
    }
}

fn given_is_silent(cause: &NoBroker) -> Failure {
    Failure::unreachable(
        format!("Ingen anslutning till meddelandesystemet (--nats eller NATS_URL): {cause}."),
        format!("No connection to the broker (--nats or NATS_URL): {cause}."),
    )
}

fn nothing_runs() -> Failure {
    Failure::unreachable(
        "Här är inget system igång. Starta ett med `cargo run` (eller `hemgang up`), eller ange \
         meddelandesystemets adress med --nats eller NATS_URL.",
        "No system runs here. Start one with `cargo run` (or `hemgang up`), or state the broker's \
         address by --nats or NATS_URL.",
    )
}

/// A system that answers.
pub(crate) struct System {
    pub(crate) client: Client,
    pub(crate) caller: Caller,
}

impl System {
    fn new(client: Client) -> Self {
        Self { caller: Caller::new(client.clone()), client }
    }

    /// Asks.
    pub(crate) async fn ask<C: Command>(&self, query: &C) -> Result<C::Answer, Failure> {
        self.caller.ask(query).await.map_err(Failure::of_query)
    }

    /// Asks a service for something that all of them answer.
    pub(crate) async fn ask_any<Q, A>(
        &self,
        service: &str,
        verb: &str,
        query: &Q,
    ) -> Result<A, Failure>
    where
        Q: Serialize,
        A: DeserializeOwned,
    {
        self.caller.ask_any(service, verb, query).await.map_err(Failure::of_query)
    }

    /// Tells a service to do something, on behalf of who signs.
    pub(crate) async fn tell<C: Command>(
        &self,
        command: &C,
        signature: &Signature,
    ) -> Result<C::Answer, Failure> {
        self.caller
            .call(command, signature.id, &signature.actor)
            .await
            .map_err(|error| Failure::of_command(error, signature.id))
    }

    /// The id of a case.
    pub(crate) async fn case_id(&self, name: CaseName) -> Result<CaseId, Failure> {
        match name {
            CaseName::Id(id) => Ok(id),
            CaseName::Ref(case_ref) => self.find_case(case_ref).await.map(|case| case.case_id),
        }
    }

    /// A case as `admissions` publishes it. That service finds cases by their short names, so the
    /// short name of an id is asked of the ledger.
    pub(crate) async fn case(&self, name: CaseName) -> Result<Case, Failure> {
        let case_ref = match name {
            CaseName::Ref(case_ref) => case_ref,
            CaseName::Id(case) => self.ask(&ShowLedger { case }).await?.case_ref,
        };
        self.find_case(case_ref).await
    }

    async fn find_case(&self, case_ref: CaseRef) -> Result<Case, Failure> {
        self.ask(&FindCase { case_ref }).await.map(|found| found.case)
    }
}

/// How an operator names a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CaseName {
    /// By its short name, `K7M2-9QXD`.
    Ref(CaseRef),
    /// By its id.
    Id(CaseId),
}

/// The text names no case.
#[derive(Debug, thiserror::Error)]
#[error("a case is named by its reference, such as K7M2-9QXD, or by its id")]
pub(crate) struct NoCaseName;

impl FromStr for CaseName {
    type Err = NoCaseName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.parse().map(Self::Id);
        id.or_else(|_| text.parse().map(Self::Ref)).map_err(|_| NoCaseName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_named_by_its_reference_or_its_id() {
        let reference = "K7M2-9QXD".parse().unwrap();
        assert_eq!("k7m2 9qxd".parse::<CaseName>().unwrap(), CaseName::Ref(reference));
        let id = CaseId(uuid::Uuid::from_u128(7));
        assert_eq!(id.to_string().parse::<CaseName>().unwrap(), CaseName::Id(id));
        assert!("K7M2".parse::<CaseName>().is_err());
    }
}
