// Views, and everything about keys that the application brings: every function of Encryptor and
// Decryptor and what derives their keys, every error that they answer, moves, and memory that
// overlaps.
#include <array>
#include <string>
#include <thread>
#if __cplusplus >= 202002L
#include <span>
#endif

#include "support.hpp"

namespace {

constexpr std::uint64_t key_id = 0x1234;
const Vector base_key = filled(32);

Encryptor sender(Suite suite = gcm) {
    auto encryptor = Encryptor::create(suite);
    OK(encryptor);
    OK(encryptor->add_key(key_id, base_key));
    OK(encryptor->use_key(key_id));
    return std::move(encryptor).value();
}

Decryptor receiver(Suite suite = gcm) {
    auto decryptor = Decryptor::create(suite);
    OK(decryptor);
    OK(decryptor->add_key(key_id, base_key));
    return std::move(decryptor).value();
}

std::size_t size_of(Bytes bytes) {
    return bytes.size();
}
std::size_t room_of(MutableBytes bytes) {
    return bytes.size();
}

// A container of another library, such as a media engine's array view.
struct ForeignView {
    std::uint8_t *data() const { return bytes; }
    std::size_t size() const { return 3; }
    std::uint8_t *bytes;
};

void views() {
    std::uint8_t array[5] = {1, 2, 3, 4, 5};
    const std::uint8_t constant[2] = {1, 2};
    std::byte raw[4] = {};
    std::array<std::uint8_t, 6> standard{};
    Vector vector(7);
    const Vector constant_vector(8);
    std::string text = "nine char";
    CHECK(size_of(array) == 5 && size_of(constant) == 2 && size_of(raw) == 4);
    CHECK(size_of(standard) == 6 && size_of(vector) == 7 && size_of(constant_vector) == 8);
    CHECK(size_of(text) == 9 && size_of(std::string_view("ten chars.")) == 10);
    CHECK(size_of(ForeignView{array}) == 3 && room_of(ForeignView{array}) == 3);
    CHECK(size_of("a literal") == 9 && size_of("") == 0 && size_of("zeros\0\0in it") == 12);
    const char unterminated[3] = {'a', 'b', 'c'};
    CHECK(size_of(unterminated) == 3);
    CHECK(room_of(array) == 5 && room_of(raw) == 4 && room_of(standard) == 6);
    CHECK(room_of(vector) == 7 && room_of({array, 2}) == 2 && size_of({constant, 1}) == 1);
    CHECK(size_of(MutableBytes(array)) == 5 && size_of({}) == 0 && Bytes().data() == nullptr);
#if __cplusplus >= 202002L
    CHECK(size_of(std::span(vector)) == 7 && room_of(std::span(vector)) == 7);
    CHECK(size_of(std::span(constant_vector)) == 8 && size_of(std::as_bytes(std::span(array))) == 5);
#endif
    static_assert(!std::is_convertible_v<const Vector &, MutableBytes>);
    static_assert(!std::is_convertible_v<const std::uint8_t (&)[2], MutableBytes>);
    static_assert(!std::is_convertible_v<char (&)[2], Bytes>);
    static_assert(!std::is_convertible_v<std::vector<std::uint16_t> &, Bytes>);
    // What would be freed before the answer in it is looked at.
    static_assert(!std::is_convertible_v<Vector, MutableBytes>);
    static_assert(std::is_convertible_v<Vector &, MutableBytes>);
    static_assert(std::is_convertible_v<MutableBytes, MutableBytes>);

    const MutableBytes all(array);
    CHECK(all.first(2).size() == 2 && all.first(9).size() == 5 && all.part(1, 2)[0] == 2);
    CHECK(all.part(4, 9).size() == 1 && all.part(5, 1).empty() && all.part(9, 1).empty());
    int sum = 0;
    for (const std::uint8_t byte : Bytes(array)) {
        sum += byte;
    }
    CHECK(sum == 15 && Bytes(array)[4] == 5 && !Bytes(array).empty());
    for (std::uint8_t &byte : all) {
        byte = 0;
    }
    CHECK(array[4] == 0);
}

void suites_and_versions() {
    CHECK(std::string_view(name(gcm)) == "AES_128_GCM_SHA256_128");
    CHECK(std::string_view(name(static_cast<Suite>(99))).empty());
    CHECK(tag_len(gcm) == 16 && key_len(gcm) == 16 && hash_len(gcm) == 32);
    CHECK(max_overhead(gcm) == max_header_len + max_tag_len);
    CHECK(max_overhead(static_cast<Suite>(99)) == 0);
    CHECK(std::string_view(name(Backend::rust_crypto)) == "RustCrypto");
    CHECK(std::string_view(name(Backend::library_default)).empty());
    CHECK(backend_serving(gcm, Backend::library_default) == Backend::rust_crypto);
    CHECK(!backend_serving(gcm, static_cast<Backend>(99)).has_value());
    CHECK(version_number() == header_version_number && !std::string_view(version()).empty());
    CHECK(std::string_view(version_text()).find("(RustCrypto") != std::string_view::npos);
    CHECK(std::string_view(text(ErrorCode::replay)) == Error(ErrorCode::replay).message());
}

void configurations() {
    EncryptorConfig sending;
    sending.max_frames = 2;
    sending.backend = Backend::rust_crypto;
    auto encryptor = Encryptor::create(gcm, sending);
    OK(encryptor);
    OK(encryptor->add_key(1, base_key));
    OK(encryptor->use_key(1));
    OK(encryptor->encrypt({}, "1"));
    OK(encryptor->encrypt({}, "2"));
    FAILS(encryptor->encrypt({}, "3"), usage_limit);
    sending.backend = static_cast<Backend>(99);
    FAILS(Encryptor::create(gcm, sending), invalid_argument);
    FAILS(Encryptor::create(static_cast<Suite>(99)), invalid_argument);
    FAILS(Decryptor::create(static_cast<Suite>(99)), invalid_argument);

    DecryptorConfig receiving;
    receiving.replay_window = max_replay_window + 1;
    FAILS(Decryptor::create(gcm, receiving), invalid_argument);
    receiving.replay_window = 0;
    receiving.replay_protection = false;
    receiving.stop_key_on_forgery = true;
    receiving.failed_opens = 1;
    auto decryptor = Decryptor::create(gcm, receiving);
    OK(decryptor);
    OK(decryptor->add_key(key_id, base_key));
    Vector frame = sender().encrypt({}, "frame").value();
    OK(decryptor->decrypt({}, frame));
    OK(decryptor->decrypt({}, frame));
    CHECK(!decryptor->poll_forgery_alarm()->has_value());
    frame.back() ^= 1;
    FAILS(decryptor->decrypt({}, frame), authentication);
    CHECK(decryptor->poll_forgery_alarm().value() == key_id);
    CHECK(!decryptor->poll_forgery_alarm()->has_value());
    FAILS(decryptor->decrypt({}, frame), policy);
}

// What is metadata in one piece is the same in several.
void metadata() {
    Encryptor encryptor = sender();
    const Decryptor decryptor = receiver();
    const Vector timestamp = filled(8);
    const std::string joined = "camera" + std::string(timestamp.begin(), timestamp.end());
    const Vector frame = encryptor.encrypt({"camera", timestamp}, "frame").value();
    FAILS(decryptor.decrypt("camera", frame), authentication);
    FAILS(decryptor.decrypt({timestamp, "camera"}, frame), authentication);
    OK(decryptor.decrypt(joined, frame));
    const Vector other = encryptor.encrypt(joined, "frame").value();
    const auto opened = decryptor.decrypt({"cam", "era", timestamp}, other);
    CHECK(opened && same(opened->payload, "frame") && opened->counter == 1);
    std::vector<Bytes> many(max_slices, Bytes("x"));
    OK(encryptor.encrypt({many.data(), many.size()}, "frame"));
    many.push_back("x");
    FAILS(encryptor.encrypt({many.data(), many.size()}, "frame"), invalid_argument);
}

void life_of_a_key() {
    Encryptor encryptor = sender();
    Decryptor decryptor = receiver();
    FAILS(encryptor.add_key(key_id, filled(32, 2)), key_id_in_use);
    FAILS(encryptor.add_key(9, filled(15)), invalid_argument);
    FAILS(encryptor.use_key(9), unknown_key_id);
    FAILS(encryptor.remove_key(9), unknown_key_id);
    FAILS(encryptor.key_status(9), unknown_key_id);
    FAILS(decryptor.key_status(9), unknown_key_id);
    FAILS(decryptor.add_key(key_id, filled(32, 2)), key_id_in_use);

    CHECK(!decryptor.key_status(key_id)->highest_counter.has_value());
    Vector frame = encryptor.encrypt("m", "frame").value();
    CHECK(frame.size() == encryptor.sealed_len(5).value() && decryptor.payload_len(frame).value() == 5);
    FAILS(decryptor.payload_len("x"), syntax);
    FAILS(decryptor.decrypt("m", {}), syntax);
    OK(decryptor.decrypt("m", frame));
    FAILS(decryptor.decrypt("m", frame), replay);
    const SendingKeyStatus sent = encryptor.key_status(key_id).value();
    const ReceivingKeyStatus received = decryptor.key_status(key_id).value();
    CHECK(sent.next_counter == 1 && sent.frames == 1 && sent.bytes > 0);
    CHECK(sent.active && !sent.exhausted);
    CHECK(received.highest_counter == std::optional<std::uint64_t>(0) && received.opened == 1);
    CHECK(received.replayed == 1 && received.failed_opens == 0 && received.active);
    CHECK(sent.fingerprint == received.fingerprint);

    CHECK(encryptor.reserve(key_id, 10).value() == 10);
    FAILS(encryptor.reserve(key_id, 0), invalid_argument);
    FAILS(encryptor.encrypt({}, {}), reservation_needed);
    FAILS(encryptor.confirm(key_id, 11), invalid_argument);
    OK(encryptor.confirm(key_id, 10));
    OK(encryptor.encrypt({}, {}));
    OK(encryptor.remove_key(key_id));
    FAILS(encryptor.encrypt({}, {}), no_sending_key);
    CHECK(!encryptor.key_status(key_id)->active);
    OK(encryptor.resume_key_after(key_id, base_key, UINT64_MAX - 1));
    OK(encryptor.use_key(key_id));
    CHECK(encryptor.reserve(key_id, 10).value() == UINT64_MAX);
    OK(encryptor.confirm(key_id, UINT64_MAX));
    OK(encryptor.encrypt({}, {}));
    FAILS(encryptor.encrypt({}, {}), counter_exhausted);
    CHECK(encryptor.key_status(key_id)->exhausted);

    OK(decryptor.remove_key(key_id));
    const auto unknown = decryptor.decrypt("m", frame);
    CHECK(unknown.error() == ErrorCode::unknown_key_id && unknown.error().key_id() == key_id);
    OK(decryptor.forget_key(key_id));
    FAILS(decryptor.forget_key(key_id), unknown_key_id);
}

// Frames where they lie, in memory of exact lengths.
void in_place() {
    Encryptor encryptor = sender();
    const Decryptor decryptor = receiver();
    const Vector payload = filled(23);
    const std::size_t len = encryptor.sealed_len(payload.size()).value();
    const std::size_t headroom = len - payload.size() - tag_len(gcm);

    Vector buffer(len);
    std::copy(payload.begin(), payload.end(), buffer.data() + headroom);
    const auto front = encryptor.encrypt_in_place("m", buffer, headroom - 1, payload.size());
    CHECK(front.error() == ErrorCode::headroom_too_small && front.error().needed() == headroom);
    const auto tail = encryptor.encrypt_in_place("m", MutableBytes(buffer).first(len - 1), headroom,
                                                 payload.size());
    CHECK(tail.error() == ErrorCode::buffer_too_small && tail.error().needed() == len);
    FAILS(encryptor.encrypt_in_place(Bytes(buffer), buffer, headroom, payload.size()),
          invalid_argument);
    const auto sealed = encryptor.encrypt_in_place("m", buffer, headroom, payload.size());
    CHECK(sealed && sealed->data() == buffer.data() && sealed->size() == len);
    const auto opened = decryptor.decrypt_in_place("m", buffer);
    CHECK(opened && opened->payload.data() == buffer.data() && same(opened->payload, payload));
    CHECK(opened->key_id == key_id && opened->counter == 0);
    std::copy(payload.begin(), payload.end(),
              buffer.begin() + static_cast<std::ptrdiff_t>(headroom));
    CHECK(encryptor.encrypt_in_place({"m", "n"}, buffer, headroom, payload.size())->size() == len);
    CHECK(same(decryptor.decrypt_in_place("mn", buffer)->payload, payload));

    // From the front of a buffer to its front.
    std::copy(payload.begin(), payload.end(), buffer.begin());
    const Bytes from(buffer.data(), payload.size());
    FAILS(encryptor.encrypt(from, from, buffer), invalid_argument); // metadata overlaps
    const auto short_ = encryptor.encrypt("m", from, MutableBytes(buffer).first(len - 1));
    CHECK(short_.error() == ErrorCode::buffer_too_small && short_.error().needed() == len);
    CHECK(same(from, payload));
    CHECK(encryptor.encrypt("m", from, buffer)->size() == len);
    const auto narrow = decryptor.decrypt("m", buffer, MutableBytes(buffer).first(1));
    CHECK(narrow.error() == ErrorCode::buffer_too_small && narrow.error().needed() == 23);
    std::uint8_t out[23];
    CHECK(same(decryptor.decrypt("m", buffer, out)->payload, payload));
}

void base_keys() {
    const Secret next = ratchet_base_key(gcm, base_key).value();
    Vector replaced = base_key;
    CHECK(ratchet_base_key(gcm, replaced, replaced)->size() == hash_len(gcm));
    CHECK(same(next, replaced) && !same(next, base_key));
    const auto small = ratchet_base_key(gcm, base_key, MutableBytes(replaced).first(31));
    CHECK(small.error() == ErrorCode::buffer_too_small && small.error().needed() == 32);
    FAILS(ratchet_base_key(gcm, "short"), invalid_argument);
    const Secret of_stream = base_key_for_ssrc(gcm, base_key, 1).value();
    std::uint8_t out[32];
    CHECK(same(base_key_for_ssrc(gcm, base_key, 1, out).value(), of_stream));
    CHECK(!same(of_stream, base_key_for_ssrc(gcm, base_key, 2).value()));
}

void secrets_move_and_leave_zeros() {
    Secret one = ratchet_base_key(gcm, base_key).value();
    const std::uint8_t *place = one.data();
    Secret two = std::move(one);
    CHECK(two.size() == 32 && same(Bytes(place, 32), Vector(32)));
    Secret &self = two;
    two = std::move(self);
    CHECK(two.size() == 32 && !same(two, Vector(32)));
    place = two.data();
    Secret three;
    CHECK(three.empty());
    three = std::move(two);
    CHECK(three.size() == 32 && same(Bytes(place, 32), Vector(32)));
    three.wipe();
    CHECK(three.empty());
}

// An object that was moved from refuses every call, and can be destroyed and assigned to.
void moves() {
    static_assert(!std::is_copy_constructible_v<Encryptor> && !std::is_copy_assignable_v<Decryptor>);
    static_assert(std::is_nothrow_move_constructible_v<Encryptor>
                  && std::is_nothrow_move_assignable_v<Decryptor>);
    Encryptor one = sender();
    Encryptor two = std::move(one);
    CHECK(!one && two && one.native_handle() == nullptr && two.native_handle() != nullptr);
    FAILS(one.encrypt({}, "frame"), invalid_argument);
    FAILS(one.add_key(1, base_key), invalid_argument);
    FAILS(one.sealed_len(1), invalid_argument);
    Encryptor &self = two;
    two = std::move(self);
    OK(two.encrypt({}, "frame"));
    one = std::move(two);
    OK(one.encrypt({}, "frame"));
    one = sender(); // the first one is freed
    CHECK(one.key_status(key_id)->frames == 0);

    Decryptor three = receiver();
    const Decryptor four = std::move(three);
    FAILS(three.decrypt({}, "frame"), invalid_argument);
    OK(four.decrypt({}, one.encrypt({}, "frame").value()));
}

void two_threads_with_one_frame() {
    Encryptor encryptor = sender();
    const Decryptor decryptor = receiver();
    for (int round = 0; round < 20; round++) {
        const Vector frame = encryptor.encrypt({}, "frame").value();
        ErrorCode codes[2] = {};
        const auto open = [&](int who) { codes[who] = decryptor.decrypt({}, frame).error().code(); };
        std::thread other(open, 1);
        open(0);
        other.join();
        CHECK((codes[0] == ErrorCode::ok) != (codes[1] == ErrorCode::ok));
        CHECK((codes[0] == ErrorCode::replay) != (codes[1] == ErrorCode::replay));
    }
}

void every_suite() {
    for (std::uint16_t id = 1; id <= 8; id++) {
        const auto suite = static_cast<Suite>(id);
        CHECK(same(receiver(suite).decrypt("m", sender(suite).encrypt("m", "frame").value())->payload,
                   "frame"));
    }
}

void what_servers_read() {
    const Vector frame = sender().encrypt({}, "frame").value();
    const Header header = peek_header(frame).value();
    CHECK(header.key_id == key_id && header.counter == 0 && header.len + 5 + 16 == frame.size());
    FAILS(peek_header({}), syntax);
    Inspector call;
    call.suite = gcm;
    const Inspection seen = call.inspect(frame).value();
    CHECK(seen.verdict == Verdict::possible && seen.key_id == key_id && seen.payload_len == 5);
    CHECK(seen.header_len == header.len && seen.sealed_len == frame.size());
    CHECK(call.inspect("x")->verdict == Verdict::syntax);
    call = Inspector();
    call.keying = Keying::mls;
    call.epoch_bits = 8;
    call.index_bits = 8;
    call.leaves = 0x12;
    CHECK(call.inspect(frame)->verdict == Verdict::no_such_leaf);
    call.leaves = 0x13;
    CHECK(call.inspect(frame)->index == 0x12 && call.inspect(frame)->epoch_bits == 0x34);
    call.ratchet_bits = 1;
    FAILS(call.inspect(frame), invalid_argument);
    CHECK(std::string_view(text(Verdict::syntax)) != text(Verdict::possible));
}

} // namespace

int main() {
    views();
    suites_and_versions();
    configurations();
    metadata();
    life_of_a_key();
    in_place();
    base_keys();
    secrets_move_and_leave_zeros();
    moves();
    two_threads_with_one_frame();
    every_suite();
    what_servers_read();
    return summary();
}
