-- Both are written in one transaction, under the lock on the case.
alter table patient drop constraint patient_case_id_fkey;
-- Read whole and written whole.
alter table hospital_case
  alter column snapshot type json,
  alter column stated type json,
  alter column said drop default,
  alter column said type json,
  alter column said set default '{}';
-- Quicker than the usual compression, where the server was built with it.
do $$
begin
  alter table hospital_case alter column snapshot set compression lz4;
exception when feature_not_supported then null;
end $$;
