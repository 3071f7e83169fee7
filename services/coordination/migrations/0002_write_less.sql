-- Written under the lock on the case's row, which is never removed.
alter table assignment drop constraint assignment_case_id_fkey;
-- Read whole and written whole.
alter table known_case alter column snapshot type json;
alter table assignment alter column snapshot type json;
-- Quicker than the usual compression, where the server was built with it.
do $$
begin
  alter table known_case alter column snapshot set compression lz4;
  alter table assignment alter column snapshot set compression lz4;
exception when feature_not_supported then null;
end $$;
