/*
 * Puts caps into caps and takes them out again. They travel as one string, which nobody on the way
 * has a reason to touch, and which is authenticated byte for byte.
 */
#include "media.h"

#include <string.h>

#define ORIGINAL "original-caps"

GstCaps *gst_frameseal_sealed_caps(const gchar *media)
{
    return gst_caps_new_simple(GST_FRAMESEAL_SEALED_CAPS, ORIGINAL, G_TYPE_STRING, media, NULL);
}

const gchar *gst_frameseal_media_inside(const GstCaps *sealed)
{
    /* There is one structure, since caps events are fixed, and the pad looks at its name. */
    return gst_structure_get_string(gst_caps_get_structure(sealed, 0), ORIGINAL);
}

/*
 * Lists in lists are parsed by recursion, and the string has not authenticated: some 10,000 brackets
 * are all that it takes to use up the stack of a thread.
 */
static gboolean is_shallow(const gchar *media)
{
    gint depth = 0;
    for (; *media != '\0'; media++) {
        if (strchr("<{[(", *media) != NULL) {
            depth++;
        } else if (strchr(">}])", *media) != NULL) {
            depth--;
        }
        if (depth > 32) {
            return FALSE;
        }
    }
    return TRUE;
}

GstCaps *gst_frameseal_media_caps(const gchar *media)
{
    GstCaps *caps = media == NULL || !is_shallow(media) ? NULL : gst_caps_from_string(media);
    if (caps != NULL && !gst_caps_is_fixed(caps)) {
        gst_caps_unref(caps);
        caps = NULL;
    }
    return caps;
}

/* The name in front of the parameters and features: `video/x-vp8` of `video/x-vp8, width=...`. */
static GBytes *media_type(const gchar *media)
{
    return g_bytes_new(media, strcspn(media, ",;("));
}

GBytes *gst_frameseal_metadata_bytes(GstFramesealMetadata choice, const gchar *text,
                                     const gchar *media)
{
    switch (choice) {
    case GST_FRAMESEAL_METADATA_CAPS:
        return g_bytes_new(media, strlen(media));
    case GST_FRAMESEAL_METADATA_MEDIA_TYPE:
        return media_type(media);
    case GST_FRAMESEAL_METADATA_TEXT:
        return g_bytes_new(text, text == NULL ? 0 : strlen(text));
    case GST_FRAMESEAL_METADATA_NONE:
    default:
        return g_bytes_new(NULL, 0);
    }
}
