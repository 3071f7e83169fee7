use super::*;
use crate::domain::backoff::MAX_ROUNDS;
use crate::outcome::Reason;

const BOTH: Channels = Channels { email: true, sms: true };
const MAIL: Channels = Channels { email: true, sms: false };
const SMS: Channels = Channels { email: false, sms: true };
const ACCEPTED: SendOutcome = SendOutcome::Accepted { provider_id: None, parts: 1 };
const UNKNOWN: SendOutcome = SendOutcome::Unknown { reason: Reason::Timeout };

fn two() -> Providers {
    Providers::new(vec![Provider::Elks, Provider::Kannel])
}

fn attempt(provider: Provider, attempts: u32) -> Attempt {
    let channel = match provider {
        Provider::Smtp => Channel::Email,
        Provider::Elks | Provider::Kannel => Channel::Sms,
    };
    Attempt { channel, provider, attempts, repeat: false }
}

fn refused(permanent: bool) -> SendOutcome {
    SendOutcome::refused(permanent, Reason::Busy, None)
}

fn around(channels: Channels, tried: &[(Channel, bool)]) -> Around<'_> {
    Around { channels, tried }
}

fn other(channel: Channel, provider: Provider, repeat: bool) -> Next {
    Next::Other { channel, provider, repeat, wait: Duration::ZERO }
}

#[test]
fn what_was_accepted_needs_nothing_more() {
    let around = around(BOTH, &[(Channel::Email, false)]);
    let first = attempt(Provider::Smtp, 1);
    let decided = after(&ACCEPTED, first, around, &two(), 0.0);
    assert_eq!(decided, (State::Accepted, Next::Nothing));
}

#[test]
fn a_mail_refused_for_now_is_tried_again_and_in_the_end_goes_as_sms() {
    let around = around(BOTH, &[(Channel::Email, false)]);
    let decide = |attempts| {
        let attempt = attempt(Provider::Smtp, attempts);
        after(&refused(false), attempt, around, &two(), 0.0)
    };
    let wait = Duration::from_secs(30);
    assert_eq!(decide(1), (State::Queued, Next::Retry(Provider::Smtp, wait)));
    let sms = other(Channel::Sms, Provider::Elks, false);
    assert_eq!(decide(MAX_ROUNDS), (State::Failed, sms));
}

#[test]
fn a_mail_refused_for_good_goes_as_sms_at_once() {
    let around = around(BOTH, &[(Channel::Email, false)]);
    let decided = after(&refused(true), attempt(Provider::Smtp, 1), around, &two(), 0.0);
    let sms = other(Channel::Sms, Provider::Elks, false);
    assert_eq!(decided, (State::Failed, sms));
}

#[test]
fn an_sms_that_one_provider_refuses_goes_to_the_other_at_once() {
    let around = around(SMS, &[(Channel::Sms, false)]);
    for permanent in [false, true] {
        let outcome = refused(permanent);
        let decided = after(&outcome, attempt(Provider::Elks, 1), around, &two(), 0.0);
        let next = Next::Retry(Provider::Kannel, Duration::ZERO);
        assert_eq!(decided, (State::Queued, next));
    }
}

#[test]
fn when_both_providers_are_away_a_round_begins_after_a_wait() {
    let around = around(SMS, &[(Channel::Sms, false)]);
    let decided = after(&refused(false), attempt(Provider::Kannel, 2), around, &two(), 0.0);
    let next = Next::Retry(Provider::Elks, Duration::from_secs(30));
    assert_eq!(decided, (State::Queued, next));
}

#[test]
fn an_sms_that_both_providers_refuse_for_good_has_failed() {
    let around = around(SMS, &[(Channel::Sms, false)]);
    let decided = after(&refused(true), attempt(Provider::Kannel, 2), around, &two(), 0.0);
    assert_eq!(decided, (State::Failed, Next::Nothing));
}

#[test]
fn a_mail_of_unknown_fate_is_repeated_once_as_sms_when_there_is_a_number() {
    let around = around(BOTH, &[(Channel::Email, false)]);
    let decided = after(&UNKNOWN, attempt(Provider::Smtp, 1), around, &two(), 0.0);
    let sms = other(Channel::Sms, Provider::Elks, true);
    assert_eq!(decided, (State::Unknown, sms));
}

#[test]
fn without_another_way_it_is_repeated_the_same_way_after_a_wait() {
    let around = around(MAIL, &[(Channel::Email, false)]);
    let (state, next) = after(&UNKNOWN, attempt(Provider::Smtp, 1), around, &two(), 0.0);
    assert_eq!(state, State::Unknown);
    let repeat = Next::Other {
        channel: Channel::Email,
        provider: Provider::Smtp,
        repeat: true,
        wait: Duration::from_secs(30),
    };
    assert_eq!(next, repeat);
}

#[test]
fn an_sms_of_unknown_fate_is_repeated_through_the_other_provider() {
    let around = around(SMS, &[(Channel::Sms, false)]);
    let (_, next) = after(&UNKNOWN, attempt(Provider::Elks, 1), around, &two(), 0.0);
    assert_eq!(next, other(Channel::Sms, Provider::Kannel, true));
}

#[test]
fn a_second_copy_of_unknown_fate_starts_no_third() {
    let around = around(BOTH, &[(Channel::Email, false), (Channel::Sms, true)]);
    let second = Attempt { repeat: true, ..attempt(Provider::Elks, 1) };
    let decided = after(&UNKNOWN, second, around, &two(), 0.0);
    assert_eq!(decided, (State::Unknown, Next::Nothing));
}

#[test]
fn a_report_of_failure_leads_to_another_way_and_never_to_the_same() {
    let tried = [(Channel::Sms, false)];
    let first = attempt(Provider::Elks, 1);
    let next = after_failed_report(first, around(BOTH, &tried), &two());
    assert_eq!(next, other(Channel::Email, Provider::Smtp, true));
    let next = after_failed_report(first, around(SMS, &tried), &two());
    assert_eq!(next, other(Channel::Sms, Provider::Kannel, true));
    let alone = Providers::new(vec![Provider::Elks]);
    let next = after_failed_report(first, around(SMS, &tried), &alone);
    assert_eq!(next, Next::Nothing);
}

/// Plays out an alert, each attempt ending as `fate` says, and counts the messages that may have
/// gone out and all attempts.
fn play(
    channels: Channels,
    providers: &Providers,
    fate: impl Fn(usize) -> SendOutcome,
) -> (usize, usize) {
    let first = channels.first().unwrap();
    let mut tried = vec![(first, false)];
    let mut waiting = vec![(first, providers.first(first).unwrap(), false, 0)];
    let (mut copies, mut made) = (0, 0);
    while let Some((channel, provider, repeat, attempts)) = waiting.pop() {
        let attempt = Attempt { channel, provider, attempts: attempts + 1, repeat };
        let outcome = fate(made);
        made += 1;
        assert!(made < 100, "no end in sight");
        copies += usize::from(!matches!(outcome, SendOutcome::Refused { .. }));
        match after(&outcome, attempt, Around { channels, tried: &tried }, providers, 0.0).1 {
            Next::Nothing => {}
            Next::Retry(provider, _) => waiting.push((channel, provider, repeat, attempts + 1)),
            Next::Other { channel, provider, repeat, .. } => {
                assert!(!tried.contains(&(channel, repeat)), "the same delivery twice");
                tried.push((channel, repeat));
                waiting.push((channel, provider, repeat, 0));
            }
        }
    }
    (copies, made)
}

proptest::proptest! {
    #[test]
    fn whatever_happens_it_ends_and_there_are_two_copies_at_most(
        fates in proptest::collection::vec(0..4_u8, 1..60),
        email in proptest::bool::ANY,
        both in proptest::bool::ANY,
    ) {
        let channels = Channels { email: email || both, sms: !email || both };
        let fate = |n: usize| match fates.get(n).copied().unwrap_or(1) {
            0 => ACCEPTED,
            1 => refused(false),
            2 => refused(true),
            _ => UNKNOWN,
        };
        let (copies, made) = play(channels, &two(), fate);
        proptest::prop_assert!(copies <= 2);
        proptest::prop_assert!(made <= 35);
    }
}
