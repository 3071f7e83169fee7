-- Others hear of an alert once something has become of its sending; until then only this service
-- knows it. What is there was said.
alter table alert
  add column said boolean not null default true,
  -- Room for the next version of a row beside the last one, so that no index is written for it.
  set (fillfactor = 80);
alter table delivery
  -- Alerts are written before their deliveries and removed after them, under one lock.
  drop constraint delivery_alert_id_fkey,
  set (fillfactor = 80);
-- Read whole and written whole.
alter table known_ledger alter column snapshot type json;
do $$
begin
  alter table known_ledger alter column snapshot set compression lz4;
exception when feature_not_supported then null;
end $$;
