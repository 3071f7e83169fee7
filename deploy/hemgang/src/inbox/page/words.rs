//! The page's words.

/// In one language.
pub(crate) struct Words {
    pub(crate) lang: &'static str,
    pub(crate) other: &'static str,
    pub(crate) other_name: &'static str,
    pub(crate) language: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) channel: &'static str,
    pub(crate) every_channel: &'static str,
    pub(crate) email: &'static str,
    pub(crate) sms: &'static str,
    pub(crate) to: &'static str,
    pub(crate) everybody: &'static str,
    pub(crate) show: &'static str,
    pub(crate) messages: &'static str,
    pub(crate) no_messages: &'static str,
    pub(crate) load: &'static str,
    pub(crate) again: &'static str,
    pub(crate) not_again: &'static str,
    pub(crate) received: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) newest: &'static str,
    pub(crate) older: &'static str,
    pub(crate) json: &'static str,
}

impl Words {
    /// Swedish, unless English is asked for.
    pub(crate) fn of(language: &str) -> &'static Self {
        if language == "en" { &EN } else { &SV }
    }
}

static SV: Words = Words {
    lang: "sv",
    other: "en",
    other_name: "English",
    language: "Språk",
    title: "Inkorgen",
    about: "All e-post och alla SMS så som mottagaren skulle se dem. Inget av det lämnar den här datorn.",
    filter: "Urval",
    channel: "Kanal",
    every_channel: "Alla kanaler",
    email: "E-post",
    sms: "SMS",
    to: "Till",
    everybody: "Alla mottagare",
    show: "Visa",
    messages: "Meddelanden",
    no_messages: "Inga meddelanden ännu.",
    load: "Hämta nya",
    again: "Hämta nya var femte sekund",
    not_again: "Sluta hämta nya av sig själv",
    received: "Mottaget",
    domain: "Demons tid",
    pages: "Sidor",
    newest: "Nyaste",
    older: "Äldre",
    json: "Samma som JSON",
};

static EN: Words = Words {
    lang: "en",
    other: "sv",
    other_name: "Svenska",
    language: "Language",
    title: "The inbox",
    about: "Every mail and every SMS as its recipient would see it. None of it leaves this computer.",
    filter: "Selection",
    channel: "Channel",
    every_channel: "All channels",
    email: "E-mail",
    sms: "SMS",
    to: "To",
    everybody: "All recipients",
    show: "Show",
    messages: "Messages",
    no_messages: "No messages yet.",
    load: "Load new ones",
    again: "Load new ones every five seconds",
    not_again: "Stop loading new ones by itself",
    received: "Received",
    domain: "The demo's time",
    pages: "Pages",
    newest: "Newest",
    older: "Older",
    json: "The same as JSON",
};
