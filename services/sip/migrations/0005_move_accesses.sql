insert into messaging.access (case_id, staff, unit, what, at)
  select case_id, staff_id, unit_id, what, at from access_log order by id;
drop table access_log;
