//! When sending moves to a new epoch: as the application chose, and never back.

use std::time::Duration;

use frameseal::{EpochConfig, Error, Event, SendSwitch, StreamKind};

use crate::call::{
    ALICE_AND_BOB, Device, People, SUITE, Stream, WITH_CARL, id, ms, nonce_of, over_all, seconds,
};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    sending_moves_when_all_have_acknowledged,
    after_a_delay_sending_moves_whatever_was_acknowledged,
    sending_moves_after_the_delay_if_acknowledgements_are_missing,
    acknowledgements_of_strangers_do_not_count,
    an_acknowledgement_counts_once,
    who_acknowledges_an_epoch_has_the_ones_before,
    late_acknowledgements_move_nothing,
    who_is_alone_need_not_wait,
    at_key_frames_video_waits_and_audio_does_not,
    at_key_frames_video_moves_at_the_deadline_at_the_latest,
    at_key_frames_one_is_asked_for_when_it_lets_video_move_and_not_again_after_it_did,
    a_key_frame_that_is_wanted_has_a_deadline_though_none_was_asked_for_before,
    a_key_frame_is_asked_for_though_another_epoch_becomes_current_at_the_same_time,
    a_key_frame_is_not_asked_for_when_all_video_moved_before_somebody_asked,
    video_that_moved_with_another_frame_is_asked_for_a_key_frame,
    video_that_begins_in_an_epoch_is_asked_for_nothing,
    video_that_paused_for_longer_than_its_epoch_is_asked_for_a_key_frame,
    a_picture_that_is_not_sealed_keeps_the_mark,
    when_told_sending_moves_only_then,
    sending_never_moves_back,
    epochs_may_be_skipped,
    a_clock_that_steps_back_stands_still,
    at_the_last_time_of_all_nothing_is_left_waiting,
);

fn joined<S: Kind>(switch: SendSwitch, people: People<'_>) -> Device<S> {
    let config = EpochConfig::new(SUITE).with_send_switch(switch);
    Device::joined(0, config, people)
}

fn ready<S: Kind>() -> Device<S> {
    joined(SendSwitch::WhenReady(seconds(2)), WITH_CARL)
}

fn sending_moves_when_all_have_acknowledged<S: Kind>() {
    for switch in [
        SendSwitch::WhenReady(seconds(2)),
        SendSwitch::AtKeyFrame(seconds(1), seconds(2)),
    ] {
        let mut alice = joined::<S>(switch, WITH_CARL);
        alice.add(100, 2, WITH_CARL).unwrap();
        alice.manager.peer_ready(1, id(2), ms(110)).unwrap();
        assert_eq!(alice.sends_in(110, alice.audio), 1);
        alice.manager.peer_ready(2, id(2), ms(120)).unwrap();
        assert_eq!(alice.sends_in(120, alice.audio), 2);
        // From there on the old one has its ten seconds.
        alice.events(10_119);
        assert_eq!(alice.live(), [1, 2]);
        alice.events(10_120);
        assert_eq!(alice.live(), [2]);
    }
}

fn after_a_delay_sending_moves_whatever_was_acknowledged<S: Kind>() {
    let mut alice = joined::<S>(SendSwitch::After(seconds(3)), WITH_CARL);
    alice.add(100, 2, WITH_CARL).unwrap();
    for index in [1, 2] {
        alice.manager.peer_ready(index, id(2), ms(110)).unwrap();
    }
    assert_eq!(alice.sends_in(3099, alice.audio), 1);
    assert_eq!(alice.sends_in(3100, alice.audio), 2);
}

fn sending_moves_after_the_delay_if_acknowledgements_are_missing<S: Kind>() {
    for switch in [
        SendSwitch::WhenReady(seconds(3)),
        SendSwitch::After(seconds(3)),
    ] {
        let mut alice = joined::<S>(switch, WITH_CARL);
        alice.add(100, 2, WITH_CARL).unwrap();
        alice.manager.peer_ready(1, id(2), ms(110)).unwrap();
        assert_eq!(alice.sends_in(3099, alice.audio), 1);
        assert_eq!(alice.sends_in(3100, alice.audio), 2);
    }
}

fn acknowledgements_of_strangers_do_not_count<S: Kind>() {
    let mut alice = ready::<S>();
    alice
        .add(0, 2, &[(0, "alice"), (1, "bob"), (7, "dave")])
        .unwrap();
    assert_eq!(alice.sends_in(0, alice.audio), 2, "Carl was removed");
    let mut alice = ready::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    let before = alice.state(0);
    for index in [0, 3, 7, u32::MAX] {
        let refused = alice.manager.peer_ready(index, id(2), ms(0));
        assert_eq!(refused, Err(Error::UnknownMember), "{index}");
    }
    for epoch in [0, 3] {
        let refused = alice.manager.peer_ready(1, id(epoch), ms(0));
        assert_eq!(refused, Err(Error::UnknownEpoch(id(epoch))));
    }
    assert_eq!(alice.state(0), before);
    assert_eq!(alice.sends_in(0, alice.audio), 1);
}

fn an_acknowledgement_counts_once<S: Kind>() {
    let mut alice = ready::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    for _ in 0..5 {
        alice.manager.peer_ready(1, id(2), ms(1)).unwrap();
        alice.manager.peer_ready(1, id(1), ms(1)).unwrap();
    }
    assert_eq!(alice.sends_in(1, alice.audio), 1);
}

fn who_acknowledges_an_epoch_has_the_ones_before<S: Kind>() {
    let mut alice = ready::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    alice.manager.peer_ready(2, id(2), ms(1)).unwrap();
    alice.add(1, 3, WITH_CARL).unwrap();
    alice.manager.peer_ready(1, id(3), ms(2)).unwrap();
    // Bob's word for 3 is one for 2, too.
    assert_eq!(alice.sends_in(2, alice.audio), 2);
    alice.manager.peer_ready(2, id(3), ms(4)).unwrap();
    assert_eq!(alice.sends_in(4, alice.audio), 3);
}

fn late_acknowledgements_move_nothing<S: Kind>() {
    let mut alice = ready::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    alice.add(1, 3, WITH_CARL).unwrap();
    assert_eq!(alice.sends_in(2001, alice.audio), 3);
    let deadline = alice.manager.next_deadline();
    for (index, epoch) in [(1, 2), (2, 2), (1, 3), (2, 3)] {
        alice
            .manager
            .peer_ready(index, id(epoch), ms(9000))
            .unwrap();
        assert_eq!(alice.sends_in(9000, alice.audio), 3);
    }
    assert_eq!(
        alice.manager.next_deadline(),
        deadline,
        "nothing lives longer"
    );
    alice.events(12_001);
    let gone = Err(Error::UnknownEpoch(id(2)));
    assert_eq!(alice.manager.peer_ready(1, id(2), ms(12_001)), gone);
}

fn who_is_alone_need_not_wait<S: Kind>() {
    let mut alice = joined::<S>(SendSwitch::WhenTold, &[(0, "alice")]);
    alice.add(5, 2, &[(0, "alice")]).unwrap();
    assert_eq!(alice.sends_in(5, alice.audio), 2);
}

fn at_key_frame<S: Kind>() -> (Device<S>, Stream<S>) {
    let switch = SendSwitch::AtKeyFrame(seconds(1), seconds(5));
    let mut alice = joined::<S>(switch, ALICE_AND_BOB);
    let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
    alice.seal_on(0, video).unwrap();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    (alice, video)
}

fn at_key_frames_video_waits_and_audio_does_not<S: Kind>() {
    let (mut alice, video) = at_key_frame::<S>();
    // A key frame that comes before the first time does not count.
    alice.manager.mark_key_frame(video).unwrap();
    assert_eq!(alice.sends_in(1999, video), 1);
    assert_eq!(alice.sends_in(1999, alice.audio), 1);
    assert_eq!(alice.sends_in(2000, alice.audio), 2);
    assert_eq!(alice.sends_in(2000, video), 1);
    alice.manager.mark_key_frame(video).unwrap();
    assert_eq!(alice.sends_in(2500, video), 2);
    assert_eq!(alice.sends_in(2501, video), 2, "and stays there");
    assert_eq!(alice.manager.sending_epoch(), Some(id(1)));
}

fn at_key_frames_video_moves_at_the_deadline_at_the_latest<S: Kind>() {
    let (mut alice, video) = at_key_frame::<S>();
    assert_eq!(alice.sends_in(5999, video), 1);
    assert_eq!(alice.sends_in(6000, video), 2);
    assert_eq!(alice.manager.sending_epoch(), Some(id(2)));
}

fn at_key_frames_one_is_asked_for_when_it_lets_video_move_and_not_again_after_it_did<S: Kind>() {
    for marked in [true, false] {
        let (mut alice, video) = at_key_frame::<S>();
        let asked = |alice: &mut Device<S>, now| {
            let events = alice.events(now);
            events.contains(&Event::KeyFrameNeeded)
        };
        asked(&mut alice, 1000);
        assert!(!asked(&mut alice, 1999));
        assert!(asked(&mut alice, 2000));
        if marked {
            alice.manager.mark_key_frame(video).unwrap();
        }
        assert_eq!(alice.sends_in(2500, video), if marked { 2 } else { 1 });
        // At the deadline video moves without one.
        assert_eq!(asked(&mut alice, 6000), !marked);
        assert_eq!(alice.sends_in(6000, video), 2);
        assert!(!asked(&mut alice, 7000));
    }
}

/// Alice with a video stream that was opened before the first epoch, so that nothing was asked yet.
fn with_video_first<S: Kind>() -> (Device<S>, Stream<S>) {
    let switch = SendSwitch::AtKeyFrame(seconds(1), seconds(5));
    let mut alice = Device::<S>::with_config(0, EpochConfig::new(SUITE).with_send_switch(switch));
    let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
    alice.add(0, 1, ALICE_AND_BOB).unwrap();
    alice.seal_on(0, video).unwrap();
    assert!(!alice.events(0).contains(&Event::KeyFrameNeeded));
    (alice, video)
}

fn a_key_frame_that_is_wanted_has_a_deadline_though_none_was_asked_for_before<S: Kind>() {
    let (mut alice, _) = with_video_first::<S>();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    alice.events(1000);
    alice.events(1200);
    assert_eq!(alice.manager.next_deadline(), Some(ms(2000)));
    // A frame passes the time from which on video may move.
    alice.seal_on(2000, alice.audio).unwrap();
    assert_eq!(alice.manager.next_deadline(), Some(ms(2000)));
    assert!(alice.events(2000).contains(&Event::KeyFrameNeeded));
}

fn a_key_frame_is_asked_for_though_another_epoch_becomes_current_at_the_same_time<S: Kind>() {
    let (mut alice, video) = with_video_first::<S>();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    alice.events(2000);
    alice.manager.mark_key_frame(video).unwrap();
    assert_eq!(alice.sends_in(2100, video), 2);
    alice.add(5000, 3, ALICE_AND_BOB).unwrap();
    alice.events(5000);
    // The second is what all send in, and the third may be sent in.
    assert!(alice.events(6000).contains(&Event::KeyFrameNeeded));
    assert_eq!(alice.manager.sending_epoch(), Some(id(2)));
}

fn a_key_frame_is_not_asked_for_when_all_video_moved_before_somebody_asked<S: Kind>() {
    let (mut alice, video) = with_video_first::<S>();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    alice.events(1000);
    alice.seal_on(2000, alice.audio).unwrap();
    alice.manager.mark_key_frame(video).unwrap();
    assert_eq!(alice.sends_in(2000, video), 2);
    for now in [2000, 3000, 6000, 7000] {
        assert!(!alice.events(now).contains(&Event::KeyFrameNeeded), "{now}");
    }
}

fn video_that_moved_with_another_frame_is_asked_for_a_key_frame<S: Kind>() {
    for marked in [true, false] {
        let config = EpochConfig::new(SUITE).with_send_switch(SendSwitch::WhenTold);
        let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
        let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
        alice.seal_on(0, video).unwrap();
        alice.events(0);
        alice.add(1000, 2, WITH_CARL).unwrap();
        alice.events(1000);
        alice.manager.activate(id(2), ms(2000)).unwrap();
        if marked {
            alice.manager.mark_key_frame(video).unwrap();
        }
        // Before anybody asks, a frame is sealed with the new epoch. Carl can open it, and decode it
        // if it is a key frame.
        assert_eq!(alice.sends_in(2000, video), 2);
        let asked = alice.events(2000).contains(&Event::KeyFrameNeeded);
        assert_eq!(asked, !marked);
        assert!(!alice.events(5000).contains(&Event::KeyFrameNeeded));
    }
}

fn video_that_begins_in_an_epoch_is_asked_for_nothing<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_send_switch(SendSwitch::WhenTold);
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    alice.events(0);
    alice.add(1000, 2, WITH_CARL).unwrap();
    alice.events(1000);
    alice.manager.activate(id(2), ms(2000)).unwrap();
    // Whatever its first frame is, everybody who is there has missed none before it.
    let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
    assert_eq!(alice.sends_in(2000, video), 2);
    for now in [2000, 5000] {
        assert!(!alice.events(now).contains(&Event::KeyFrameNeeded), "{now}");
    }
}

fn video_that_paused_for_longer_than_its_epoch_is_asked_for_a_key_frame<S: Kind>() {
    let (mut alice, _) = with_video_first::<S>();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    assert!(alice.events(2000).contains(&Event::KeyFrameNeeded));
    alice.events(30_000);
    assert_eq!(alice.live(), [2], "the first is wiped");
    alice.add(30_000, 3, WITH_CARL).unwrap();
    assert!(alice.events(31_000).contains(&Event::KeyFrameNeeded));
}

fn a_picture_that_is_not_sealed_keeps_the_mark<S: Kind>() {
    let (mut alice, video) = at_key_frame::<S>();
    alice.manager.mark_key_frame(video).unwrap();
    let short = alice
        .manager
        .encrypt(ms(2000), video, b"", b"picture", &mut [0; 8]);
    assert!(matches!(short, Err(Error::BufferTooSmall { .. })));
    assert_eq!(nonce_of(&alice.seal_on(2000, video).unwrap()).1, 0);
    assert_eq!(alice.sends_in(2000, video), 2);
}

fn when_told_sending_moves_only_then<S: Kind>() {
    let mut alice = joined::<S>(SendSwitch::WhenTold, WITH_CARL);
    alice.add(0, 2, WITH_CARL).unwrap();
    alice.add(0, 3, WITH_CARL).unwrap();
    for index in [1, 2] {
        alice.manager.peer_ready(index, id(3), ms(1)).unwrap();
    }
    assert_eq!(alice.sends_in(86_400_000, alice.audio), 1);
    alice.manager.activate(id(2), ms(86_400_001)).unwrap();
    assert_eq!(alice.sends_in(86_400_001, alice.audio), 2);
    alice.manager.activate(id(3), ms(86_400_002)).unwrap();
    assert_eq!(alice.sends_in(86_400_002, alice.audio), 3);
}

fn sending_never_moves_back<S: Kind>() {
    let mut alice = ready::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    alice.add(0, 3, WITH_CARL).unwrap();
    alice.manager.activate(id(3), ms(1)).unwrap();
    let before = nonce_of(&alice.seal(1));
    for epoch in [1, 2] {
        let too_old = Err(Error::EpochTooOld(id(epoch)));
        assert_eq!(alice.manager.activate(id(epoch), ms(1)), too_old);
    }
    let unknown = Err(Error::UnknownEpoch(id(4)));
    assert_eq!(alice.manager.activate(id(4), ms(1)), unknown);
    for index in [1, 2] {
        alice.manager.peer_ready(index, id(2), ms(2)).unwrap();
    }
    assert_eq!(alice.manager.activate(id(3), ms(2)), Ok(()), "it is there");
    assert_eq!(nonce_of(&alice.seal(5000)), (before.0, before.1 + 1));
}

fn epochs_may_be_skipped<S: Kind>() {
    let mut alice = ready::<S>();
    for epoch in 2..6 {
        alice.add(0, epoch, WITH_CARL).unwrap();
    }
    alice.manager.activate(id(4), ms(10)).unwrap();
    assert_eq!(alice.sends_in(10, alice.audio), 4);
    // The skipped ones are received as long as the one before.
    alice.events(2000);
    assert_eq!(alice.live(), [1, 2, 3, 4, 5]);
    assert_eq!(alice.sends_in(2000, alice.audio), 5);
    alice.events(10_010);
    assert_eq!(alice.live(), [4, 5]);
}

fn a_clock_that_steps_back_stands_still<S: Kind>() {
    let mut alice = joined::<S>(SendSwitch::After(Duration::from_millis(500)), ALICE_AND_BOB);
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    assert_eq!(nonce_of(&alice.seal(1500)), (2, 0));
    for now in [0, 1499, 1500] {
        assert_eq!(alice.sends_in(now, alice.audio), 2);
    }
    // What is added then is added at 1500.
    alice.add(3, 3, ALICE_AND_BOB).unwrap();
    assert_eq!(alice.sends_in(600, alice.audio), 2);
    assert_eq!(alice.sends_in(1999, alice.audio), 2);
    assert_eq!(alice.sends_in(2000, alice.audio), 3);
    alice.events(11_500);
    assert_eq!(alice.live(), [2, 3]);
    alice.events(5);
    assert_eq!(alice.live(), [2, 3]);
    alice.events(12_000);
    assert_eq!(alice.live(), [3]);
    let old = Err(Error::UnknownEpoch(id(2)));
    assert_eq!(alice.manager.activate(id(2), ms(0)), old);
}

fn at_the_last_time_of_all_nothing_is_left_waiting<S: Kind>() {
    for switch in [
        SendSwitch::WhenReady(seconds(2)),
        SendSwitch::AtKeyFrame(seconds(2), seconds(5)),
    ] {
        let mut alice = joined::<S>(switch, ALICE_AND_BOB);
        let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
        alice.events(u64::MAX);
        alice.add(u64::MAX, 2, ALICE_AND_BOB).unwrap();
        assert_eq!(alice.sends_in(u64::MAX, alice.audio), 2);
        assert_eq!(alice.sends_in(u64::MAX, video), 2);
        assert_eq!(alice.live(), [2], "and the old keys are gone");
    }
}
