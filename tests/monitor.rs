//! The monitor by itself, as an application with keys of its own holds it: what it makes of the
//! results that it is shown.

use std::time::Duration;

use frameseal::{
    CipherSuite, EncryptionStatus as Level, Error, Event, InjectedFrames, KeyId, MemberId,
    MonitorCore, Plain, Policy, SendConfig, StatusReason, Storage, Timestamp, UsageLimits, fixed,
};

const BOB: MemberId = MemberId::Application(1);
const CARL: MemberId = MemberId::Application(2);

const AUTHENTIC: Result<(), Error> = Ok(());
const FORGED: Result<(), Error> = Err(Error::Authentication);
const NO_KEY: Result<(), Error> = Err(Error::UnknownKeyId(KeyId::new(9)));

/// Makes two tests of each scenario: one over growing storage, one over fixed.
macro_rules! over_both {
    ($($scenario:ident),+ $(,)?) => {
        #[cfg(feature = "alloc")]
        mod growing {
            $(#[test] fn $scenario() { super::$scenario::<frameseal::Growing>(); })+
        }
        mod fixed_storage {
            $(#[test] fn $scenario() { super::$scenario::<frameseal::Fixed<2>>(); })+
        }
    };
}

over_both!(
    frames_that_fail_for_two_seconds_break_a_member,
    single_failures_far_apart_break_nobody,
    a_failure_for_want_of_a_key_is_told_from_a_forged_frame,
    what_authenticates_during_a_removal_overlap_is_no_evidence_later,
    a_limit_that_is_near_is_told_once_for_each_of_eight_keys,
    who_is_added_again_is_somebody_else,
    the_list_of_statuses_says_what_each_status_says,
);

fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Bob, heard at 0, and Carl, who was not.
fn heard<S: Storage>() -> MonitorCore<S> {
    let mut monitor = MonitorCore::new(Policy::Standard);
    monitor.add_member(BOB).unwrap();
    monitor.add_member(CARL).unwrap();
    monitor.observe(ms(0), BOB, &AUTHENTIC).unwrap();
    monitor
}

fn level<S: Storage>(monitor: &MonitorCore<S>, member: MemberId, now: u64) -> Level {
    monitor.status(member, ms(now)).level
}

fn frames_that_fail_for_two_seconds_break_a_member<S: Storage>() {
    for member in [BOB, CARL] {
        let mut monitor = heard::<S>();
        let before = level(&monitor, member, 0);
        // Never more than two seconds apart.
        for now in [1000, 2500, 2999] {
            monitor.observe(ms(now), member, &FORGED).unwrap();
            assert_eq!(level(&monitor, member, now), before);
        }
        monitor.observe(ms(3000), member, &FORGED).unwrap();
        assert_eq!(level(&monitor, member, 3000), Level::Broken);
        assert_eq!(monitor.room_status(ms(3000)).level, Level::Broken);
        monitor.observe(ms(3001), member, &AUTHENTIC).unwrap();
        assert_eq!(level(&monitor, member, 3001), Level::EndToEnd);
    }
}

fn single_failures_far_apart_break_nobody<S: Storage>() {
    for pause in [2001, 9000, 3_600_000] {
        for member in [BOB, CARL] {
            let mut monitor = heard::<S>();
            for nth in 1..10 {
                let now = nth * pause;
                monitor.observe(ms(now), member, &FORGED).unwrap();
                assert_ne!(level(&monitor, member, now), Level::Broken, "{pause}");
                assert_ne!(monitor.room_status(ms(now)).level, Level::Broken);
            }
        }
    }
}

fn a_failure_for_want_of_a_key_is_told_from_a_forged_frame<S: Storage>() {
    let mut monitor = heard::<S>();
    for now in [100, 1200, 2300] {
        monitor.observe(ms(now), BOB, &NO_KEY).unwrap();
    }
    let status = monitor.status(BOB, ms(2300));
    assert_eq!(
        (status.level, status.reason),
        (Level::Broken, StatusReason::NoKey)
    );
    monitor.observe(ms(2400), BOB, &FORGED).unwrap();
    let status = monitor.status(BOB, ms(2400));
    assert_eq!(
        (status.level, status.reason),
        (Level::Broken, StatusReason::DoesNotAuthenticate)
    );
    let events: Vec<_> = std::iter::from_fn(|| monitor.poll_event(ms(2400))).collect();
    let (key_id, count) = (KeyId::new(9), 3);
    assert!(events.contains(&Event::UnknownKeyId { key_id, count }));
    let stats = monitor.member_stats(BOB).unwrap();
    assert_eq!((stats.opened, stats.failed_opens), (1, 1));
}

fn what_authenticates_during_a_removal_overlap_is_no_evidence_later<S: Storage>() {
    let mut monitor = heard::<S>();
    let overlap = Level::OverlapAfterRemoval;
    monitor.observe(ms(5000), BOB, &AUTHENTIC).unwrap();
    monitor.set_removal_overlap(Some(ms(8000)));
    for member in [BOB, CARL] {
        monitor.observe(ms(7999), member, &AUTHENTIC).unwrap();
        assert_eq!(level(&monitor, member, 7999), overlap);
    }
    // Bob was heard before, but of both the latest frame may be that of whoever was removed.
    for member in [BOB, CARL] {
        assert_eq!(level(&monitor, member, 8000), overlap);
        assert_eq!(level(&monitor, member, 15_001), overlap);
    }
    monitor.observe(ms(15_001), CARL, &AUTHENTIC).unwrap();
    assert_eq!(level(&monitor, CARL, 15_001), Level::EndToEnd);
    assert_eq!(level(&monitor, BOB, 17_998), overlap);
    assert_eq!(level(&monitor, BOB, 17_999), Level::Stale);
}

fn a_limit_that_is_near_is_told_once_for_each_of_eight_keys<S: Storage>() {
    let mut monitor = heard::<S>();
    let limits = UsageLimits::standard().with_frames(8);
    let config = SendConfig::standard().with_limits(limits);
    let suite = CipherSuite::Aes128GcmSha256_128;
    let mut sender = fixed::Encryptor::<9>::with_config(suite, config);
    let mut show = |monitor: &mut MonitorCore<S>, kid: u8| {
        let key_id = KeyId::new(u64::from(kid));
        if sender.key_status(key_id).is_none() {
            sender.add_key(key_id, &[kid; 16]).unwrap();
            sender.use_key(key_id).unwrap();
            for _ in 0..7 {
                sender.encrypt(b"", b"x", &mut [0; 64]).unwrap();
            }
        }
        let status = sender.key_status(key_id).unwrap();
        monitor.observe_sending_key(key_id, &status, limits);
        let mut events: Vec<_> = std::iter::from_fn(|| monitor.poll_event(ms(0))).collect();
        events.retain(|event| matches!(event, Event::UsageLimitNear(_)));
        events
    };
    for round in 0..3 {
        for kid in 1..=8 {
            let near = Event::UsageLimitNear(KeyId::new(u64::from(kid)));
            let expected = (round == 0).then_some(near);
            assert_eq!(show(&mut monitor, kid), Vec::from_iter(expected), "{kid}");
        }
    }
    // Not more than eight are remembered: the ninth is told, and the first again.
    for kid in [9, 1] {
        let near = Event::UsageLimitNear(KeyId::new(u64::from(kid)));
        assert_eq!(show(&mut monitor, kid), [near]);
        assert_eq!(show(&mut monitor, kid), []);
    }
}

fn who_is_added_again_is_somebody_else<S: Storage>() {
    let mut monitor = heard::<S>();
    let minute = Duration::from_secs(60);
    let refused = Err(Error::PassthroughRefused);
    assert_eq!(monitor.allow_passthrough(ms(1), BOB, minute), refused);
    // Added once more without leaving, he is who he was.
    monitor.add_member(BOB).unwrap();
    assert_eq!(monitor.allow_passthrough(ms(1), BOB, minute), refused);
    assert_eq!(level(&monitor, BOB, 1), Level::EndToEnd);

    monitor.set_verified(BOB, true).unwrap();
    monitor.remove_member(BOB).unwrap();
    assert_eq!(monitor.remove_member(BOB), Err(Error::UnknownMember));
    monitor.add_member(BOB).unwrap();
    assert_eq!(level(&monitor, BOB, 2), Level::Unknown);
    monitor.allow_passthrough(ms(2), BOB, minute).unwrap();
    let passed = monitor.pass(ms(3), BOB, b"plain", InjectedFrames::default());
    assert_eq!(passed, Ok(Plain::Passthrough));
    monitor.observe(ms(4), BOB, &AUTHENTIC).unwrap();
    assert_eq!(level(&monitor, BOB, 4), Level::EndToEnd, "not verified");
    assert_eq!(monitor.member_stats(BOB).unwrap().opened, 1);
}

fn the_list_of_statuses_says_what_each_status_says<S: Storage>() {
    let mut monitor = heard::<S>();
    monitor.observe(ms(0), CARL, &FORGED).unwrap();
    monitor.observe(ms(1500), CARL, &FORGED).unwrap();
    monitor.observe(ms(3000), CARL, &FORGED).unwrap();
    for (now, expected) in [
        (3000, [Level::EndToEnd, Level::Broken]),
        (10_000, [Level::Stale, Level::Broken]),
        (13_000, [Level::Stale, Level::Unknown]),
    ] {
        let mut list: Vec<_> = monitor.statuses(ms(now)).collect();
        list.sort_unstable_by_key(|(member, _)| *member);
        let each = [BOB, CARL].map(|member| (member, monitor.status(member, ms(now))));
        assert_eq!(list, each, "{now}");
        assert_eq!(each.map(|(_, status)| status.level), expected, "{now}");
    }
}
