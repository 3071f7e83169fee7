-- What waits to be published is a narrow table of its own: publishing a snapshot does not write it
-- again. A row for each change; the newest snapshot of its aggregate stands for all of them.
create table messaging.queue (
  position bigint primary key default nextval('messaging.outbox_position'),
  subject text not null,
  aggregate text not null,
  -- Real time, for alarms.
  queued_at timestamptz not null default now()
);
insert into messaging.queue (subject, aggregate, queued_at)
  select subject, aggregate, queued_at from messaging.outbox
   where position is not null order by position;
drop index messaging.outbox_unpublished;
alter table messaging.outbox
  drop column position,
  drop column waiting_from,
  drop column queued_at,
  -- Room for the next snapshot beside the last one, so that no index is written for it.
  set (fillfactor = 80);
-- Quicker than the usual compression, where the server was built with it.
do $$
begin
  alter table messaging.outbox alter column data set compression lz4;
exception when feature_not_supported then null;
end $$;
