-- What hospitals last said of facts that people decide too: the same again is no news against a
-- person's decision. Nothing in it says who the patient is.
alter table hospital_case add column said jsonb not null default '{}';

-- "Judged, and nobody is needed" is no need.
update hospital_case c set with_need = false
 where with_need and not exists (
   select from jsonb_array_elements(c.snapshot -> 'needs') as need
    where need -> 'withdrawn' is null
      and (jsonb_array_length(need -> 'parties') > 0 or need -> 'frequent_patient' = 'true'));
