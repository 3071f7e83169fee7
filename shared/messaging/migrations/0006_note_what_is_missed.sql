-- Messages are gone that were not seen here, and the source has not been asked yet to say everything
-- again. A note in the database, since a process that dies must not forget it.
alter table messaging.consumed add column missed boolean not null default false;
