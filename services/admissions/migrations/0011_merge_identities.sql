-- Which numbers a hospital has merged into which. Kept as patients are: what comes late may still name a
-- number that nobody has any more.
create table identity_merge (
  hospital text not null,
  prior_kind text not null,
  prior_value text not null,
  prior_authority text,
  kind text not null,
  value text not null,
  authority text,
  protected boolean not null,
  -- When the hospital stated it.
  stated_at timestamptz not null,
  -- From what the ids of entries follow.
  message uuid not null
);
-- Not unique: a violated index would print its key.
create index identity_merge_prior on identity_merge (prior_value, hospital);
create index identity_merge_survivor on identity_merge (value, hospital);

-- The number that the hospital itself says of the stay, where it was merged into another, and when.
alter table patient
  add column own_kind text,
  add column own_value text,
  add column own_authority text,
  add column merged_at timestamptz;
create index patient_own on patient (own_value) where own_value is not null;

-- Stays that were cancelled, or are from before stays were counted, are merged too.
create index patient_identity on patient (identity_value, began) where identity_value is not null;
drop index patient_stays;
