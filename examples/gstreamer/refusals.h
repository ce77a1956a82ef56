/*
 * Frames that the decrypting element refused: counted, and told to the application without letting
 * a forger fill its bus.
 */
#ifndef GST_FRAMESEAL_REFUSALS_H
#define GST_FRAMESEAL_REFUSALS_H

#include <gst/gst.h>

#include "frameseal.h"

typedef enum {
    GST_FRAMESEAL_FORGED,
    GST_FRAMESEAL_REPLAYED,
    GST_FRAMESEAL_UNKNOWN_KEY,
    GST_FRAMESEAL_MALFORMED,
    GST_FRAMESEAL_REFUSAL_KINDS,
} GstFramesealRefusal;

typedef struct {
    guint64 counts[GST_FRAMESEAL_REFUSAL_KINDS]; /* guarded by the element's object lock */
    /* Only the streaming thread uses the rest. */
    gboolean warned[GST_FRAMESEAL_REFUSAL_KINDS];
    gint64 missing_key_again; /* not told before, in microseconds of g_get_monotonic_time */
} GstFramesealRefusals;

/* Warns of each kind anew; the counts stay. */
void gst_frameseal_refusals_restart(GstFramesealRefusals *refusals);

/*
 * Counts a frame that `element` did not open because of `result`, and posts a warning if it is the
 * first of its kind. For an unknown key it posts an element message `frameseal-missing-key` with
 * the field `key-id` (guint64), at most once a second. FALSE where the frame is not to blame, but
 * something in here: the caller then posts an error.
 */
gboolean gst_frameseal_refused(GstElement *element, GstFramesealRefusals *refusals,
                               frameseal_result result, guint64 key_id);

#endif
