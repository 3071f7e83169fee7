insert into messaging.access (case_id, staff, unit, what, at)
  select case_id, staff, unit, action, at from access_log order by id;
drop table access_log;
