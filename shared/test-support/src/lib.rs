//! A real Postgres, a real nats-server, mail and SMS sinks, and waiting for conditions.
