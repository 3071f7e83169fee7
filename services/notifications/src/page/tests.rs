use contracts::ledger::{StepKind, Words};

use super::*;
use crate::domain::telling::{Duty, What};

fn at(rfc3339: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(rfc3339).expect("an instant").to_utc()
}

fn alert_about(sv: &str) -> Telling {
    let title = Words { sv: sv.to_owned(), en: "Name the care contact".to_owned() };
    Telling {
        case: "K7M2-9QXD".parse().expect("a reference"),
        what: What::Step(StepKind::Unit),
        duties: vec![Duty::new(&title, Some(at("2026-11-24T13:00:00Z")))],
    }
}

fn alert() -> Telling {
    alert_about("Utse fast vårdkontakt")
}

fn page(state: State, language: Language) -> String {
    render_alert(&alert(), state, language).expect("a page")
}

#[test]
fn an_open_alert_has_one_button_that_posts() {
    let page = page(State::Open, Language::Sv);
    assert_eq!(page.matches("<button").count(), 1);
    assert_eq!(page.matches(r#"<form method="post" action="?lang=sv">"#).count(), 1);
    assert!(page.contains("Jag har sett detta"));
}

#[test]
fn it_says_case_duty_time_and_step() {
    let page = page(State::Open, Language::Sv);
    for said in ["K7M2-9QXD", "Utse fast vårdkontakt", "gick ut tis 24 nov kl. 14.00", "missat"] {
        assert!(page.contains(said), "{said} is missing");
    }
}

#[test]
fn an_acknowledged_alert_says_when_and_has_no_button() {
    let state = State::Acknowledged(at("2026-11-24T13:05:00Z"));
    let page = page(state, Language::En);
    assert!(page.contains("Acknowledged Tue 24 Nov 14:05."));
    assert!(page.contains("still to be done"));
    assert!(!page.contains("<button"));
}

#[test]
fn an_alert_that_is_over_asks_for_nothing_and_alarms_no_more() {
    let page = page(State::Over, Language::Sv);
    assert!(page.contains("gäller inte längre"));
    for gone in ["<button", "overdue", "Utse fast vårdkontakt", "inte gjort"] {
        assert!(!page.contains(gone), "{gone}");
    }
}

#[test]
fn each_language_declares_itself_and_leads_to_the_other() {
    let swedish = page(State::Open, Language::Sv);
    assert!(swedish.contains(r#"<html lang="sv">"#));
    assert!(swedish.contains(r#"<a href="?lang=en" lang="en" hreflang="en">English</a>"#));
    let english = page(State::Open, Language::En);
    assert!(english.contains(r#"<html lang="en">"#));
    assert!(english.contains(r#"<a href="?lang=sv" lang="sv" hreflang="sv">Svenska</a>"#));
}

#[test]
fn no_page_needs_what_its_headers_forbid() {
    let pages = [
        page(State::Open, Language::Sv),
        render_unusable(LinkError::Expired, Language::Sv).expect("a page"),
        render_unavailable().expect("a page"),
    ];
    for page in pages {
        for forbidden in ["<script", "style=", "<style", "<img", "http://", "https://", "onclick"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert_eq!(page.matches("<h1").count(), 1);
        assert!(page.contains(&format!(r#"href="..{STYLESHEET_PATH}""#)));
        assert!(!page.contains(r#"href="/"#) && !page.contains(r#"action="/"#));
    }
    assert!(!STYLESHEET.contains("url(") && !STYLESHEET.contains("@import"));
}

#[test]
fn only_an_expired_link_is_told_from_a_bad_one() {
    let unusable = |error| render_unusable(error, Language::En).expect("a page");
    assert!(unusable(LinkError::Expired).contains("The link has expired"));
    assert_eq!(unusable(LinkError::Forged), unusable(LinkError::Malformed));
}

#[test]
fn a_page_that_cannot_be_shown_says_in_both_languages_that_nothing_was_acknowledged() {
    let page = render_unavailable().expect("a page");
    for said in ["Inte kvitterat. Försök igen.", "Not acknowledged. Try again."] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn a_title_from_a_rulebook_is_text_and_not_markup() {
    let alert = alert_about("<script>alert(1)</script>");
    let page = render_alert(&alert, State::Open, Language::Sv).expect("a page");
    assert!(!page.contains("<script"));
}
