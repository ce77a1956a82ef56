/*
 * The caps of sealed media: `application/x-frameseal` with the media's own caps as a string inside.
 * No decoder, parser or payloader takes that for media, and the decrypting element restores the
 * caps from it.
 */
#ifndef GST_FRAMESEAL_MEDIA_H
#define GST_FRAMESEAL_MEDIA_H

#include <gst/gst.h>

#include "settings.h"

#define GST_FRAMESEAL_SEALED_CAPS "application/x-frameseal"

/* The caps of sealed media that is `media` (gst_caps_to_string) inside. The caller owns them. */
GstCaps *gst_frameseal_sealed_caps(const gchar *media);

/* The media's caps inside, as they were written; NULL where there are none. Lives as `sealed`. */
const gchar *gst_frameseal_media_inside(const GstCaps *sealed);

/* The caps that a frame's `media` string stands for, or NULL. The caller owns them. */
GstCaps *gst_frameseal_media_caps(const gchar *media);

/* The metadata of frames of `media`, the same bytes on both sides. The caller owns them. */
GBytes *gst_frameseal_metadata_bytes(GstFramesealMetadata choice, const gchar *text,
                                     const gchar *media);

#endif
