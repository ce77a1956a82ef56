//! What participants of a call with sender keys are given of each other, and what they forget.

use frameseal_fuzz::Input;

use crate::capi;
use crate::chain::Chain;
use crate::participants::Participants;
use crate::results::*;

impl Participants {
    /// What a participant is given of another, or of itself, or a wrong one.
    pub(crate) fn give(&mut self, input: &mut Input<'_>) {
        if self.generations.is_empty() {
            return;
        }
        let to = input.below(self.all.len());
        let back = input.below(self.generations.len().min(4));
        let which = self.generations.len() - 1 - back;
        let generation = &self.generations[which];
        let step = match input.below(2) {
            0 => generation.keys.len() - 1,
            _ => input.below(generation.keys.len()),
        };
        let (mut key, bits) = (generation.keys[step].clone(), generation.bits);
        let (by, number, step) = (generation.by, generation.number, step as u64);
        let adds = input.below(3) > 0;
        let kind = input.below(16);
        let mut told_bits = bits;
        match kind {
            0 => key[15] ^= 1,
            1 => key.truncate(15),
            2 => told_bits = 33,
            _ => {}
        }
        let one = &mut self.all[to];
        let member = by as u64;
        let (handle, now, data) = (one.handle, self.now, key.as_ptr());
        let len = key.len();
        // SAFETY: the handle is alive, and the key a local.
        let (name, result) = unsafe {
            match adds {
                true => (
                    "sender_keys_add_member",
                    capi::frameseal_sender_keys_add_member(
                        handle, now, member, told_bits, number, step, data, len,
                    ),
                ),
                false => (
                    "sender_keys_add_generation",
                    capi::frameseal_sender_keys_add_generation(
                        handle, now, member, number, step, data, len,
                    ),
                ),
            }
        };
        documented(name, result);
        let wrong = kind == 1 || (kind == 2 && adds);
        if wrong && (adds || one.members.contains_key(&member)) {
            let old = one
                .members
                .get(&member)
                .is_some_and(|chain| number < chain.newest().generation);
            assert!(result == INVALID || (old && result == GENERATION_TOO_OLD));
            return one.said(now);
        }
        let invented = kind == 0;
        if by == to && !invented {
            let expected = if adds { KEY_ID_IN_USE } else { UNKNOWN_MEMBER };
            return assert_eq!(result, expected, "our own key is never received with");
        }
        let there = one.members.contains_key(&member);
        if !there && !adds {
            return assert_eq!(result, UNKNOWN_MEMBER);
        }
        if invented && !there {
            // Somebody's wrong key would be one more generation of the world: not followed.
            assert_eq!(result, OK);
            // SAFETY: as above.
            let gone = unsafe { capi::frameseal_sender_keys_remove_member(handle, member) };
            one.said(now);
            return assert_eq!(gone, OK);
        }
        one.said(now);
        let time = (now, one.latest);
        let (latest, done) = (one.latest, one.done.max(now));
        let keep = one.keep;
        let chain = one
            .members
            .entry(member)
            .or_insert_with(|| Chain::new(bits, keep));
        let known = chain.held.iter().position(|held| held.generation == number);
        let newest = chain.held.last().map(|held| held.generation);
        match known {
            Some(at) if chain.is_here(at, latest) => match invented {
                true => assert_eq!(result, KEY_ID_IN_USE),
                false => {
                    assert_eq!(result, OK, "a key of its chain");
                    chain.advance(at, step, time);
                }
            },
            Some(at) if chain.is_gone(at, done) => assert_eq!(result, GENERATION_TOO_OLD),
            Some(at) => {
                let expected = if invented { KEY_ID_IN_USE } else { OK };
                assert!(result == expected || result == GENERATION_TOO_OLD);
                if result == OK {
                    chain.advance(at, step, time);
                }
            }
            None if newest.is_some_and(|newest| number < newest) => {
                assert_eq!(result, GENERATION_TOO_OLD);
            }
            None if invented => {
                // A generation that nobody sends: as if the member were removed and unknown.
                assert_eq!(result, OK);
                // SAFETY: as above.
                let gone = unsafe { capi::frameseal_sender_keys_remove_member(handle, member) };
                assert_eq!(gone, OK);
                one.members.remove(&member);
            }
            None => {
                assert_eq!(result, OK, "a newer generation is taken");
                chain.add(which, number, step, time);
            }
        }
        one.passed(now);
    }

    pub(crate) fn remove_or_end(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.all.len());
        let one = &mut self.all[at];
        let member = input.below(3) as u64;
        if input.below(2) == 0 {
            // SAFETY: the handle is alive.
            let result = unsafe { capi::frameseal_sender_keys_remove_member(one.handle, member) };
            let there = one.members.remove(&member).is_some();
            let expected = if there { OK } else { UNKNOWN_MEMBER };
            return assert_eq!(documented("sender_keys_remove_member", result), expected);
        }
        let within = input.pick(&[0, 2000]);
        // SAFETY: the same.
        let result = unsafe {
            capi::frameseal_sender_keys_end_old_generations(one.handle, self.now, within)
        };
        assert_eq!(result, OK);
        one.said(self.now);
        for chain in one.members.values_mut() {
            let old = chain.held.len() - 1;
            chain.end_old(old, (self.now, one.latest), within);
        }
        one.passed(self.now);
    }
}
