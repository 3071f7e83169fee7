//! The words of a digest: several news to one recipient in one mail, by case.

use askama::Template;
use contracts::CaseRef;

use super::{Language, Line, MailText, Message, lines, words};

/// What there is of one case.
struct OfCase<'a> {
    case: &'a CaseRef,
    news: Vec<News<'a>>,
}

/// One of the news.
struct News<'a> {
    explanation: &'a str,
    lines: Vec<Line<'a>>,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "sv/digest_subject.txt")]
struct SubjectSv<'a>(&'a [OfCase<'a>], bool);

#[derive(Template)]
#[template(path = "en/digest_subject.txt")]
struct SubjectEn<'a>(&'a [OfCase<'a>], bool);

#[derive(Template)]
#[template(path = "sv/digest.txt")]
struct TextSv<'a>(&'a [OfCase<'a>], bool);

#[derive(Template)]
#[template(path = "en/digest.txt")]
struct TextEn<'a>(&'a [OfCase<'a>], bool);

/// The mail that tells of several alerts to one recipient. Cases stand in the order of their first
/// news, each once.
pub fn digest(messages: &[Message<'_>]) -> askama::Result<MailText> {
    let first = messages.first();
    let language = first.map(|message| message.language).unwrap_or_default();
    let repeated = first.is_some_and(|message| message.repeated);
    let cases = &by_case(messages);
    let (subject, text) = match language {
        Language::Sv => (SubjectSv(cases, repeated).render()?, TextSv(cases, repeated).render()?),
        Language::En => (SubjectEn(cases, repeated).render()?, TextEn(cases, repeated).render()?),
    };
    Ok(MailText { subject, text, language })
}

fn by_case<'a>(messages: &[Message<'a>]) -> Vec<OfCase<'a>> {
    let mut cases: Vec<OfCase<'a>> = Vec::new();
    for &Message { telling, language, link, .. } in messages {
        let explanation = words::explanation(telling, language);
        let news = News { explanation, lines: lines(telling, language), link };
        match cases.iter_mut().find(|of| *of.case == telling.case) {
            Some(of) => of.news.push(news),
            None => cases.push(OfCase { case: &telling.case, news: vec![news] }),
        }
    }
    cases
}
