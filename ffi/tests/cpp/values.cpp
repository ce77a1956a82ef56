// What structures keep of the application's bytes, which must not be gone before the call, and the
// values that name somebody or something, as keys of maps. What must not compile is seen to by
// static assertions.
#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#if __cplusplus >= 202002L
#include <span>
#endif

#include "support.hpp"

namespace {

using Array = std::array<std::uint8_t, 16>;
using Wide = std::vector<std::uint16_t>;

// Whether a `To` comes from a `From`, by its constructor, by conversion and by assignment; and that
// the three do not differ.
template <typename To, typename From>
constexpr bool takes() {
    static_assert(std::is_constructible_v<To, From> == std::is_convertible_v<From, To>);
    static_assert(std::is_constructible_v<To, From> == std::is_assignable_v<To &, From>);
    return std::is_constructible_v<To, From>;
}

// A key as applications have it, which looks like a view: constant access, copied as it lies there.
struct ReadOnlyKey {
    const std::uint8_t *data() const { return bytes; }
    std::size_t size() const { return sizeof bytes; }
    std::uint8_t bytes[16];
};

void borrowed_bytes_refuse_temporaries() {
    using B = BorrowedBytes;
    static_assert(!takes<B, Vector>() && !takes<B, const Vector>() && !takes<B, std::string>());
    static_assert(!takes<B, std::vector<std::byte>>() && !takes<B, Array>() && !takes<B, Secret>());
    static_assert(!takes<B, ReadOnlyKey>() && takes<B, ReadOnlyKey &>());
    static_assert(!takes<B, std::uint8_t[4]>() && !takes<B, MemberIdentity>());
    static_assert(takes<B, Vector &>() && takes<B, const Vector &>() && takes<B, std::string &>());
    static_assert(takes<B, Array &>() && takes<B, Secret &>() && takes<B, const Secret &>());
    static_assert(takes<B, std::uint8_t (&)[4]>() && takes<B, const char (&)[4]>());
    static_assert(takes<B, Bytes>() && takes<B, MutableBytes>() && takes<B, std::string_view>());
#if __cplusplus >= 202002L
    static_assert(takes<B, std::span<std::uint8_t>>() && takes<B, std::span<const std::byte>>());
#endif
    static_assert(!takes<B, Wide &>() && !takes<B, char (&)[4]>() && !takes<B, const char *>());
    static_assert(std::is_trivially_copyable_v<B> && std::is_convertible_v<B, Bytes>);

    // The fields that are such views, and not only the class.
    static_assert(std::is_same_v<decltype(EpochUpdate::base_key), B>);
    static_assert(std::is_same_v<decltype(Identity::name), B>);
    static_assert(std::is_same_v<decltype(Identity::public_key), B>);
    static_assert(std::is_same_v<decltype(KeyEnvelope::call), B>);
    static_assert(std::is_same_v<decltype(KeyEnvelope::sender), B>);
    static_assert(std::is_same_v<decltype(KeyEnvelope::recipient), B>);

    const Vector key = filled(16);
    B bytes = key;
    CHECK(bytes.data() == key.data() && bytes.size() == 16);
    bytes = B(static_cast<const void *>(key.data()), 3);
    CHECK(bytes.data() == key.data() && bytes.size() == 3);
    bytes = {key.data(), 4};
    const B copy = bytes;
    CHECK(copy.data() == key.data() && copy.size() == 4 && same(copy, Bytes(key.data(), 4)));
    bytes = "zero\0";
    CHECK(bytes.size() == 5);
    bytes = {};
    CHECK(bytes.empty());
}

// What is written to a temporary would be gone with it, and the answer would point there.
void mutable_bytes_refuse_temporaries() {
    static_assert(!std::is_convertible_v<Vector, MutableBytes>);
    static_assert(!std::is_convertible_v<std::string, MutableBytes>);
    static_assert(!std::is_convertible_v<Array, MutableBytes>);
    static_assert(!std::is_convertible_v<const std::string &, MutableBytes>);
    static_assert(!std::is_convertible_v<std::string_view, MutableBytes>);
    static_assert(!std::is_convertible_v<Wide &, MutableBytes>);
    static_assert(!std::is_convertible_v<char (&)[4], MutableBytes>);
    static_assert(!std::is_constructible_v<MutableBytes, const void *, std::size_t>);
    static_assert(!std::is_constructible_v<MutableBytes, std::uint16_t *, std::size_t>);
    static_assert(!std::is_constructible_v<Bytes, std::uint16_t *, std::size_t>);

    std::string text = "text";
    std::vector<char> characters = {'a', 'b'};
    void *const memory = text.data();
    const MutableBytes of_text = text;
    const MutableBytes of_characters = characters;
    const MutableBytes of_memory(memory, 2);
    const MutableBytes of_nothing(nullptr, 0);
    of_memory[1] = 'E';
    of_characters[1] = 'B';
    CHECK(text == "tExt" && of_text.size() == 4 && of_memory.size() == 2 && of_nothing.empty());
    CHECK(characters[1] == 'B' && of_characters.size() == 2);
    const void *const constant = memory;
    CHECK(same(Bytes(constant, 3), "tEx") && same(Bytes(text.data(), 2), "tE"));
}

// A buffer of characters may be filled in part, also as metadata.
void characters_in_buffers_are_no_literals() {
    static_assert(!std::is_convertible_v<char (&)[4], Slices>);
    static_assert(!std::is_convertible_v<char (&)[4], MemberIdentity>);
    static_assert(!std::is_convertible_v<const char *, Slices>);
    static_assert(std::is_convertible_v<const char (&)[4], Slices>);
    static_assert(std::is_convertible_v<Vector, Slices> && std::is_convertible_v<Vector &, Slices>);
    static_assert(!std::is_copy_constructible_v<Slices>);
    static_assert(!std::is_convertible_v<Slices &, Slices>);
}

Vector made(std::size_t len) {
    return filled(len, 9);
}

// Adds an epoch with one member of this identity, which may come from a temporary.
Result<void> add(EpochManager &manager, std::uint64_t epoch, MemberIdentity identity) {
    const Vector base_key = filled(key_len(gcm), static_cast<unsigned>(epoch));
    EpochUpdate update;
    update.group = 1;
    update.epoch = epoch;
    update.base_key = base_key;
    update.leaf_count = 1;
    update.members = {{0, identity}};
    return manager.add_epoch(start, update);
}

void identities_are_copied_and_never_cut() {
    EpochManager manager = EpochManager::create(EpochConfig(gcm)).value();
    OK(add(manager, 1, made(max_identity_len)));
    CHECK(same(manager.members()->at(0).identity, made(max_identity_len)));
    FAILS(add(manager, 2, made(max_identity_len + 1)), invalid_argument);
    FAILS(add(manager, 2, {}), invalid_argument);
    FAILS(add(manager, 2, ""), invalid_argument);
    OK(add(manager, 2, std::string("somebody else")));
    CHECK(manager.member_at(0)->joined == 2);

    std::vector<Member> members = {{0, made(4)}, {1, "literal"}, {2, std::string_view("view")}};
    members.push_back({3, made(5)});
    CHECK(same(members[0].identity, made(4)) && same(members[1].identity, "literal"));
    CHECK(same(members[2].identity, "view") && same(members[3].identity, made(5)));
    MemberIdentity identity = members[0].identity;
    CHECK(identity == members[0].identity && identity != members[3].identity);
    identity = made(33);
    CHECK(identity.empty() && identity == MemberIdentity());
    CHECK(MemberIdentity("a") < MemberIdentity("b") && MemberIdentity("a") < MemberIdentity("aa"));
    CHECK(MemberIdentity("\x7f") < MemberIdentity("\x80"));
}

// A value differs from its neighbours in each of its parts, and the maps tell them apart.
template <typename T>
void are_keys(const std::vector<T> &ascending) {
    std::map<T, std::size_t> sorted;
    std::unordered_map<T, std::size_t> hashed;
    std::unordered_set<std::size_t> hashes;
    for (std::size_t i = 0; i < ascending.size(); i++) {
        sorted[ascending[i]] = hashed[ascending[i]] = i;
        hashes.insert(std::hash<T>()(ascending[i]));
        for (std::size_t j = 0; j < ascending.size(); j++) {
            const T &a = ascending[i];
            const T &b = ascending[j];
            CHECK((a == b) == (i == j) && (a != b) == (i != j) && (a < b) == (i < j));
            CHECK((a > b) == (i > j) && (a <= b) == (i <= j) && (a >= b) == (i >= j));
        }
    }
    CHECK(sorted.size() == ascending.size() && hashed.size() == ascending.size());
    CHECK(hashes.size() == ascending.size());
    for (std::size_t i = 0; i < ascending.size(); i++) {
        const T copy = ascending[i];
        CHECK(sorted.at(copy) == i && hashed.at(copy) == i);
    }
}

void names_are_keys_of_maps() {
    are_keys<EpochId>({{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {2, 0}});
    constexpr auto leaf = MemberKind::leaf;
    constexpr auto application = MemberKind::application;
    are_keys<MemberId>({{},
                        {leaf, 0, 0, 0, 0},
                        {leaf, 0, 0, 1, 0},
                        {leaf, 0, 1, 0, 0},
                        {leaf, 0, 1, 31, 0},
                        {leaf, 1, 0, 0, 0},
                        {application, 0, 0, 0, 0},
                        {application, 0, 0, 0, 1}});
    are_keys<MemberIdentity>({{}, std::string_view("\0", 1), "a", "aa", "b"});
}

void errors_compare_with_all_they_tell() {
    const Error four = Error::too_small(FRAMESEAL_ERROR_BUFFER_TOO_SMALL, 4);
    const Error five = Error::too_small(FRAMESEAL_ERROR_BUFFER_TOO_SMALL, 5);
    CHECK(four == four && four != five && !(four == five) && !(four != four));
    CHECK(four == ErrorCode::buffer_too_small && ErrorCode::buffer_too_small == four);
    CHECK(ErrorCode::replay != four && !(ErrorCode::buffer_too_small != four));
    CHECK(Error::of_key(FRAMESEAL_ERROR_UNKNOWN_KEY_ID, 1)
          != Error::of_key(FRAMESEAL_ERROR_UNKNOWN_KEY_ID, 2));
    frameseal_held_frame held{};
    const Error little = Error::held_too_large(FRAMESEAL_ERROR_BUFFER_TOO_SMALL, held);
    held.metadata_len = 1;
    CHECK(little != Error::held_too_large(FRAMESEAL_ERROR_BUFFER_TOO_SMALL, held));
}

void results_have_a_value_in_place_of_an_error() {
    const Result<std::size_t> failed = ErrorCode::replay;
    const Result<std::size_t> done = std::size_t{3};
    CHECK(failed.value_or(7U) == 7 && done.value_or(7U) == 3);
    CHECK(Result<Vector>(filled(2)).value_or({}).size() == 2);
    CHECK(Result<Vector>(ErrorCode::syntax).value_or(filled(4)).size() == 4);
    CHECK(Result<Secret>(ErrorCode::syntax).value_or(Secret()).empty()); // that cannot be copied
}

void events_about_nobody_have_no_member() {
    EpochManager manager = EpochManager::create(EpochConfig(gcm)).value();
    OK(add(manager, 1, "somebody"));
    const auto added = manager.poll_event(start).value();
    CHECK(added.has_value() && added->kind == EventKind::epoch_added && !added->member);
    CHECK(AuditRecord::of(*added, start)->epoch == std::optional<std::uint64_t>(1));

    Monitor monitor = Monitor::create(Policy::standard).value();
    OK(monitor.add_member(5));
    OK(monitor.observe(start, 5, Result<Opened<Vector>>(Opened<Vector>{{}, 1, 0})));
    bool heard = false;
    OK(monitor.poll_events(start, [&](const Event &event) {
        heard = heard || (event.kind == EventKind::member_first_heard && event.member->number == 5);
        CHECK((event.kind == EventKind::room_status_changed) != event.member.has_value());
        OK(AuditRecord::of(event, start));
    }));
    CHECK(heard);
}

void objects_know_their_suite() {
    constexpr Suite other = Suite::aes_256_ctr_hmac_sha512_64;
    CHECK(Encryptor::create(other)->suite() == other && Decryptor::create(other)->suite() == other);
    CHECK(Decryptor::create(other, DecryptorConfig())->suite() == other);
    CHECK(SenderKeys::create(other)->suite() == other);
    EpochManager manager = EpochManager::create(EpochConfig(other)).value();
    CHECK(manager.suite() == other && manager.open_receiver()->suite() == other);
    CHECK(manager.open_stream(StreamKind::independent)->suite() == other);
}

} // namespace

int main() {
    borrowed_bytes_refuse_temporaries();
    mutable_bytes_refuse_temporaries();
    characters_in_buffers_are_no_literals();
    identities_are_copied_and_never_cut();
    names_are_keys_of_maps();
    errors_compare_with_all_they_tell();
    results_have_a_value_in_place_of_an_error();
    events_about_nobody_have_no_member();
    objects_know_their_suite();
    return summary();
}
