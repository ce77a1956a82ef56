// How a call with MLS is set up, and what it is told of each epoch.
#ifndef FRAMESEAL_EPOCH_CONFIG_HPP
#define FRAMESEAL_EPOCH_CONFIG_HPP

#include "borrowed_bytes.hpp"
#include "decryptor.hpp"
#include "member_identity.hpp"
#include "status.hpp"

namespace frameseal {
inline namespace FRAMESEAL_MODE {

// Begins with the library's defaults for the suite and policy; change what shall be different. What
// cannot be right, a policy that does not take the suite among it, EpochManager::create refuses.
// What a field is for stands at the field of that name in frameseal_epoch_config.
struct EpochConfig {
    explicit EpochConfig(Suite for_suite, Policy under = Policy::standard)
        : suite(for_suite), policy(under) {
        auto c = detail::sized<frameseal_epoch_config>();
        if (frameseal_epoch_config_init(&c, sizeof c, detail::raw(suite),
                                        static_cast<frameseal_policy>(policy))
            == FRAMESEAL_OK) {
            read(c);
        }
    }

    Suite suite;
    // Policy::strict takes no removal_overlap but 0: say it to the constructor, which sets both.
    Policy policy;
    std::uint8_t epoch_bits = 0;
    std::uint8_t index_bits = 0;
    bool loopback = false;             // opens frames of our own leaf as well
    bool index_bits_by_leaves = false; // instead of index_bits; all members do the same
    bool replay_protection = true;
    bool stop_key_on_forgery = false; // anybody who can send bytes can then stop a key
    SendSwitch send_switch = SendSwitch::when_ready;
    Millis send_from{};
    Millis send_by{};
    Millis retire_after{};
    Millis removal_overlap{};
    std::uint64_t own_contexts_start = 0; // a second manager for the same member has others
    std::uint64_t own_contexts_end = 0;
    std::uint64_t streams_per_member = 0;
    Millis stale_after{};
    std::uint64_t max_frames = 0;
    std::uint64_t max_bytes = 0;
    std::uint64_t failed_opens = 0;
    std::uint32_t replay_window = 0;
    std::uint32_t max_epochs = 0;
    std::uint32_t max_cached_keys = 0;
    Backend backend = Backend::library_default;

    frameseal_epoch_config raw() const noexcept {
        auto c = detail::sized<frameseal_epoch_config>();
        c.suite = detail::raw(suite);
        c.epoch_bits = epoch_bits;
        c.index_bits = index_bits;
        c.flags = detail::replay_flags(replay_protection, stop_key_on_forgery)
                  | (loopback ? std::uint32_t{FRAMESEAL_LOOPBACK} : 0U)
                  | (index_bits_by_leaves ? std::uint32_t{FRAMESEAL_INDEX_BITS_BY_LEAVES} : 0U);
        c.policy = static_cast<frameseal_policy>(policy);
        c.send_switch = static_cast<frameseal_send_switch>(send_switch);
        c.send_from_ms = send_from.count();
        c.send_by_ms = send_by.count();
        c.retire_after_ms = retire_after.count();
        c.removal_overlap_ms = removal_overlap.count();
        c.own_contexts_start = own_contexts_start;
        c.own_contexts_end = own_contexts_end;
        c.streams_per_member = streams_per_member;
        c.stale_after_ms = stale_after.count();
        c.max_frames = max_frames;
        c.max_bytes = max_bytes;
        c.failed_opens = failed_opens;
        c.replay_window = replay_window;
        c.max_epochs = max_epochs;
        c.max_cached_keys = max_cached_keys;
        c.backend = detail::raw(backend);
        return c;
    }

private:
    void read(const frameseal_epoch_config &c) noexcept {
        epoch_bits = c.epoch_bits;
        index_bits = c.index_bits;
        loopback = (c.flags & FRAMESEAL_LOOPBACK) != 0;
        index_bits_by_leaves = (c.flags & FRAMESEAL_INDEX_BITS_BY_LEAVES) != 0;
        replay_protection = (c.flags & FRAMESEAL_REPLAY_PROTECTION_OFF) == 0;
        stop_key_on_forgery = (c.flags & FRAMESEAL_STOP_KEY_ON_FORGERY) != 0;
        send_switch = static_cast<SendSwitch>(c.send_switch);
        send_from = Millis(c.send_from_ms);
        send_by = Millis(c.send_by_ms);
        retire_after = Millis(c.retire_after_ms);
        removal_overlap = Millis(c.removal_overlap_ms);
        own_contexts_start = c.own_contexts_start;
        own_contexts_end = c.own_contexts_end;
        streams_per_member = c.streams_per_member;
        stale_after = Millis(c.stale_after_ms);
        max_frames = c.max_frames;
        max_bytes = c.max_bytes;
        failed_opens = c.failed_opens;
        replay_window = c.replay_window;
        max_epochs = c.max_epochs;
        max_cached_keys = c.max_cached_keys;
        backend = static_cast<Backend>(c.backend);
    }
};

// A leaf of the group and who is on it.
struct Member {
    std::uint32_t index = 0;
    MemberIdentity identity; // a copy: a hash of credential and signature key, say
};

// A new epoch of the group, once its commit was accepted by the delivery service, never before.
struct EpochUpdate {
    std::uint64_t group = 0; // as in EpochId
    std::uint64_t epoch = 0;
    // MLS-Exporter("SFrame 1.0 Base Key", "", Nk), with Nk = key_len(suite). No copy: the key must
    // be where it is until add_epoch.
    BorrowedBytes base_key;
    std::vector<Member> members; // everybody, ourselves too, in ascending order of index
    std::uint32_t leaf_count = 0; // of the tree, blank ones included
    std::optional<std::uint32_t> own_index; // none for somebody who only receives
};

} // namespace FRAMESEAL_MODE
} // namespace frameseal

#endif
