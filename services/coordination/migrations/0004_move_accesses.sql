-- One log of accesses for all services. A process of the release before still writes to the old table
-- until it has been replaced: what it writes lands in the new one.
lock table access_log in access exclusive mode;
insert into messaging.access (case_id, staff, unit, what, at)
  select case_id, staff, unit, action, at from access_log order by id;
truncate access_log;
create function note_access() returns trigger language plpgsql as $$
begin
  insert into messaging.access (case_id, staff, unit, what, at)
  values (new.case_id, new.staff, new.unit, new.action, new.at);
  return null;
end $$;
create trigger note_access before insert on access_log
  for each row execute function note_access();
