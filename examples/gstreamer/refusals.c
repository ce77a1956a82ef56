/*
 * Each kind of refusal is warned of once for each start of the pipeline; the counts say the rest. A
 * missing key is another matter: the application may find it, so it hears of it again and again.
 */
#include "refusals.h"

static const struct {
    frameseal_result result;
    gint code; /* of GST_STREAM_ERROR */
    const gchar *reason;
    const gchar *text;
} kinds[GST_FRAMESEAL_REFUSAL_KINDS] = {
    [GST_FRAMESEAL_FORGED] = {FRAMESEAL_ERROR_AUTHENTICATION, GST_STREAM_ERROR_DECRYPT,
                              "authentication", "A frame was dropped: it does not authenticate."},
    [GST_FRAMESEAL_REPLAYED] = {FRAMESEAL_ERROR_REPLAY, GST_STREAM_ERROR_DECRYPT, "replay",
                                "A frame was dropped: it was here before, or is too old."},
    [GST_FRAMESEAL_UNKNOWN_KEY] = {FRAMESEAL_ERROR_UNKNOWN_KEY_ID, GST_STREAM_ERROR_DECRYPT_NOKEY,
                                   "unknown-key", "A frame was dropped: there is no key for it."},
    [GST_FRAMESEAL_MALFORMED] = {FRAMESEAL_ERROR_SYNTAX, GST_STREAM_ERROR_DECRYPT, "malformed",
                                 "A frame was dropped: it is no SFrame ciphertext."},
};

void gst_frameseal_refusals_restart(GstFramesealRefusals *refusals)
{
    for (gsize kind = 0; kind < GST_FRAMESEAL_REFUSAL_KINDS; kind++) {
        refusals->warned[kind] = FALSE;
    }
    refusals->missing_key_again = 0;
}

/* A forger can name any key id, so not every frame is worth a message. */
static void tell_missing_key(GstElement *element, GstFramesealRefusals *refusals, guint64 key_id)
{
    const gint64 now = g_get_monotonic_time();
    if (now < refusals->missing_key_again) {
        return;
    }
    refusals->missing_key_again = now + G_USEC_PER_SEC;
    GstStructure *what =
        gst_structure_new("frameseal-missing-key", "key-id", G_TYPE_UINT64, key_id, NULL);
    gst_element_post_message(element, gst_message_new_element(GST_OBJECT(element), what));
}

static void warn(GstElement *element, GstFramesealRefusals *refusals, GstFramesealRefusal kind)
{
    if (refusals->warned[kind]) {
        return;
    }
    refusals->warned[kind] = TRUE;
    GError *warning = g_error_new_literal(GST_STREAM_ERROR, kinds[kind].code, kinds[kind].text);
    GstStructure *details =
        gst_structure_new("details", "reason", G_TYPE_STRING, kinds[kind].reason, NULL);
    gst_element_post_message(element, gst_message_new_warning_with_details(
                                          GST_OBJECT(element), warning,
                                          frameseal_result_text(kinds[kind].result), details));
    g_error_free(warning);
}

gboolean gst_frameseal_refused(GstElement *element, GstFramesealRefusals *refusals,
                               frameseal_result result, guint64 key_id)
{
    GstFramesealRefusal kind = GST_FRAMESEAL_FORGED;
    while (kind < GST_FRAMESEAL_REFUSAL_KINDS && kinds[kind].result != result) {
        kind++;
    }
    if (kind == GST_FRAMESEAL_REFUSAL_KINDS) {
        return FALSE;
    }
    GST_OBJECT_LOCK(element);
    refusals->counts[kind]++;
    GST_OBJECT_UNLOCK(element);
    warn(element, refusals, kind);
    if (kind == GST_FRAMESEAL_UNKNOWN_KEY) {
        tell_missing_key(element, refusals, key_id);
    }
    return TRUE;
}
