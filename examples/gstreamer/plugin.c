/*
 * The plugin `frameseal`: end-to-end encryption of media frames (SFrame, RFC 9605) in GStreamer
 * pipelines. Its elements are in enc.c and dec.c, on top of what they share in element.c.
 */
#include <gst/gst.h>

#include "element.h"

#define PACKAGE "frameseal"

static gboolean plugin_init(GstPlugin *plugin)
{
    return gst_element_register(plugin, "framesealenc", GST_RANK_NONE, GST_TYPE_FRAMESEAL_ENC)
           && gst_element_register(plugin, "framesealdec", GST_RANK_NONE, GST_TYPE_FRAMESEAL_DEC);
}

/* "MIT/X11" is GStreamer's name for the licence; Apache-2.0 is the other choice. */
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, frameseal,
                  "End-to-end encryption of media frames (SFrame, RFC 9605)", plugin_init,
                  FRAMESEAL_PLUGIN_VERSION, "MIT/X11", PACKAGE, "frameseal")
