//! The connection to the broker.

use std::path::PathBuf;

use async_nats::{Client, ConnectOptions, ServerAddr};
use chassis::Secret;
use percent_encoding::percent_decode_str;

/// Where the broker is and how to log in.
pub(crate) struct Broker {
    /// One URL, or several with commas between them; the first one's user and password count.
    pub(crate) url: Secret,
    pub(crate) credentials: Option<PathBuf>,
}

/// Why there is no connection. Never names the URL: it may hold a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoBroker {
    #[error("it is no URL of the form nats://host:4222")]
    Url,
    #[error("the credentials file: {0}")]
    Credentials(std::io::Error),
    #[error("{0}")]
    Connect(async_nats::ConnectError),
}

impl Broker {
    /// Connects, or says at once why not.
    pub(crate) async fn connect(&self) -> Result<Client, NoBroker> {
        let servers = self.servers()?;
        let mut options =
            ConnectOptions::new().name("operator").custom_inbox_prefix("_INBOX_operator");
        // The client itself passes over what a URL says of user and password.
        let user =
            servers.first().and_then(|server| Some((server.username()?, server.password()?)));
        if let Some((user, password)) = user {
            let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
            options = options.user_and_password(decoded(user), decoded(password));
        }
        if let Some(file) = &self.credentials {
            options = options.credentials_file(file).await.map_err(NoBroker::Credentials)?;
        }
        options.connect(servers).await.map_err(NoBroker::Connect)
    }

    fn servers(&self) -> Result<Vec<ServerAddr>, NoBroker> {
        let urls = self.url.expose().split(',').map(str::trim);
        urls.map(|url| url.parse().map_err(|_| NoBroker::Url)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_servers_stand_with_commas_between_them() {
        let broker = |url: &str| Broker { url: Secret::new(url), credentials: None };
        assert_eq!(broker("nats://a:4222, nats://b").servers().unwrap().len(), 2);
        let fault = broker("http://secret@a").servers().unwrap_err().to_string();
        assert!(!fault.contains("secret"), "{fault}");
    }
}
