//! Waiting for conditions, instead of sleeping and hoping.

use std::fmt::Display;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// A patience that is never needed when all is well, even on a slow machine.
pub const SOON: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// Looks again and again until what is looked for is there, and returns it. A look that finds
/// something else says what it found; the last such answer is reported when patience ends.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # use test_support::{SOON, eventually};
/// let mut count = 0;
/// let three = eventually("the third look", SOON, async || {
///     count += 1;
///     if count == 3 { Ok(count) } else { Err(format!("look number {count}")) }
/// })
/// .await;
/// # assert_eq!(three, 3);
/// # }
/// ```
pub async fn eventually<T, E: Display>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let end = Instant::now() + patience;
    let mut last = "nothing was seen yet".to_owned();
    loop {
        match timeout_at(end, look()).await {
            Ok(Ok(found)) => return found,
            Ok(Err(state)) => last = state.to_string(),
            Err(_) => last += " (and the next look did not end)",
        }
        let goes_on = Instant::now() + PAUSE < end;
        assert!(goes_on, "not within {patience:?}: {what}; last seen: {last}");
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    #[should_panic(expected = "not within 50ms: rain; last seen: sun")]
    async fn the_last_state_is_reported_when_patience_ends() {
        let look = async || Err::<(), _>("sun");
        eventually("rain", Duration::from_millis(50), look).await;
    }

    #[tokio::test]
    #[should_panic(expected = "the next look did not end")]
    async fn a_look_that_never_ends_does_not_hang_the_test() {
        let look = async || std::future::pending::<Result<(), String>>().await;
        eventually("rain", Duration::from_millis(50), look).await;
    }
}
