/*
 * The choices that both elements offer, as types of GObject: so that gst-inspect-1.0 lists them and
 * gst-launch-1.0 takes them by name.
 */
#ifndef GST_FRAMESEAL_SETTINGS_H
#define GST_FRAMESEAL_SETTINGS_H

#include <gst/gst.h>

/* The cipher suites of frameseal.h, with the same numbers. */
GType gst_frameseal_suite_get_type(void);

/* What is authenticated with each frame and not sent: both sides must choose the same. */
typedef enum {
    GST_FRAMESEAL_METADATA_CAPS,
    GST_FRAMESEAL_METADATA_MEDIA_TYPE,
    GST_FRAMESEAL_METADATA_TEXT,
    GST_FRAMESEAL_METADATA_NONE,
} GstFramesealMetadata;

GType gst_frameseal_metadata_get_type(void);

#endif
