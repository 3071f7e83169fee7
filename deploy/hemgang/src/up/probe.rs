//! Asks services whether they are ready.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_ANSWER: u64 = 10_000;

/// Nothing when ready, else what is lacking.
pub(crate) async fn lacking(probes: SocketAddr) -> Option<String> {
    match timeout(PATIENCE, ask(probes)).await {
        Ok(Ok(answer)) => {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
            (head.split(' ').nth(1) != Some("200")).then(|| body.trim().to_owned())
        }
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {PATIENCE:?}")),
    }
}

/// One request by hand: a client for HTTP would be more than this is worth.
async fn ask(probes: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(probes).await?;
    let request = format!("GET /readyz HTTP/1.0\r\nHost: {probes}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
