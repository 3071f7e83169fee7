//! The guide for those who write rulebooks: its examples load, and it names every word.

use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};

const GUIDE: &str = include_str!("../../RULEBOOKS.md");
const LANGUAGE: &str = include_str!("../../src/domain/rulebook/language.rs");

fn examples() -> Vec<&'static str> {
    let blocks = GUIDE.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

#[test]
fn the_examples_of_the_guide_are_one_rulebook_without_faults() {
    let text = examples().concat();
    let books = Rulebooks::load(EMBEDDED.into_iter().chain([("exempel.toml", text.as_str())]));
    let books = books.unwrap();
    let book = books.named("exempel 2027.1").unwrap();
    assert!(book.rule("E1").is_some() && book.rule("E2").is_some_and(|rule| rule.shown));
    assert!(book.rule("K08").is_none());
    assert!(book.has_track(&"blue".parse().unwrap()) && book.drift.is_some());
}

#[test]
fn the_guide_names_every_word_of_the_language() {
    let variants = LANGUAGE.lines().filter_map(|line| line.strip_prefix("    "));
    let variants = variants.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    let words: Vec<String> = variants.map(|line| snake(line.trim_end_matches(','))).collect();
    assert!(words.len() > 40, "{words:?}");
    for word in words {
        assert!(GUIDE.contains(&format!("`{word}`")), "the guide does not name {word}");
    }
}

/// `SipCalled` and `Track(Vec<Track>)` as they are written in a file.
fn snake(variant: &str) -> String {
    let name = variant.split(['(', ' ']).next().unwrap();
    let mut word = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}
