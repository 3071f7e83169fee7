//! The mail server: what is said, without the bytes (RFC 5321, 3207, 4954).

use crate::sinks::behaviour::Behaviour;
use crate::sinks::{Credentials, Security, Settings};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// What to do after a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Say this.
    Answer(String),
    /// A mail begins; say that its sender is welcome.
    Begin,
    /// The mail is to go here too.
    Recipient(String),
    /// Take the mail.
    Data(Envelope),
    /// Begin to encrypt.
    StartTls,
    /// Say goodbye.
    Bye,
}

/// From whom, to whom, and what is to become of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) behaviour: Behaviour,
}

/// Which line of a log-in is awaited.
#[derive(Debug)]
enum Login {
    Plain,
    User,
    Password { user: String },
}

#[derive(Debug)]
pub(super) struct Session {
    credentials: Option<Credentials>,
    longest_mail: usize,
    offers_tls: bool,
    known: bool,
    login: Option<Login>,
    envelope: Option<Envelope>,
}

fn answer(text: &str) -> Step {
    Step::Answer(text.to_owned())
}

impl Session {
    pub(super) fn new(settings: &Settings, security: Security) -> Self {
        Self {
            credentials: settings.credentials.clone(),
            longest_mail: settings.longest_mail,
            offers_tls: security == Security::StartTls,
            known: settings.credentials.is_none(),
            login: None,
            envelope: None,
        }
    }

    /// The mail that has just begun is to be treated so.
    pub(super) fn behave(&mut self, behaviour: Behaviour) {
        if let Some(envelope) = &mut self.envelope {
            envelope.behaviour = behaviour;
        }
    }

    /// From now on nobody listens; everything said before counts no longer.
    pub(super) fn encrypted(&mut self) {
        self.offers_tls = false;
        self.known = self.credentials.is_none();
        self.envelope = None;
    }

    pub(super) fn command(&mut self, line: &str) -> Step {
        if let Some(login) = self.login.take() {
            return self.log_in(login, line.trim());
        }
        let (verb, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => Step::Answer(self.greet()),
            "HELO" => answer("250 localhost"),
            "STARTTLS" if self.offers_tls => Step::StartTls,
            "AUTH" if self.credentials.is_some() => self.auth(rest),
            "MAIL" if !self.known => answer("530 5.7.0 authentication required"),
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest),
            "DATA" => self.data(),
            "RSET" => {
                self.envelope = None;
                answer("250 ok")
            }
            "NOOP" => answer("250 ok"),
            "VRFY" => answer("252 cannot tell"),
            "QUIT" => Step::Bye,
            _ => answer("502 not implemented"),
        }
    }

    fn greet(&mut self) -> String {
        self.envelope = None;
        let mut answer = "250-localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n".to_owned();
        if self.offers_tls {
            answer.push_str("250-STARTTLS\r\n");
        }
        if self.credentials.is_some() {
            answer.push_str("250-AUTH PLAIN LOGIN\r\n");
        }
        answer + &format!("250 SIZE {}", self.longest_mail)
    }

    fn mail(&mut self, rest: &str) -> Step {
        let Some(from) = address(rest, "FROM:") else {
            return answer("501 5.5.4 MAIL FROM:<…>");
        };
        let size = rest.split_whitespace().find_map(|word| word.strip_prefix("SIZE="));
        if size
            .and_then(|size| size.parse().ok())
            .is_some_and(|size: usize| size > self.longest_mail)
        {
            return answer("552 5.3.4 too long");
        }
        self.envelope = Some(Envelope { from, ..Envelope::default() });
        Step::Begin
    }

    fn rcpt(&mut self, rest: &str) -> Step {
        if self.envelope.is_none() {
            return answer("503 5.5.1 MAIL first");
        }
        match address(rest, "TO:") {
            Some(to) if !to.is_empty() => Step::Recipient(to),
            _ => answer("501 5.5.4 RCPT TO:<…>"),
        }
    }

    /// Adds a recipient, who may be treated in a way of its own, and says what is answered.
    pub(super) fn recipient(&mut self, to: String, behaviour: Option<Behaviour>) -> String {
        let Some(envelope) = &mut self.envelope else {
            return "503 5.5.1 MAIL first".to_owned();
        };
        envelope.behaviour = behaviour.unwrap_or(envelope.behaviour);
        if let Behaviour::RefuseRecipient(code) = envelope.behaviour {
            return format!("{code} refused");
        }
        envelope.to.push(to);
        "250 recipient ok".to_owned()
    }

    fn data(&mut self) -> Step {
        match self.envelope.take() {
            Some(envelope) if !envelope.to.is_empty() => Step::Data(envelope),
            _ => answer("503 5.5.1 RCPT first"),
        }
    }

    fn auth(&mut self, rest: &str) -> Step {
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let (login, prompt) = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => (Login::Plain, "334 "),
            "LOGIN" => (Login::User, "334 VXNlcm5hbWU6"),
            _ => return answer("504 5.5.4 unknown mechanism"),
        };
        if initial.is_empty() {
            self.login = Some(login);
            return answer(prompt);
        }
        self.log_in(login, initial)
    }

    fn log_in(&mut self, login: Login, line: &str) -> Step {
        let decoded = BASE64_STANDARD.decode(line).ok();
        let Some(word) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return answer("501 5.5.2 not base64");
        };
        let (user, password) = match login {
            Login::Plain => {
                let mut fields = word.split('\0').skip(1).map(str::to_owned);
                (fields.next().unwrap_or_default(), fields.next().unwrap_or_default())
            }
            Login::User => {
                self.login = Some(Login::Password { user: word });
                return answer("334 UGFzc3dvcmQ6");
            }
            Login::Password { user } => (user, word),
        };
        self.known = self.credentials == Some(Credentials { user, password });
        answer(if self.known { "235 2.7.0 welcome" } else { "535 5.7.8 wrong credentials" })
    }
}

/// The address in `FROM:<a@example.com> SIZE=…`; an empty one is allowed, for bounces.
fn address(rest: &str, keyword: &str) -> Option<String> {
    let (head, tail) = rest.split_at_checked(keyword.len())?;
    let tail = head.eq_ignore_ascii_case(keyword).then(|| tail.trim_start())?;
    let (address, _) = tail.strip_prefix('<')?.split_once('>')?;
    Some(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::new(&Settings::default(), Security::Plain)
    }

    #[test]
    fn a_mail_needs_a_sender_and_a_recipient() {
        let mut session = session();
        assert_eq!(session.command("RCPT TO:<a@example.com>"), answer("503 5.5.1 MAIL first"));
        assert_eq!(session.command("mail from:<b@example.com> BODY=8BITMIME"), Step::Begin);
        assert_eq!(session.command("DATA"), answer("503 5.5.1 RCPT first"));
    }

    #[test]
    fn who_must_log_in_cannot_send_before() {
        let credentials = Credentials { user: "anna".to_owned(), password: "pw".to_owned() };
        let settings = Settings { credentials: Some(credentials), ..Settings::default() };
        let mut session = Session::new(&settings, Security::Plain);
        let mail = "MAIL FROM:<b@example.com>";
        assert_eq!(session.command(mail), answer("530 5.7.0 authentication required"));
        let wrong = format!("AUTH PLAIN {}", BASE64_STANDARD.encode("\0anna\0no"));
        assert_eq!(session.command(&wrong), answer("535 5.7.8 wrong credentials"));
        session.command("AUTH LOGIN");
        session.command(&BASE64_STANDARD.encode("anna"));
        assert_eq!(session.command(&BASE64_STANDARD.encode("pw")), answer("235 2.7.0 welcome"));
        assert_eq!(session.command(mail), Step::Begin);
    }

    #[test]
    fn addresses_are_read_and_nonsense_is_not() {
        assert_eq!(address("TO:<a@example.com>", "TO:").as_deref(), Some("a@example.com"));
        assert_eq!(address("FROM: <>", "FROM:").as_deref(), Some(""));
        for nonsense in ["", "TO", "TO:", "TO:a@example.com", "TO:<a", "FÅ:<a>", "å"] {
            assert_eq!(address(nonsense, "TO:"), None, "{nonsense}");
        }
    }
}
