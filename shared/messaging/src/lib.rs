//! Outbox, relay, consumer, dead letters and commands over Postgres and JetStream.
