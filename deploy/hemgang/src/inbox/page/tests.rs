use embedded::sinks;

use super::super::store::tests::message;
use super::*;

fn store(messages: usize) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("messages.jsonl"), None).unwrap();
    let mails =
        (0..messages).map(|n| message(&n.to_string(), "a@example.se", sinks::Channel::Email));
    store.keep(mails.collect()).unwrap();
    (folder, store)
}

fn asked(lang: &str, before: &str) -> Asked {
    Asked { lang: lang.to_owned(), before: before.to_owned(), ..Asked::default() }
}

#[test]
fn a_text_is_shown_as_it_is_and_its_links_can_be_followed() {
    let (_folder, store) = store(1);
    let page = render(&store, &Asked::default()).unwrap();
    assert!(page.contains("<a href=\"http://127.0.0.1:8082/l/1\">"), "{page}");
    assert!(!page.contains("<b>"), "{page}");
}

#[test]
fn the_page_is_swedish_and_english_is_a_link_away() {
    let (_folder, store) = store(1);
    let page = render(&store, &Asked::default()).unwrap();
    assert!(page.contains("<html lang=\"sv\">") && page.contains("href=\"/?lang=en\""), "{page}");
    assert!(render(&store, &asked("en", "")).unwrap().contains("The inbox"));
}

#[test]
fn older_messages_are_pages_away_and_none_is_lost_between() {
    let (_folder, store) = store(60);
    let first = render(&store, &asked("sv", "")).unwrap();
    assert!(first.contains("before=36"), "{first}");
    let last = render(&store, &asked("sv", "11")).unwrap();
    assert_eq!(last.matches("<article").count(), 10);
    assert!(!last.contains("Äldre") && last.contains("Nyaste"), "{last}");
}

#[test]
fn the_page_loads_itself_only_when_that_is_asked_for() {
    let (_folder, store) = store(1);
    assert!(!render(&store, &Asked::default()).unwrap().contains("http-equiv"));
    let again = Asked { again: "1".to_owned(), ..Asked::default() };
    assert!(render(&store, &again).unwrap().contains("http-equiv=\"refresh\""));
}
