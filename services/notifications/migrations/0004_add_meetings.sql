-- What sip last said of a case. The row is also the lock on what is told of its meetings. Read whole
-- and written whole.
create table known_sip (
  case_id uuid primary key,
  epoch integer not null,
  n bigint not null,
  snapshot json not null
);
do $$
begin
  alter table known_sip alter column snapshot set compression lz4;
exception when feature_not_supported then null;
end $$;

-- The first entry of the meeting to which an alert invites: such an alert holds by the plan, all
-- others by the ledger.
alter table alert add column meeting_id uuid;
