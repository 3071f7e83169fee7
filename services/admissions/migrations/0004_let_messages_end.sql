alter table raw_message
  drop constraint raw_message_outcome_check,
  add constraint raw_message_outcome_check
    check (outcome in ('accepted', 'duplicate', 'not_used', 'refused', 'dismissed')),
  -- Who has closed a refusal, when (domain time), and the accepted message that put it right.
  add column dismissed_by text,
  add column dismissed_at timestamptz,
  add column corrected_by uuid;
create index raw_message_age on raw_message (outcome, received_at);
