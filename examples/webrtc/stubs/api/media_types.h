// Stand-in: what kind of media a frame is of.
#ifndef FRAMESEAL_STUBS_API_MEDIA_TYPES_H
#define FRAMESEAL_STUBS_API_MEDIA_TYPES_H

namespace webrtc {

enum class MediaType { AUDIO, VIDEO, DATA, UNSUPPORTED, ANY };

} // namespace webrtc

#endif
