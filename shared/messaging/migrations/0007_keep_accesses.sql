-- Who has read what of a case, on behalf of which unit (patientdatalag 2008:355, 4 kap. 3 §). Ids only:
-- nothing of it says who the patient is. Kept for as long as the database.
create table messaging.access (
  id bigint generated always as identity primary key,
  -- Null in old rows alone: of more than one.
  case_id uuid,
  staff text not null,
  unit text not null,
  what text not null,
  -- Domain time.
  at timestamptz not null
);
create index access_case on messaging.access (case_id, id);
