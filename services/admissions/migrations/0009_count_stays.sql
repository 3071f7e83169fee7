-- When the stay began, for how often a patient has come of late; null when the admission never was.
alter table patient add column began timestamptz;
update patient p
   set began = (c.snapshot -> 'admitted' ->> 'occurred_at')::timestamptz
  from hospital_case c
 where c.case_id = p.case_id
   and not exists (
     select from json_array_elements(coalesce(c.snapshot -> 'cancellations', '[]')) as one
      where one -> 'revoked' is null);
-- Not unique: a violated index would print its key.
create index patient_stays on patient (identity_value, began)
  where identity_value is not null and began is not null;
