//! Duties in words.

use contracts::Ledger;
use contracts::commands::Explanation;
use contracts::ledger::Obligation;

use super::super::table::Table;
use super::super::{when, words};

/// All duties of a case, the steps that were taken, and what units were told.
pub(super) fn text(ledger: &Ledger) -> String {
    let parts = [
        format!("Vårdtillfälle / case {} ({})", ledger.case_ref, ledger.case_id),
        duties(ledger),
        shown(ledger),
        proposal(ledger),
        steps(ledger),
        news(ledger),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Lines that are shown and never missed; nothing where a rulebook has none.
fn shown(ledger: &Ledger) -> String {
    if ledger.shown.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        ("regelbok", "rulebook"),
        ("rad", "rule"),
        ("kvar", "open"),
        ("gjort", "done"),
        ("blev inte gjort", "never done"),
    ]);
    let owners = |owners: &[contracts::Owner]| {
        owners.iter().map(|owner| words::owner(*owner)).collect::<Vec<_>>().join(", ")
    };
    for of in &ledger.shown {
        for line in &of.lines {
            let lists = [&line.open, &line.met, &line.past].map(|list| owners(list));
            let [open, met, past] = lists;
            table.row([of.rulebook.clone(), line.rule.clone(), open, met, past]);
        }
    }
    table.to_string()
}

/// What the newest planning form speaks for.
fn proposal(ledger: &Ledger) -> String {
    let Some(proposal) = &ledger.proposal else { return String::new() };
    let reasons = proposal.reasons.iter();
    let reasons = reasons.map(|words| format!("\n  – {} / {}", words.sv, words.en));
    format!(
        "Planeringsunderlaget talar för / the planning form speaks for: {} ({}){}",
        proposal.track,
        proposal.rulebook,
        reasons.collect::<String>()
    )
}

fn duties(ledger: &Ledger) -> String {
    let mut table = Table::new(&[
        ("rad", "rule"),
        ("åtagande", "duty"),
        ("ansvarig", "owner"),
        ("läge", "state"),
        ("mål", "target"),
        ("senast", "due"),
        ("utfört", "done"),
        ("saknas", "missing"),
    ]);
    for duty in by_start(ledger) {
        table.row([
            duty.rule.clone(),
            format!("{} / {}", duty.title.sv, duty.title.en),
            words::owner(duty.owner).to_owned(),
            words::obligation(duty.state).to_owned(),
            when::show_some(duty.target),
            when::show_some(duty.due),
            when::show_some(duty.proof.as_ref().map(|proof| proof.occurred_at)),
            duty.missing.join(", "),
        ]);
    }
    table.to_string()
}

fn steps(ledger: &Ledger) -> String {
    let mut table = Table::new(&[
        ("rad", "rule"),
        ("steg", "step"),
        ("planerat", "planned"),
        ("taget", "taken"),
        ("utfall", "outcome"),
        ("till", "to"),
    ]);
    for duty in by_start(ledger) {
        for step in &duty.steps {
            table.row([
                duty.rule.clone(),
                words::step(step.kind).to_owned(),
                when::show(step.planned_at),
                when::show(step.taken_at),
                match step.told_with {
                    Some(_) => "i annat meddelande/in another message".to_owned(),
                    None => words::outcome(step.outcome).to_owned(),
                },
                words::role(step.role).to_owned(),
            ]);
        }
    }
    table.to_string()
}

fn news(ledger: &Ledger) -> String {
    let mut table = Table::new(&[
        ("när", "when"),
        ("nyhet", "news"),
        ("enhet", "unit"),
        ("återkallad", "withdrawn"),
    ]);
    let mut news: Vec<_> = ledger.news.iter().collect();
    news.sort_by_key(|news| news.at);
    for news in news {
        table.row([
            when::show(news.at),
            words::news(news.kind).to_owned(),
            news.unit.to_string(),
            words::yes(news.withdrawn),
        ]);
    }
    table.to_string()
}

fn by_start(ledger: &Ledger) -> Vec<&Obligation> {
    let mut duties: Vec<_> = ledger.obligations.iter().collect();
    duties.sort_by_key(|duty| (duty.started_at, &duty.rule, duty.owner));
    duties
}

/// The reasons for how each duty stands, Swedish first.
pub(crate) fn explained(explanations: &[Explanation]) -> String {
    let paragraphs = explanations.iter().map(|explanation| {
        let state = match &explanation.obligation {
            Some(duty) => {
                format!("{}, {}", words::owner(duty.owner), words::obligation(duty.state))
            }
            None => "inget åtagande i detta fall / no duty in this case".to_owned(),
        };
        let heading = format!("{}  {state}  ({})", explanation.rule, explanation.source);
        let reasons = explanation.reasons.iter();
        let reasons = reasons.map(|reason| format!("\n  – {}\n    {}", reason.sv, reason.en));
        heading + &reasons.collect::<String>()
    });
    let text = paragraphs.collect::<Vec<_>>().join("\n\n");
    if text.is_empty() { "(inga / none)".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use contracts::ledger::Words;

    use super::*;

    fn empty() -> Ledger {
        Ledger {
            case_id: contracts::CaseId(uuid::Uuid::nil()),
            case_ref: contracts::CaseRef::from_random(7),
            obligations: Vec::new(),
            news: Vec::new(),
            shown: Vec::new(),
            proposal: None,
        }
    }

    #[test]
    fn lines_that_are_shown_say_who_has_done_what_and_a_proposal_why() {
        let line = contracts::ledger::ShownLine {
            rule: "K09".to_owned(),
            open: vec![contracts::Owner::Ward],
            met: vec![contracts::Owner::OpenCare],
            past: Vec::new(),
        };
        let of = contracts::ledger::ShownLines {
            rulebook: "dalarna 2026.2".to_owned(),
            lines: vec![line],
        };
        let proposal = contracts::ledger::TrackProposal {
            track: "red".parse().unwrap(),
            form: contracts::EntryId(uuid::Uuid::nil()),
            rulebook: "dalarna 2026.2".to_owned(),
            reasons: vec![Words { sv: "Stort behov".to_owned(), en: "Large need".to_owned() }],
        };
        let told = text(&Ledger { shown: vec![of], proposal: Some(proposal), ..empty() });
        assert!(told.contains("K09   slutenvård/ward  öppenvård/open care"), "{told}");
        assert!(told.contains("red (dalarna 2026.2)\n  – Stort behov / Large need"), "{told}");
    }

    #[test]
    fn a_ledger_that_shows_nothing_has_no_table_for_it() {
        assert!(!text(&empty()).contains("regelbok"));
    }

    #[test]
    fn an_explanation_names_the_rule_its_source_and_every_reason() {
        let reason = |sv: &str, en: &str| Words { sv: sv.to_owned(), en: en.to_owned() };
        let text = explained(&[Explanation {
            obligation: None,
            rule: "K06".to_owned(),
            source: "Överenskommelse, avsnitt 3".to_owned(),
            reasons: vec![reason("Ej berörd.", "Not concerned."), reason("Ett.", "One.")],
        }]);
        assert_eq!(
            text,
            "K06  inget åtagande i detta fall / no duty in this case  (Överenskommelse, avsnitt 3)\n  \
             – Ej berörd.\n    Not concerned.\n  – Ett.\n    One."
        );
    }
}
