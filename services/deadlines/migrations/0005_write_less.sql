-- A fact is written under the lock on its case's row, which is never removed.
alter table fact drop constraint fact_case_id_fkey;
-- Quicker than the usual compression, where the server was built with it.
do $$
begin
  alter table fact alter column snapshot set compression lz4;
  alter table ledger
    alter column snapshot set compression lz4,
    alter column plan set compression lz4;
exception when feature_not_supported then null;
end $$;
