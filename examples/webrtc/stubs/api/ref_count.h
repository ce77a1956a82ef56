// Stand-in for libwebrtc's header of this path, so that the adaptors compile without a libwebrtc
// checkout: the same names and signatures, written for this test, and only what the adaptors need.
// The other headers under this folder are the same, each for its path.
#ifndef FRAMESEAL_STUBS_API_REF_COUNT_H
#define FRAMESEAL_STUBS_API_REF_COUNT_H

namespace webrtc {

enum class RefCountReleaseStatus { kDroppedLastRef, kOtherRefsRemained };

class RefCountInterface {
public:
    virtual void AddRef() const = 0;
    virtual RefCountReleaseStatus Release() const = 0;

protected:
    virtual ~RefCountInterface() = default;
};

} // namespace webrtc

#endif
