// A call whose keys come from MLS, from C++17: Alice and Bob talk, Carol joins, Bob is removed. It
// prints what each device would show, and polls when its manager wants to be asked.
//
// There is no MLS engine in this program: new_epoch() stands for one that has accepted a commit.
// And there is no clock: the application says what time it is, here in simulated milliseconds.
//
//   cargo build -p frameseal-ffi --release
//   c++ -std=c++17 -Iinclude examples/c/call.cpp target/release/libframeseal.a -lpthread -ldl -lm
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include "frameseal.hpp"

namespace {

namespace seal = frameseal;

constexpr seal::Suite suite = seal::Suite::aes_128_gcm_sha256_128;
const char *const names[] = {"alice", "bob", "carol"};
enum Leaf : std::uint32_t { ALICE, BOB, CAROL, PEOPLE };

seal::Millis now{1000};
bool as_expected = true;

void expect(bool holds, const std::string &what) {
    if (!holds) {
        std::cout << "    does not hold: " << what << "\n";
        as_expected = false;
    }
}

// One member's device. In a call, each of these is another process.
class Device {
public:
    explicit Device(Leaf leaf)
        : leaf_(leaf),
          manager_(seal::EpochManager::create(seal::EpochConfig(suite)).value()),
          // Audio: every frame can be decoded by itself. Each stream has a counter of its own.
          microphone_(manager_.open_stream(seal::StreamKind::independent).value()),
          receiver_(manager_.open_receiver().value()) {}

    // An MLS engine has accepted a commit: this device learns of the epoch and who is in it.
    void new_epoch(std::uint64_t epoch, std::initializer_list<Leaf> leaves) {
        // What the engine would export: MLS-Exporter("SFrame 1.0 Base Key", "", 16).
        std::vector<std::uint8_t> base_key(seal::key_len(suite));
        for (std::size_t i = 0; i < base_key.size(); i++) {
            base_key[i] = static_cast<std::uint8_t>(epoch * 101 + i * 29 + 7);
        }
        seal::EpochUpdate update;
        update.group = 1;
        update.epoch = epoch;
        update.base_key = base_key;
        update.leaf_count = PEOPLE;
        update.own_index = leaf_;
        for (const Leaf leaf : leaves) {
            // A product has a hash of the credential and signature key here.
            update.members.push_back({leaf, std::string_view(names[leaf])});
        }
        const auto added = manager_.add_epoch(now, update);
        expect(added.has_value(), added.error().message());
        print_events();
    }

    // Over the application's signalling: the other device has the epoch.
    void ready(const Device &other, std::uint64_t epoch) {
        const auto told = manager_.peer_ready(now, other.leaf_, seal::EpochId{1, epoch});
        expect(told.has_value(), told.error().message());
        print_events();
    }

    // A frame that says who speaks. The metadata does not travel, and changing it is noticed.
    std::vector<std::uint8_t> speak() {
        return microphone_.encrypt(now, "room 12", std::string_view(names[leaf_])).value();
    }

    // Whether the frame opened; what came of it is printed.
    bool hear(std::vector<std::uint8_t> frame) {
        const auto received = receiver_.decrypt_in_place(now, "room 12", frame);
        if (received) {
            line() << "hears " << names[received->member.index] << " in epoch "
                   << received->epoch.epoch << ", " << received->payload.size() << " bytes\n";
        } else if (received.error() == seal::ErrorCode::unknown_key_id) {
            line() << "has no key with KID " << received.error().key_id() << "\n";
        } else {
            line() << "cannot open a frame: " << received.error().message() << "\n";
        }
        print_events();
        return received.has_value();
    }

    // How the application would light its lock.
    seal::StatusLevel light() const {
        const seal::Status status = manager_.room_status(now).value();
        line() << "shows: " << seal::text(status.level) << " (" << seal::text(status.reason)
               << ")\n";
        return status.level;
    }

    std::uint64_t sending_epoch() const { return manager_.sending_epoch().value().epoch; }

    // Nothing comes and nothing is sent: the device sleeps until its manager wants to be asked.
    void sleep_until(seal::Millis until) {
        for (;;) {
            const auto deadline = manager_.next_deadline().value();
            if (!deadline || *deadline > until) {
                break;
            }
            now = *deadline > now ? *deadline : now; // it may have come already
            print_events();
        }
        now = until;
    }

private:
    std::ostream &line() const {
        return std::cout << std::setw(6) << now.count() << " ms  " << std::setw(5) << std::left
                         << names[leaf_] << std::right << "  ";
    }

    void print_events() {
        const auto polled = manager_.poll_events(now, [this](const seal::Event &event) {
            line() << seal::text(event.kind);
            if (event.member) {
                std::cout << ": " << names[event.member->index];
            }
            if (event.epoch.group != 0) {
                std::cout << ": epoch " << event.epoch.epoch;
            }
            if (event.kind == seal::EventKind::status_changed
                || event.kind == seal::EventKind::room_status_changed) {
                std::cout << ": " << seal::text(event.status.level);
            }
            std::cout << "\n";
        });
        expect(polled.has_value(), polled.error().message());
    }

    Leaf leaf_;
    seal::EpochManager manager_;
    seal::Stream microphone_;
    seal::Receiver receiver_;
};

void two_people_talk(Device &alice, Device &bob) {
    std::cout << "Alice and Bob are in the call:\n";
    alice.new_epoch(1, {ALICE, BOB});
    bob.new_epoch(1, {ALICE, BOB});
    const auto frame = alice.speak();
    expect(bob.hear(frame), "Bob hears Alice");
    expect(!bob.hear(frame), "but not twice");
    expect(alice.hear(bob.speak()), "Alice hears Bob");
    expect(alice.light() == seal::StatusLevel::end_to_end, "the call is end-to-end encrypted");
}

void somebody_joins(Device &alice, Device &bob, Device &carol) {
    std::cout << "\nCarol joins; all receive with the new epoch at once, and send with it when they "
                 "know that the others have it:\n";
    now = seal::Millis(5000);
    alice.new_epoch(2, {ALICE, BOB, CAROL});
    carol.new_epoch(2, {ALICE, BOB, CAROL});
    expect(alice.hear(bob.speak()), "Alice hears Bob, who does not know of it yet");
    expect(!carol.hear(bob.speak()), "Carol has no key of before");
    bob.new_epoch(2, {ALICE, BOB, CAROL});
    alice.ready(carol, 2);
    expect(alice.sending_epoch() == 1, "Alice waits for Bob");
    alice.ready(bob, 2);
    expect(alice.sending_epoch() == 2, "Alice sends with the new epoch");
    expect(carol.hear(alice.speak()), "Carol hears Alice");
    // Nobody tells Bob that the others are ready: he moves after two seconds all the same.
    bob.sleep_until(seal::Millis(7000));
    expect(carol.hear(bob.speak()), "Carol hears Bob");
}

void somebody_is_removed(Device &alice, Device &bob, Device &carol) {
    std::cout << "\nBob is removed; nothing more is sent that he could open, and for two seconds "
                 "frames that are under way are still heard:\n";
    now = seal::Millis(9000);
    const auto late = carol.speak();
    alice.new_epoch(3, {ALICE, CAROL});
    carol.new_epoch(3, {ALICE, CAROL});
    expect(!bob.hear(alice.speak()), "Bob hears nothing more");
    expect(alice.hear(late), "Alice hears a late frame");
    expect(alice.light() == seal::StatusLevel::overlap_after_removal,
           "and says who could forge it");
    alice.sleep_until(seal::Millis(11000));
    expect(!alice.hear(bob.speak()), "Bob is not heard any more");
    expect(alice.hear(carol.speak()), "Carol is");
    expect(alice.light() == seal::StatusLevel::end_to_end,
           "the call is end-to-end encrypted again");
}

} // namespace

int main() {
    Device alice(ALICE);
    Device bob(BOB);
    Device carol(CAROL);
    two_people_talk(alice, bob);
    somebody_joins(alice, bob, carol);
    somebody_is_removed(alice, bob, carol);
    std::cout << "\n" << (as_expected ? "all as expected" : "NOT as expected") << "\n";
    return as_expected ? EXIT_SUCCESS : EXIT_FAILURE;
}
