//! What the service can be asked.

use std::sync::Arc;

use contracts::Ledger;
use contracts::commands::{
    Command, CountObligations, Explain, FactsPage, LIST_KNOWN_CASES, ListFacts, ListKnownCases,
    PaymentBasis, PaymentPage, Refusal, ShowLedger, ShowPayment, ShowStatistics,
};
use messaging::{Answer, Call, CommandError, Serve, answer};
use sqlx::PgConnection;

use crate::domain::explain;
use crate::domain::payment::{Policies, add_up, month_of, payment_days};
use crate::rulebooks::Agreement;
use crate::{statistics, store};

/// The table of queries.
pub(crate) struct Commands {
    pub(crate) agreement: Agreement,
    pub(crate) policies: Arc<Policies>,
}

impl Serve for Commands {
    const COMMANDS: &'static [&'static str] = &[];
    const QUERIES: &'static [&'static str] = &[
        ShowLedger::VERB,
        Explain::VERB,
        ListFacts::VERB,
        CountObligations::VERB,
        LIST_KNOWN_CASES,
        ShowPayment::VERB,
        PaymentBasis::VERB,
        ShowStatistics::VERB,
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
            ShowPayment::VERB => self.show_payment(tx, call).await,
            PaymentBasis::VERB => self.payment_basis(tx, call).await,
            ShowStatistics::VERB => {
                let asked = call.read()?;
                statistics::check(asked, call.now)?;
                let (agreement, policies) = (&self.agreement, &self.policies);
                answer(&statistics::show(tx, agreement, policies, asked, call.now).await?)
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

    async fn show_payment(
        &self,
        tx: &mut PgConnection,
        call: &Call,
    ) -> Result<Answer, CommandError> {
        let ShowPayment { case } = call.read()?;
        let mut facts = store::load_facts(tx, &[case]).await?;
        let facts = facts.remove(&case).unwrap_or_default();
        let days = payment_days(&facts, &self.policies, &self.agreement.region, call.now);
        answer(&days.ok_or_else(no_such_case)?)
    }

    async fn payment_basis(
        &self,
        tx: &mut PgConnection,
        call: &Call,
    ) -> Result<Answer, CommandError> {
        let PaymentBasis { month, after } = call.read()?;
        let (ready, next) = store::list_ready(tx, after).await?;
        let facts = store::load_facts(tx, &ready).await?;
        let region = &self.agreement.region;
        let rows = facts.values();
        let rows = rows.flat_map(|facts| month_of(facts, &self.policies, region, month, call.now));
        let municipalities = add_up(rows);
        answer(&PaymentPage { region: region.to_string(), now: call.now, municipalities, next })
    }
}

fn no_such_case() -> Refusal {
    Refusal::new("no_such_case", "Ärendet är inte känt här.", "The case is not known here.")
        .at("/case")
}
