use super::*;
use crate::domain::backoff::ROUNDS_ALONE;
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
    let other = Other { channel, provider, repeat, wait: Duration::ZERO };
    Next { retry: None, other: Some(other) }
}

fn retry(provider: Provider, wait: Duration) -> Next {
    Next { retry: Some((provider, wait)), other: None }
}

#[test]
fn what_was_accepted_needs_nothing_more() {
    let around = around(BOTH, &[(Channel::Email, false)]);
    let first = attempt(Provider::Smtp, 1);
    let decided = after(&ACCEPTED, first, around, &two(), 0.0);
    assert_eq!(decided, (State::Accepted, Next::default()));
}

#[test]
fn a_mail_refused_for_now_is_tried_again_for_ever_and_after_a_while_goes_as_sms_too() {
    let around = around(BOTH, &[(Channel::Email, false)]);
    let decide = |attempts| {
        let attempt = attempt(Provider::Smtp, attempts);
        after(&refused(false), attempt, around, &two(), 0.0)
    };
    let wait = Duration::from_secs(30);
    assert_eq!(decide(1), (State::Queued, retry(Provider::Smtp, wait)));
    let sms = other(Channel::Sms, Provider::Elks, false);
    let slow = Some((Provider::Smtp, Duration::from_mins(10)));
    assert_eq!(decide(ROUNDS_ALONE), (State::Queued, Next { retry: slow, ..sms }));
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
        let next = retry(Provider::Kannel, Duration::ZERO);
        assert_eq!(decided, (State::Queued, next));
    }
}

#[test]
fn when_both_providers_are_away_a_round_begins_after_a_wait() {
    let around = around(SMS, &[(Channel::Sms, false)]);
    let decided = after(&refused(false), attempt(Provider::Kannel, 2), around, &two(), 0.0);
    let next = retry(Provider::Elks, Duration::from_secs(30));
    assert_eq!(decided, (State::Queued, next));
}

#[test]
fn an_sms_that_both_providers_refuse_for_good_has_failed() {
    let around = around(SMS, &[(Channel::Sms, false)]);
    let decided = after(&refused(true), attempt(Provider::Kannel, 2), around, &two(), 0.0);
    assert_eq!(decided, (State::Failed, Next::default()));
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
    let repeat = Other {
        channel: Channel::Email,
        provider: Provider::Smtp,
        repeat: true,
        wait: Duration::from_secs(30),
    };
    assert_eq!(next, Next { retry: None, other: Some(repeat) });
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
    assert_eq!(decided, (State::Unknown, Next::default()));
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
    assert_eq!(next, Next::default());
}

#[test]
fn an_sms_whose_provider_is_not_set_up_any_more_goes_to_the_first_that_is() {
    let around = around(SMS, &[(Channel::Sms, false)]);
    let alone = Providers::new(vec![Provider::Kannel]);
    let outcome = SendOutcome::refused(false, Reason::NotSetUp, None);
    let decided = after(&outcome, attempt(Provider::Elks, 1), around, &alone, 0.0);
    assert_eq!(decided, (State::Queued, retry(Provider::Kannel, Duration::ZERO)));
    // And when there is none, it waits for one.
    let none = Providers::default();
    let (state, next) = after(&outcome, attempt(Provider::Elks, 1), around, &none, 0.0);
    assert_eq!((state, next), (State::Queued, retry(Provider::Elks, Duration::from_secs(30))));
}

#[test]
fn who_is_not_asked_at_present_is_passed_over() {
    let only = |one| two().instead(Provider::Elks, |provider| provider == one);
    assert_eq!(only(Provider::Elks), Some(Provider::Elks));
    assert_eq!(only(Provider::Kannel), Some(Provider::Kannel));
    assert_eq!(only(Provider::Smtp), None);
    assert_eq!(two().instead(Provider::Smtp, |_| false), None);
}

/// What became of an alert in a play.
struct Played {
    /// Messages that may have gone out.
    copies: usize,
    /// Something is still to be sent.
    goes_on: bool,
}

/// Plays out an alert as long as there are fates, each attempt ending as its fate says.
fn play(channels: Channels, providers: &Providers, fates: &[SendOutcome]) -> Played {
    let first = channels.first().unwrap();
    let mut tried = vec![(first, false)];
    let start = (first, providers.first(first).unwrap(), false, 0);
    let mut waiting = std::collections::VecDeque::from([start]);
    let mut copies = 0;
    for outcome in fates {
        let Some((channel, provider, repeat, attempts)) = waiting.pop_front() else {
            break;
        };
        let attempt = Attempt { channel, provider, attempts: attempts + 1, repeat };
        if !matches!(outcome, SendOutcome::Refused { .. }) {
            copies += 1;
            waiting.clear();
        }
        let around = Around { channels, tried: &tried };
        let (_, Next { retry, other }) = after(outcome, attempt, around, providers, 0.0);
        waiting.extend(retry.map(|(provider, _)| (channel, provider, repeat, attempts + 1)));
        if let Some(Other { channel, provider, repeat, .. }) = other {
            assert!(!tried.contains(&(channel, repeat)), "the same delivery twice");
            tried.push((channel, repeat));
            waiting.push_back((channel, provider, repeat, 0));
        }
    }
    Played { copies, goes_on: !waiting.is_empty() }
}

fn channels() -> impl proptest::strategy::Strategy<Value = Channels> {
    proptest::sample::select(vec![BOTH, MAIL, SMS])
}

proptest::proptest! {
    #[test]
    fn whatever_happens_there_are_two_copies_at_most(
        fates in proptest::collection::vec(
            proptest::sample::select(vec![ACCEPTED, refused(false), refused(true), UNKNOWN]),
            1..60,
        ),
        channels in channels(),
    ) {
        proptest::prop_assert!(play(channels, &two(), &fates).copies <= 2);
    }

    #[test]
    fn what_is_refused_for_now_alone_is_never_given_up(
        times in 1..100_usize,
        channels in channels(),
    ) {
        let fates = vec![refused(false); times];
        proptest::prop_assert!(play(channels, &two(), &fates).goes_on);
    }
}
