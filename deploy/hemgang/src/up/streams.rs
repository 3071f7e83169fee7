//! Notices that the broker has lost its store: streams that were there after provisioning are gone.

use std::collections::BTreeSet;
use std::sync::mpsc::Sender;
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream;
use futures::TryStreamExt as _;

use super::keeper::Order;

/// How often it looks (real time).
const LOOK: Duration = Duration::from_secs(1);
/// How long making them again may take before it is asked for once more.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has streams made again for as long as somebody takes orders.
pub(crate) async fn watch(client: Client, orders: Sender<Order>) {
    let js = jetstream::new(client);
    let mut expected = BTreeSet::new();
    loop {
        // A broker that does not answer may have everything.
        let there = js.stream_names().try_collect::<BTreeSet<String>>().await;
        let there = there.unwrap_or_else(|_| expected.clone());
        let pause = if expected.is_subset(&there) {
            expected.extend(there);
            LOOK
        } else if orders.send(Order::Provision).is_ok() {
            PATIENCE
        } else {
            return;
        };
        tokio::time::sleep(pause).await;
    }
}
