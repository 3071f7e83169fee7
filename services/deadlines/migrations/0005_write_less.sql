-- A fact is written under the lock on its case's row, which is never removed.
alter table fact drop constraint fact_case_id_fkey;
-- Read whole and written whole.
alter table fact alter column snapshot type json;
alter table ledger alter column snapshot type json, alter column plan type json;
-- Quicker than the usual compression, where the server was built with it.
do $$
begin
  alter table fact alter column snapshot set compression lz4;
  alter table ledger
    alter column snapshot set compression lz4,
    alter column plan set compression lz4;
exception when feature_not_supported then null;
end $$;
