// Calls whose keys move: every function of EpochManager, Stream, Receiver, SenderKeys, Monitor and
// HoldingBuffer, of sealed keys, codes, the inventory and audit records.
#include <algorithm>
#include <chrono>
#include <sys/wait.h>
#include <unistd.h>

#include "support.hpp"

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t group = 1;

// One member's device in a call with MLS.
struct Device {
    Device(std::uint32_t own_leaf, const EpochConfig &config)
        : leaf(own_leaf),
          manager(EpochManager::create(config).value()),
          stream(manager.open_stream(StreamKind::independent).value()),
          receiver(manager.open_receiver().value()) {}
    explicit Device(std::uint32_t own_leaf) : Device(own_leaf, EpochConfig(gcm)) {}

    Result<void> add_epoch(Millis now, std::uint64_t epoch, std::uint32_t people,
                           unsigned key_seed = 0) {
        const Vector base_key = filled(key_len(gcm), static_cast<unsigned>(epoch) + key_seed);
        static const Vector names = filled(16);
        EpochUpdate update;
        update.group = group;
        update.epoch = epoch;
        update.base_key = base_key;
        update.leaf_count = people;
        update.own_index = leaf;
        for (std::uint32_t i = 0; i < people; i++) {
            update.members.push_back({i, Bytes(&names[i], 1)});
        }
        return manager.add_epoch(now, update);
    }

    std::uint32_t leaf;
    EpochManager manager;
    Stream stream;
    Receiver receiver;
};

void epoch_configurations() {
    const EpochConfig defaults(gcm);
    CHECK(defaults.epoch_bits == 8 && defaults.index_bits == 16 && defaults.replay_protection);
    CHECK(defaults.send_by == milliseconds(2000) && defaults.removal_overlap == milliseconds(2000));
    CHECK(defaults.retire_after == std::chrono::seconds(10) && defaults.max_epochs == 256);
    CHECK(defaults.send_switch == SendSwitch::when_ready && defaults.own_contexts_end == 16);
    CHECK(defaults.stale_after == milliseconds(10000) && defaults.max_cached_keys == 4096);
    EpochConfig strict(gcm, Policy::strict);
    CHECK(strict.removal_overlap == Millis(0));
    OK(EpochManager::create(strict));
    strict.removal_overlap = Millis(1);
    FAILS(EpochManager::create(strict), invalid_argument);
    EpochConfig late(gcm);
    late.policy = Policy::strict; // its removal_overlap is that of the standard policy
    FAILS(EpochManager::create(late), invalid_argument);
    const EpochConfig not_taken(Suite::aes_128_ctr_hmac_sha256_32, Policy::strict);
    FAILS(EpochManager::create(not_taken), invalid_argument);
    EpochConfig all(gcm);
    all.loopback = all.index_bits_by_leaves = all.stop_key_on_forgery = true;
    all.replay_protection = false;
    const auto c = all.raw();
    CHECK(c.flags == 15 && c.struct_size == sizeof c);
}

void epochs() {
    Device alice(0);
    Device bob(1);
    FAILS(alice.stream.encrypt(start, {}, "frame"), no_sending_key);
    FAILS(alice.manager.sending_epoch(), unknown_epoch);
    OK(alice.add_epoch(start, 1, 2));
    OK(bob.add_epoch(start, 1, 2));
    OK(alice.add_epoch(start, 1, 2));
    FAILS(alice.add_epoch(start, 1, 2, 99), epoch_fork);
    FAILS(alice.add_epoch(start, 0, 2), epoch_too_old);
    FAILS(alice.manager.peer_ready(start, 1, {group, 9}), unknown_epoch);
    FAILS(alice.manager.peer_ready(start, 7, {group, 1}), unknown_member);
    OK(alice.add_epoch(start, 2, 2));
    CHECK(alice.manager.sending_epoch().value() == (EpochId{group, 1}));
    OK(alice.manager.peer_ready(start, 1, {group, 2}));
    CHECK(alice.manager.sending_epoch().value() == (EpochId{group, 2}));
    FAILS(alice.manager.activate(start, {group, 1}), epoch_too_old);
    OK(bob.add_epoch(start, 2, 2));
    OK(bob.manager.activate(start, {group, 2}));
    OK(alice.manager.prepare(start, 1, 0));
    FAILS(alice.manager.prepare(start, 0, 0), policy);
    OK(alice.stream.prepare(start));
    OK(alice.stream.mark_key_frame());
    CHECK(alice.stream.context().value() == 0);

    EpochUpdate listening; // a recorder that does not send
    const Vector base_key = filled(key_len(gcm), 1);
    listening.group = group;
    listening.epoch = 1;
    listening.base_key = base_key;
    listening.leaf_count = 1;
    listening.members.push_back({0, "somebody"});
    Device recorder(0);
    OK(recorder.manager.add_epoch(start, listening));
    FAILS(recorder.stream.encrypt(start, {}, "frame"), no_sending_key);
    listening.epoch = 2;
    listening.base_key = Bytes(base_key.data(), 15);
    FAILS(recorder.manager.add_epoch(start, listening), invalid_argument);

    for (int i = 1; i < 16; i++) {
        OK(alice.manager.open_stream(StreamKind::key_frames));
    }
    FAILS(alice.manager.open_stream(StreamKind::key_frames), capacity);
    FAILS(alice.manager.open_stream(static_cast<StreamKind>(9)), invalid_argument);
}

void frames_of_a_call() {
    Device alice(0);
    Device bob(1);
    OK(alice.add_epoch(start, 1, 2));
    OK(bob.add_epoch(start, 1, 2));
    const Vector frame = alice.stream.encrypt(start, {"m", "1"}, "frame").value();
    CHECK(alice.stream.sealed_len(start, 5).value() == frame.size());
    CHECK(bob.receiver.payload_len(frame).value() == 5);
    FAILS(bob.receiver.payload_len({}), syntax);
    FAILS(bob.receiver.decrypt(start, {"m", "2"}, frame), authentication);
    const auto received = bob.receiver.decrypt(start, "m1", frame);
    CHECK(received && same(received->payload, "frame") && received->counter == 0);
    CHECK(received->member == bob.manager.member_at(0).value() && received->context == 0);
    CHECK(received->epoch == (EpochId{group, 1}) && received->key_id == peek_header(frame)->key_id);
    FAILS(bob.receiver.decrypt(start, "m1", frame), replay);
    FAILS(alice.receiver.decrypt(start, "m1", frame), policy); // our own

    Vector buffer(64);
    const auto small = alice.stream.encrypt(start, {}, "frame", MutableBytes(buffer).first(3));
    CHECK(small.error() == ErrorCode::buffer_too_small && small.error().needed() == frame.size());
    const auto sealed = alice.stream.encrypt(start, {}, "frame", buffer);
    const auto narrow = bob.receiver.decrypt(start, {}, *sealed, MutableBytes(buffer).first(1));
    CHECK(narrow.error() == ErrorCode::buffer_too_small && narrow.error().needed() == 5);
    const auto opened = bob.receiver.decrypt_in_place(start, {}, *sealed);
    CHECK(opened && opened->payload.data() == buffer.data() && same(opened->payload, "frame"));
    CHECK(alice.stream.encrypt_in_place(start, {}, buffer, 0, 5).error()
          == ErrorCode::headroom_too_small);
    CHECK(alice.stream.encrypt_in_place(start, {}, buffer, 59, 5).error()
          == ErrorCode::buffer_too_small);
    const auto around = alice.stream.encrypt_in_place(start, {}, buffer, 20, 5);
    CHECK(around && around->data() > buffer.data() && bob.receiver.decrypt(start, {}, *around));
    const auto pieces = alice.stream.encrypt_in_place(start, {"a", "b"}, buffer, 20, 5);
    CHECK(pieces && bob.receiver.decrypt(start, "ab", *pieces));

    OK(alice.add_epoch(start, 2, 2));
    OK(alice.manager.activate(start, {group, 2}));
    const Vector newer = alice.stream.encrypt(start, {}, "frame").value();
    const auto unknown = bob.receiver.decrypt(start, {}, newer);
    CHECK(unknown.error() == ErrorCode::unknown_key_id);
    CHECK(unknown.error().key_id() == peek_header(newer)->key_id);

    // Streams and receivers live on without their manager.
    EpochManager moved = std::move(bob.manager);
    FAILS(bob.manager.room_status(start), invalid_argument);
    FAILS(bob.manager.open_receiver(), invalid_argument);
    { const EpochManager gone = std::move(moved); }
    const Stream stream = std::move(bob.stream);
    FAILS(bob.stream.encrypt(start, {}, "frame"), invalid_argument);
    CHECK(stream && !bob.stream);
}

void status_events_and_records() {
    Device alice(0);
    Device bob(1);
    OK(alice.add_epoch(start, 1, 2));
    OK(bob.add_epoch(start, 1, 2));
    const MemberId b = alice.manager.member_at(1).value();
    CHECK(b.kind == MemberKind::leaf && b.index == 1 && b.joined == 1 && b != MemberId());
    FAILS(alice.manager.member_at(2), unknown_member);
    CHECK(alice.manager.status(start, b)->level == StatusLevel::unknown);
    FAILS(alice.manager.member_stats(b), unknown_member);
    CHECK(alice.manager.statuses(start)->empty());
    OK(alice.receiver.decrypt(start, {}, bob.stream.encrypt(start, {}, "frame").value()));
    const Status good{StatusLevel::end_to_end, StatusReason::authenticated};
    CHECK(alice.manager.status(start, b).value() == good && good != Status());
    CHECK(alice.manager.room_status(start).value() == good);
    const auto statuses = alice.manager.statuses(start).value();
    CHECK(statuses.size() == 1 && statuses[0].member == b && statuses[0].status == good);
    frameseal_member_status one[1];
    CHECK(alice.manager.statuses(start, one, 1).value() == 1);
    CHECK(alice.manager.statuses(start, one, 0).error().needed() == 1);
    const auto present = alice.manager.members().value();
    CHECK(present.size() == 2 && present[1].member == b && same(present[1].identity, filled(1, 38)));
    frameseal_present_member two[2];
    CHECK(alice.manager.members(two, 2).value() == 2);
    CHECK(alice.manager.members(two, 1).error().needed() == 2);
    const FrameStats stats = alice.manager.member_stats(b).value();
    CHECK(stats.opened == 1 && stats.last_authenticated == start);
    CHECK(alice.manager.epoch_stats({group, 1})->opened == 1);
    CHECK(!bob.manager.epoch_stats({group, 1})->last_authenticated.has_value());
    FAILS(alice.manager.epoch_stats({group, 9}), unknown_epoch);

    OK(alice.manager.set_verified(b, true));
    CHECK(alice.manager.status(start, b)->level == StatusLevel::end_to_end_verified);
    OK(alice.manager.set_verified(b, false));
    OK(alice.manager.set_epoch_verified({group, 1}));
    FAILS(alice.manager.set_epoch_verified({group, 9}), unknown_epoch);
    OK(alice.manager.force_rekey());

    std::vector<EventKind> kinds;
    OK(alice.manager.poll_events(start, [&](const Event &event) {
        kinds.push_back(event.kind);
        const AuditRecord record = AuditRecord::of(event, Millis(5)).value();
        CHECK(record.kind == event.kind && record.at == Millis(5));
        const std::string json = record.json().value();
        CHECK(json.find(name(event.kind)) != std::string::npos);
        char exact[256];
        CHECK(record.json(exact, json.size() + 1).value() == json.size() && exact == json);
        CHECK(record.json(exact, json.size()).error().needed() == json.size() + 1);
        CHECK(*text(event.kind) != '\0');
    }));
    CHECK(std::count(kinds.begin(), kinds.end(), EventKind::rekey_needed) == 1);
    CHECK(std::count(kinds.begin(), kinds.end(), EventKind::epoch_added) == 1);
    CHECK(!alice.manager.poll_event(start)->has_value());
    FAILS(AuditRecord::of(Event(), start), invalid_argument);
    AuditRecord impossible;
    FAILS(impossible.json(), invalid_argument);

    // A frame that came just now makes the status stale when its time is over.
    const auto deadline = alice.manager.next_deadline().value();
    CHECK(deadline.has_value() && *deadline > start);
    bool stale = false;
    OK(alice.manager.poll_events(Millis(10001), [&](const Event &event) {
        stale = stale || event.status.level == StatusLevel::stale;
        const auto record = AuditRecord::of(event, start);
        CHECK(record && record->status == event.status && record->json());
    }));
    CHECK(stale);
}

// The rules are those of the manager and of the monitor, by the same names.
template <typename Object, typename Who>
void passthrough(Object &object, const Who &member) {
    FAILS(object.pass(start, member, "frame"), passthrough_refused);
    CHECK(object.pass(start, member, "silence", {"other", "silence"}).value() == Plain::injected);
    OK(object.allow_passthrough(start, member, Millis(1000)));
    CHECK(object.pass(start, member, "frame").value() == Plain::passthrough);
    FAILS(object.allow_passthrough(start, member, max_passthrough + Millis(1)), invalid_argument);
    OK(object.end_passthrough(member));
    FAILS(object.pass(start, member, "frame"), passthrough_refused);
    OK(object.downgrade(member));
    FAILS(object.send_in_the_clear(start), passthrough_refused);
    OK(object.allow_sending_in_the_clear(start, Millis(1000)));
    OK(object.send_in_the_clear(start));
    OK(object.downgrade_sending());
}

void passing_in_the_clear() {
    Device alice(0);
    OK(alice.add_epoch(start, 1, 2));
    passthrough(alice.manager, alice.manager.member_at(1).value());
    const VisibleConfig visible = alice.manager.visible_config(start, 3).value();
    CHECK(visible.keying == Keying::mls && visible.clear_bytes == 3 && visible.suite == gcm);
    CHECK(visible.passthrough_senders == 1 && visible.epoch_bits == 8 && visible.index_bits == 16);

    Device strict(0, EpochConfig(gcm, Policy::strict));
    OK(strict.add_epoch(start, 1, 2));
    const MemberId b = strict.manager.member_at(1).value();
    FAILS(strict.manager.allow_passthrough(start, b, Millis(1)), passthrough_refused);
}

void inventory() {
    VisibleConfig config;
    config.clear_bytes = 10;
    const std::string json = visible_json(config).value();
    std::size_t seen = 0;
    for (std::size_t at = 0; at < visible_item_count(); at++) {
        const VisibleItem item = visible_item_at(config, at).value();
        CHECK(*item.text != '\0' && json.find(item.name) != std::string::npos);
        if (item.id == VisibleId::clear_bytes) {
            CHECK(item.visible && item.amount == std::optional<std::uint64_t>(10));
            seen++;
        }
    }
    CHECK(seen == 1);
    FAILS(visible_item_at(config, visible_item_count()), invalid_argument);
    Vector room(json.size() + 1);
    char *const out = reinterpret_cast<char *>(room.data());
    CHECK(visible_json(config, out, room.size()).value() == json.size() && out == json);
    CHECK(visible_json(config, out, 1).error().needed() == json.size() + 1);
    config.epoch_bits = 1; // not with plain key ids
    FAILS(visible_json(config), invalid_argument);
}

void codes() {
    const std::string code = verification_code_for_epoch(filled(32)).value();
    const std::string full = verification_code_for_epoch(filled(32), CodeDigits::full).value();
    CHECK(code.size() == 30 && full.size() == 60 && full.compare(0, 30, code) == 0);
    char out[31];
    CHECK(verification_code_for_epoch(filled(32), CodeDigits::standard, out, 31).value() == 30);
    CHECK(out == code);
    CHECK(verification_code_for_epoch(filled(32), CodeDigits::full, out, 31).error().needed() == 61);
    FAILS(verification_code_for_epoch("short"), invalid_argument);
    const Vector key_a = filled(32, 1);
    const Vector key_b = filled(32, 2);
    const Identity a{"a", key_a};
    const Identity b{"b", key_b};
    const std::string pair = verification_code_for_pair(a, b).value();
    CHECK(pair == verification_code_for_pair(b, a).value() && pair != code);
    CHECK(verification_code_for_pair(a, b, CodeDigits::standard, out, 31).value() == 30);
    FAILS(verification_code_for_pair(a, a), invalid_argument);
}

void sender_keys() {
    constexpr std::uint64_t alice_id = 7;
    SenderKeysConfig config(gcm);
    CHECK(config.retain == milliseconds(2000) && config.retain_generation == milliseconds(10000));
    CHECK(config.max_forward == 32 && config.max_retained == 8 && config.max_old_generations == 2);
    config.failed_opens = 1;
    SenderKeys alice = SenderKeys::create(gcm).value();
    SenderKeys bob = SenderKeys::create(config).value();
    config.suite = static_cast<Suite>(99);
    FAILS(SenderKeys::create(config), invalid_argument);

    FAILS(alice.encrypt({}, "frame"), no_sending_key);
    FAILS(alice.joiner_key(), no_sending_key);
    FAILS(alice.own_key(), no_sending_key);
    FAILS(bob.member_key(alice_id), unknown_member);
    FAILS(bob.decrypt(start, alice_id, {}, "frame"), unknown_member);
    const Vector first = filled(32, 1);
    const Vector second = filled(32, 2);
    OK(alice.start_sending(standard_ratchet_bits, 0, first));
    FAILS(alice.start_sending(standard_ratchet_bits, 1, second), invalid_argument);
    OK(alice.ratchet());
    const SenderKey<Secret> joiner = alice.joiner_key().value();
    CHECK(joiner.generation == 0 && joiner.step == 1 && joiner.base_key.size() == 32);
    std::uint8_t room[max_base_key_len];
    CHECK(same(alice.joiner_key(room)->base_key, joiner.base_key));
    CHECK(alice.joiner_key(MutableBytes(room).first(31)).error().needed() == 32);
    OK(bob.add_member(start, alice_id, standard_ratchet_bits, joiner));

    Vector frame = alice.encrypt({"m", "1"}, "frame").value();
    CHECK(alice.sealed_len(5).value() == frame.size() && bob.payload_len(frame).value() == 5);
    const auto opened = bob.decrypt(start, alice_id, "m1", frame);
    CHECK(opened && same(opened->payload, "frame") && opened->step == 1 && opened->counter == 0);
    CHECK(opened->generation == 0 && opened->key_id == 1);
    Vector buffer(64);
    const auto sealed = alice.encrypt("m", "frame", buffer);
    CHECK(alice.encrypt("m", "frame", MutableBytes(buffer).part(60, 4)).error().needed() > 5);
    CHECK(bob.decrypt(start, alice_id, "m", *sealed, room)->payload.data() == room);
    frame = alice.encrypt("m", "frame").value();
    CHECK(same(bob.decrypt_in_place(start, alice_id, {"m"}, frame)->payload, "frame"));
    std::copy_n("frame", 5, buffer.begin() + 20);
    CHECK(alice.encrypt_in_place("m", buffer, 0, 5).error() == ErrorCode::headroom_too_small);
    const auto around = alice.encrypt_in_place("m", buffer, 20, 5);
    CHECK(same(bob.decrypt_in_place(start, alice_id, {"m"}, around.value())->payload, "frame"));
    std::copy_n("frame", 5, buffer.begin() + 20);
    const auto pieces = alice.encrypt_in_place({"m", "n"}, buffer, 20, 5);
    CHECK(same(bob.decrypt_in_place(start, alice_id, "mn", pieces.value())->payload, "frame"));
    const OwnSenderKey own = alice.own_key().value();
    CHECK(own.frames == 5 && own.next_counter == 5 && own.step == 1 && own.key_id == 1);
    CHECK(own.ratchet_bits == standard_ratchet_bits && !own.exhausted);
    CHECK(bob.member_key(alice_id)->step == 1 && bob.member_key(alice_id)->generations == 1);

    frame = alice.encrypt({}, "frame").value();
    frame.back() ^= 1;
    FAILS(bob.decrypt(start, alice_id, {}, frame), authentication);
    const auto alarm = bob.poll_forgery_alarm().value();
    CHECK(alarm.has_value() && alarm->member == alice_id && alarm->key_id == 1);
    CHECK(!bob.poll_forgery_alarm()->has_value());

    OK(alice.announce(1, second));
    FAILS(alice.roll(2, second), invalid_argument);
    OK(alice.roll(1, second));
    frame = alice.encrypt({}, "frame").value();
    const auto unknown = bob.decrypt(start, alice_id, {}, frame);
    CHECK(unknown.error() == ErrorCode::unknown_key_id && unknown.error().key_id() == 0x100);
    OK(bob.add_generation(start, alice_id, 1, 0, second));
    FAILS(bob.add_generation(start, alice_id, 1, 0, filled(32, 3)), key_id_in_use);
    FAILS(bob.add_generation(start, alice_id, 0, 0, filled(32, 3)), key_id_in_use);
    OK(bob.decrypt(start, alice_id, {}, frame));
    CHECK(bob.next_deadline().value() == Millis(10000));
    OK(bob.end_old_generations(start, Millis(5)));
    CHECK(bob.next_deadline().value() == Millis(5));
    OK(bob.poll(Millis(5)));
    CHECK(!bob.next_deadline()->has_value());
    FAILS(bob.add_generation(start, alice_id, 0, 0, filled(32, 3)), generation_too_old);
    OK(bob.remove_member(alice_id));
    OK(alice.stop_sending());
    FAILS(alice.ratchet(), no_sending_key);
}

void sealed_keys() {
    SenderKeys alice = SenderKeys::create(gcm).value();
    OK(alice.start_sending(standard_ratchet_bits, 1, filled(32)));
    const SealingKeyPair a = make_sealing_keys(filled(32, 1)).value();
    const SealingKeyPair b = make_sealing_keys(filled(32, 2)).value();
    FAILS(make_sealing_keys(filled(31)), invalid_argument);
    std::uint8_t secret[sealing_key_len];
    std::uint8_t open[sealing_key_len];
    OK(make_sealing_keys(filled(32, 1), secret, open));
    CHECK(same(secret, a.secret_key) && same(open, a.public_key));

    KeyEnvelope envelope;
    envelope.call = "call";
    envelope.sender = "alice";
    envelope.recipient = "bob";
    const Vector random = filled(32, 3);
    const Vector message =
        alice.seal_joiner_key(envelope, a.secret_key, b.public_key, random).value();
    CHECK(message.size() == 32 + sealed_key_overhead);
    const auto key = open_sealed_key(envelope, b.secret_key, a.public_key, std::nullopt, message);
    CHECK(key && key->generation == 1 && key->step == 0 && same(key->base_key, filled(32)));
    FAILS(open_sealed_key(envelope, b.secret_key, a.public_key, 1, message), generation_too_old);
    FAILS(open_sealed_key(envelope, b.secret_key, b.public_key, 0, message), authentication);
    std::uint8_t room[32];
    const auto narrow = open_sealed_key(envelope, b.secret_key, a.public_key, 0, message,
                                        MutableBytes(room).first(31));
    CHECK(narrow.error() == ErrorCode::buffer_too_small && narrow.error().needed() == 32);
    CHECK(open_sealed_key(envelope, b.secret_key, a.public_key, 0, message, room)->step == 0);
    Vector out(message.size());
    CHECK(same(alice.seal_joiner_key(envelope, a.secret_key, b.public_key, random, out).value(),
               message));

    const Vector next =
        seal_base_key(envelope, 2, filled(32, 4), a.secret_key, b.public_key, random).value();
    CHECK(open_sealed_key(envelope, b.secret_key, a.public_key, 1, next)->generation == 2);
    CHECK(seal_base_key(envelope, 2, filled(32, 4), a.secret_key, b.public_key, random,
                        MutableBytes(out).first(1))
              .error()
              .needed()
          == next.size());
    envelope.suite = Suite::aes_256_gcm_sha512_128;
    FAILS(alice.seal_joiner_key(envelope, a.secret_key, b.public_key, random), invalid_argument);
    const Vector long_id(max_envelope_id_len + 1);
    envelope.sender = long_id;
    FAILS(seal_base_key(envelope, 2, filled(32), a.secret_key, b.public_key, random),
          invalid_argument);
}

template <typename T, typename = void>
constexpr bool can_observe = false;
template <typename T>
constexpr bool can_observe<T, std::void_t<decltype(std::declval<Monitor &>().observe(
                                  Millis(), 1, std::declval<const T &>()))>> = true;

void monitors() {
    constexpr std::uint64_t bob_id = 5;
    FAILS(Monitor::create(static_cast<Policy>(9)), invalid_argument);
    Monitor monitor = Monitor::create(Policy::standard).value();
    OK(monitor.add_member(bob_id));
    FAILS(monitor.remove_member(6), unknown_member);
    FAILS(monitor.member_stats(6), unknown_member);
    passthrough(monitor, bob_id);
    CHECK(monitor.in_the_clear(start)->frames_sent == 1);

    // Results as they come, behind what passed in the clear.
    const Millis later{1};
    Encryptor encryptor = Encryptor::create(gcm).value();
    Decryptor decryptor = Decryptor::create(gcm).value();
    OK(encryptor.add_key(3, filled(32)));
    OK(encryptor.use_key(3));
    const Vector frame = encryptor.encrypt({}, "frame").value();
    OK(monitor.observe(later, bob_id, decryptor.decrypt({}, frame)));
    OK(decryptor.add_key(3, filled(32)));
    OK(monitor.observe(later, bob_id, decryptor.decrypt({}, frame)));
    OK(monitor.observe(later, bob_id, decryptor.decrypt({}, frame)));
    OK(monitor.observe_failed(later, bob_id, ErrorCode::authentication));
    FAILS(monitor.observe_failed(later, bob_id, Error()), invalid_argument);
    FAILS(monitor.observe(later, bob_id, Result<Opened<Vector>>(ErrorCode::ok)), invalid_argument);
    // What says nothing of a frame is no evidence of one.
    static_assert(can_observe<Result<Opened<Vector>>> && can_observe<HeldFrame<Opened<Vector>, Vector>>);
    static_assert(!can_observe<Error> && !can_observe<ErrorCode>);
    static_assert(!can_observe<Result<void>> && !can_observe<Result<FrameStats>>);
    static_assert(!can_observe<Result<std::optional<HeldFrame<Opened<Vector>, Vector>>>>);
    OK(monitor.observe_sent(later));
    const FrameStats stats = monitor.member_stats(bob_id).value();
    CHECK(stats.opened == 1 && stats.replayed == 1 && stats.failed_opens == 1);
    CHECK(stats.passed == 1 && stats.injected == 1);
    bool unknown = false;
    OK(monitor.poll_events(later, [&](const Event &event) {
        unknown = unknown || (event.kind == EventKind::unknown_key_id && event.key_id == 3);
    }));
    CHECK(unknown && !monitor.poll_event(later)->has_value());
    FAILS(monitor.allow_passthrough(later, bob_id, Millis(1)), passthrough_refused);
    CHECK(monitor.status(later, bob_id)->level == StatusLevel::end_to_end);
    OK(monitor.set_verified(bob_id, true));
    CHECK(monitor.room_status(later)->level == StatusLevel::end_to_end_verified);
    CHECK(std::string_view(text(monitor.room_status(later)->reason)).size() > 1);
    CHECK(std::string_view(text(StatusLevel::stale)).size() > 1);
    CHECK(monitor.statuses(later)->size() == 1);
    frameseal_member_status one[1];
    CHECK(monitor.statuses(later, one, 1).value() == 1 && one[0].member.number == bob_id);
    CHECK(monitor.statuses(later, one, 0).error().needed() == 1);
    OK(monitor.set_removal_overlap(Millis(100)));
    CHECK(monitor.status(later, bob_id)->level == StatusLevel::overlap_after_removal);
    CHECK(monitor.next_deadline()->has_value());

    OK(monitor.observe(encryptor, 3));
    FAILS(monitor.observe(encryptor, 4), unknown_key_id);
    EncryptorConfig one_frame;
    one_frame.max_frames = 1;
    OK(monitor.observe(encryptor, 3, one_frame));
    SenderKeys keys = SenderKeys::create(gcm).value();
    FAILS(monitor.observe(keys), no_sending_key);
    OK(keys.start_sending(no_ratchet, 0, filled(32, 9)));
    OK(monitor.observe(keys));
    bool near = false;
    OK(monitor.poll_events(later, [&](const Event &event) {
        near = near || (event.kind == EventKind::usage_limit_near && event.key_id == 3);
    }));
    CHECK(near);
    OK(monitor.remove_member(bob_id));
}

// Three frames wait, of which one was changed on the way; then `add_key` brings the key.
template <typename Hold, typename Open, typename OpenInto, typename AddKey>
void wait_for_a_key(HoldingBuffer &buffer, std::vector<Vector> frames, Hold hold, Open open,
                    OpenInto open_into, AddKey add_key) {
    frames[1].back() ^= 1;
    for (const Vector &frame : frames) {
        OK(hold({"me", "ta"}, frame));
    }
    FAILS(hold({}, Vector{'x'}), syntax);
    CHECK(buffer.stats()->frames == 3 && buffer.stats()->held == 3);
    CHECK(buffer.next_deadline().value() == Millis(2000));
    CHECK(!open()->has_value());
    add_key();
    FAILS(hold({"me", "ta"}, frames[0]), nothing_to_wait_for);
    CHECK(std::string(last_error_text()) == "there is no key to wait for");

    std::uint8_t metadata[4];
    std::uint8_t out[5];
    const std::uint64_t key_id = peek_header(frames[0])->key_id;
    const auto narrow = open_into(MutableBytes(metadata).first(3), MutableBytes(out));
    CHECK(narrow.error() == ErrorCode::buffer_too_small && narrow.error().needed() == 5);
    CHECK(narrow.error().needed_metadata() == 4 && narrow.error().key_id() == key_id);
    const auto first = open_into(MutableBytes(metadata), MutableBytes(out)).value();
    CHECK(first.has_value() && first->key_id == key_id && first->arrived == start);
    CHECK(same(first->metadata, "meta") && same(first->opened->payload, "frame"));
    const auto second = open().value();
    CHECK(second.has_value() && second->metadata.empty());
    FAILS(second->opened, authentication);
    const auto third = open().value();
    CHECK(third.has_value() && same(third->metadata, "meta"));
    CHECK(same(third->opened->payload, "frame") && third->opened->key_id == key_id);
    CHECK(!open()->has_value() && buffer.stats()->released == 3 && buffer.stats()->bytes == 0);
}

std::vector<Vector> three(const Vector &a, const Vector &b, const Vector &c) {
    return {a, b, c};
}

void holding_buffers() {
    HoldingConfig config;
    config.sender_frames = 3;
    HoldingBuffer buffer = HoldingBuffer::create(gcm, config).value();
    FAILS(HoldingBuffer::create(static_cast<Suite>(99)), invalid_argument);

    Encryptor encryptor = Encryptor::create(gcm).value();
    Decryptor decryptor = Decryptor::create(gcm).value();
    OK(encryptor.add_key(3, filled(32)));
    OK(encryptor.use_key(3));
    const auto seal = [&] { return encryptor.encrypt("meta", "frame").value(); };
    wait_for_a_key(
        buffer, three(seal(), seal(), seal()),
        [&](const Metadata &m, const Vector &f) { return buffer.hold(decryptor, start, m, f); },
        [&] { return buffer.open(decryptor, start); },
        [&](MutableBytes m, MutableBytes o) { return buffer.open(decryptor, start, m, o); },
        [&] { OK(decryptor.add_key(3, filled(32))); });
    const Decryptor nobody = Decryptor::create(gcm).value();
    for (int i = 0; i < 3; i++) {
        OK(buffer.hold(nobody, start, {}, seal()));
    }
    FAILS(buffer.hold(nobody, start, {}, seal()), capacity);
    OK(buffer.drop_next(start, 3));
    FAILS(buffer.drop_next(start, 4), unknown_key_id);
    OK(buffer.poll(Millis(3000)));
    CHECK(buffer.stats()->frames == 0 && buffer.stats()->expired == 2);
    CHECK(buffer.stats()->refused == 1 && !buffer.next_deadline()->has_value());
    OK(buffer.hold(nobody, Millis(3000), {}, seal()));
    OK(buffer.clear());
    CHECK(buffer.stats()->frames == 0);

    Device alice(0);
    Device bob(1);
    OK(alice.add_epoch(start, 1, 2));
    config.epoch_bits = 8;
    config.index_bits = 16;
    buffer = HoldingBuffer::create(gcm, config).value();
    const auto speak = [&] { return alice.stream.encrypt(start, "meta", "frame").value(); };
    wait_for_a_key(
        buffer, three(speak(), speak(), speak()),
        [&](const Metadata &m, const Vector &f) { return buffer.hold(bob.receiver, start, m, f); },
        [&] { return buffer.open(bob.receiver, start); },
        [&](MutableBytes m, MutableBytes o) { return buffer.open(bob.receiver, start, m, o); },
        [&] { OK(bob.add_epoch(start, 1, 2)); });

    SenderKeys sending = SenderKeys::create(gcm).value();
    SenderKeys receiving = SenderKeys::create(gcm).value();
    OK(sending.start_sending(8, 0, filled(32)));
    buffer = HoldingBuffer::create(gcm).value();
    const auto send = [&] { return sending.encrypt("meta", "frame").value(); };
    wait_for_a_key(
        buffer, three(send(), send(), send()),
        [&](const Metadata &m, const Vector &f) { return buffer.hold(receiving, 1, start, m, f); },
        [&] { return buffer.open(receiving, 1, start); },
        [&](MutableBytes m, MutableBytes o) { return buffer.open(receiving, 1, start, m, o); },
        [&] { OK(receiving.add_member(start, 1, 8, 0, 0, filled(32))); });
}

// The child's copies refuse to work, and can be freed.
void fork_guard() {
    Device alice(0);
    OK(alice.add_epoch(start, 1, 2));
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const bool refused =
            alice.stream.encrypt(start, {}, "frame").error() == ErrorCode::forked
            && alice.manager.room_status(start).error() == ErrorCode::forked
            && alice.receiver.decrypt(start, {}, "frame").error() == ErrorCode::forked;
        _exit(refused ? 0 : 1);
    }
    int status = 1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

} // namespace

int main() {
    epoch_configurations();
    epochs();
    frames_of_a_call();
    status_events_and_records();
    passing_in_the_clear();
    inventory();
    codes();
    sender_keys();
    sealed_keys();
    monitors();
    holding_buffers();
    fork_guard();
    return summary();
}
