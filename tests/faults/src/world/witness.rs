//! A witness in the databases: triggers that write down every state that ledgers and deliveries have
//! passed through, in the same transaction. What was true for a moment cannot be seen from outside,
//! and "no step after a proof" is about such moments. No service reads or knows of them.

use sqlx::{Executor, PgConnection};

const LEDGERS: &str = "
    create schema witness;
    create table witness.ledger (
      seq bigserial primary key, at timestamptz not null default clock_timestamp(),
      case_id uuid not null, snapshot jsonb not null);
    create function witness.ledger() returns trigger language plpgsql as $$
      begin
        insert into witness.ledger (case_id, snapshot) values (new.case_id, new.snapshot);
        return null;
      end $$;
    create trigger witness after update on ledger for each row
      when (new.snapshot is not null and old.snapshot::text is distinct from new.snapshot::text)
      execute function witness.ledger();";

const DELIVERIES: &str = "
    create schema witness;
    create table witness.delivery (
      seq bigserial primary key, at timestamptz not null default clock_timestamp(),
      delivery_id uuid not null, alert_id uuid not null, channel text not null,
      state text not null, repeat boolean not null, attempts integer not null, reason text);
    create function witness.delivery() returns trigger language plpgsql as $$
      begin
        -- A lease or a pause that is brought forward is no step.
        if tg_op = 'INSERT' or old.state <> new.state or old.attempts <> new.attempts then
          insert into witness.delivery
            (delivery_id, alert_id, channel, state, repeat, attempts, reason)
            values (new.delivery_id, new.alert_id, new.channel, new.state, new.repeat,
                    new.attempts, new.reason);
        end if;
        return null;
      end $$;
    create trigger witness after insert or update on delivery for each row
      execute function witness.delivery();
    create table witness.ledger (
      seq bigserial primary key, at timestamptz not null default clock_timestamp(),
      case_id uuid not null, snapshot jsonb not null);
    create function witness.ledger() returns trigger language plpgsql as $$
      begin
        insert into witness.ledger (case_id, snapshot) values (new.case_id, new.snapshot);
        return null;
      end $$;
    create trigger witness after insert or update on known_ledger for each row
      execute function witness.ledger();";

/// Places the witness of a service, when it has one.
pub(crate) async fn place(service: &str, database: &mut PgConnection) -> Result<(), sqlx::Error> {
    match service {
        "deadlines" => database.execute(LEDGERS).await.map(drop),
        "notifications" => database.execute(DELIVERIES).await.map(drop),
        _ => Ok(()),
    }
}
