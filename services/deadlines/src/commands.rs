//! What the service can be asked.

use contracts::Ledger;
use contracts::commands::{
    Command, CountObligations, Explain, FactsPage, LIST_KNOWN_CASES, ListFacts, ListKnownCases,
    Refusal, ShowLedger,
};
use messaging::{Answer, Call, CommandError, Serve, answer};
use sqlx::PgConnection;

use crate::domain::explain;
use crate::rulebooks::Agreement;
use crate::store;

/// The table of queries.
pub(crate) struct Commands {
    pub(crate) agreement: Agreement,
}

impl Serve for Commands {
    const COMMANDS: &'static [&'static str] = &[];
    const QUERIES: &'static [&'static str] = &[
        ShowLedger::VERB,
        Explain::VERB,
        ListFacts::VERB,
        CountObligations::VERB,
        LIST_KNOWN_CASES,
    ];

    async fn serve(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        match call.verb.as_str() {
            ShowLedger::VERB => {
                let ShowLedger { case } = call.read()?;
                let ledger: Option<Ledger> = store::find_ledger(tx, case).await?;
                answer(&ledger.ok_or_else(no_such_case)?)
            }
            LIST_KNOWN_CASES => {
                let ListKnownCases { after } = call.read()?;
                answer(&store::list_known_cases(tx, after).await?)
            }
            Explain::VERB => self.explain(tx, call).await,
            ListFacts::VERB => {
                let ListFacts { after } = call.read()?;
                let (cases, next) = store::list_facts(tx, after).await?;
                let region = self.agreement.region.to_string();
                answer(&FactsPage { region, now: call.now, cases, next })
            }
            _ => answer(&store::count(tx).await?),
        }
    }
}

impl Commands {
    async fn explain(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        let Explain { case, rule } = call.read()?;
        let ledger = store::find_ledger(tx, case).await?.ok_or_else(no_such_case)?;
        let mut facts = store::load_facts(tx, &[case]).await?;
        let facts = facts.remove(&case).unwrap_or_default();
        let Agreement { rulebooks, region } = &self.agreement;
        let mut all = explain(&facts, &ledger, rulebooks, region, call.now);
        all.retain(|one| rule.as_ref().is_none_or(|rule| *rule == one.rule));
        answer(&all)
    }
}

fn no_such_case() -> Refusal {
    Refusal::new("no_such_case", "Ärendet är inte känt här.", "The case is not known here.")
        .at("/case")
}
