// Stand-in: the pointer that holds a reference.
#ifndef FRAMESEAL_STUBS_API_SCOPED_REFPTR_H
#define FRAMESEAL_STUBS_API_SCOPED_REFPTR_H

#include <cstddef>
#include <utility>

namespace webrtc {

template <typename T>
class scoped_refptr {
public:
    scoped_refptr() = default;
    scoped_refptr(std::nullptr_t) {}
    explicit scoped_refptr(T *object) : object_(object) {
        if (object_ != nullptr) {
            object_->AddRef();
        }
    }
    scoped_refptr(const scoped_refptr &other) : scoped_refptr(other.get()) {}
    scoped_refptr(scoped_refptr &&other) noexcept
        : object_(std::exchange(other.object_, nullptr)) {}
    template <typename U>
    scoped_refptr(const scoped_refptr<U> &other) : scoped_refptr(other.get()) {}
    scoped_refptr &operator=(scoped_refptr other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~scoped_refptr() {
        if (object_ != nullptr) {
            object_->Release();
        }
    }

    T *get() const { return object_; }
    T &operator*() const { return *object_; }
    T *operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }

private:
    T *object_ = nullptr;
};

} // namespace webrtc

#endif
