//! Reading mails.

use mailparse::{ParsedMail, parse_mail};

/// A mail as it came, and its parts decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// All headers in their order, decoded.
    pub headers: Vec<(String, String)>,
    /// Everything in it that is no container of others.
    pub parts: Vec<MailPart>,
    /// As it came, to be searched for what must not be in it.
    pub raw: String,
}

/// One text or attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailPart {
    /// Its type without parameters, as `text/plain`.
    pub content_type: String,
    /// A parameter of its type: `method` of a calendar's.
    pub method: Option<String>,
    /// What it says, decoded.
    pub body: String,
}

impl Mail {
    /// Reads a mail; what cannot be understood is one plain text.
    pub(super) fn read(raw: &[u8]) -> Self {
        let text = String::from_utf8_lossy(raw).into_owned();
        let Ok(parsed) = parse_mail(raw) else {
            let part = MailPart {
                content_type: "text/plain".to_owned(),
                method: None,
                body: text.clone(),
            };
            return Self { headers: Vec::new(), parts: vec![part], raw: text };
        };
        let headers = parsed.headers.iter().map(|header| (header.get_key(), header.get_value()));
        let mut parts = Vec::new();
        collect(&parsed, &mut parts);
        Self { headers: headers.collect(), parts, raw: text }
    }

    /// The first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The first part of a type.
    #[must_use]
    pub fn part(&self, content_type: &str) -> Option<&MailPart> {
        self.parts.iter().find(|part| part.content_type == content_type)
    }

    /// The first plain text, or else the first part as it is.
    #[must_use]
    pub fn text(&self) -> String {
        let text = self.part("text/plain").or(self.parts.first());
        text.map(|part| part.body.trim_end().to_owned()).unwrap_or_default()
    }
}

fn collect(mail: &ParsedMail<'_>, parts: &mut Vec<MailPart>) {
    if mail.subparts.is_empty() {
        let method = mail.ctype.params.get("method").cloned();
        let body = mail.get_body().unwrap_or_default();
        parts.push(MailPart { content_type: mail.ctype.mimetype.clone(), method, body });
    }
    for part in &mail.subparts {
        collect(part, parts);
    }
}
