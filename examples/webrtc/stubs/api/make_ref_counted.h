// Stand-in: makes an object and counts the references to it.
#ifndef FRAMESEAL_STUBS_API_MAKE_REF_COUNTED_H
#define FRAMESEAL_STUBS_API_MAKE_REF_COUNTED_H

#include <atomic>
#include <utility>

#include "api/ref_count.h"
#include "api/scoped_refptr.h"

namespace webrtc {

namespace stub {

// A T whose references are counted. As in libwebrtc, the class itself leaves that open.
template <typename T>
class Counted final : public T {
public:
    template <typename... Arguments>
    explicit Counted(Arguments &&...arguments) : T(std::forward<Arguments>(arguments)...) {}

    void AddRef() const override { references_.fetch_add(1, std::memory_order_relaxed); }
    RefCountReleaseStatus Release() const override {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) > 1) {
            return RefCountReleaseStatus::kOtherRefsRemained;
        }
        delete this;
        return RefCountReleaseStatus::kDroppedLastRef;
    }

private:
    ~Counted() override = default;

    mutable std::atomic<int> references_{0};
};

} // namespace stub

template <typename T, typename... Arguments>
scoped_refptr<T> make_ref_counted(Arguments &&...arguments) {
    return scoped_refptr<T>(new stub::Counted<T>(std::forward<Arguments>(arguments)...));
}

} // namespace webrtc

#endif
