/*
 * What framesealenc and framesealdec share: two pads, the settings, keys, and the caps.
 *
 * The base class is GstElement with chain functions, not GstBaseTransform. That one negotiates by
 * intersecting caps, plans the size of the output before the frame is there, and has a passthrough
 * mode. Here the caps of one side lie inside those of the other, the size depends on key id and
 * counter, frames may be dropped, and nothing may ever pass through.
 *
 * Threads: the settings are guarded by the object lock. The objects of frameseal take calls from
 * any thread; an element makes its one before it streams and keeps it until it is finalized, since
 * the counters and replay windows in it must not begin anew.
 */
#ifndef GST_FRAMESEAL_ELEMENT_H
#define GST_FRAMESEAL_ELEMENT_H

#include <gst/gst.h>

#include "frameseal.h"
#include "settings.h"

typedef struct {
    GstElement parent;
    GstPad *sink;
    GstPad *src;
    /* Of the frames that come now; only the streaming thread uses it. NULL before the caps. */
    GBytes *metadata;

    /* Guarded by the object lock. */
    frameseal_suite suite;
    gboolean suite_fixed;
    guint64 key_id;
    gchar *key_file;
    GstFramesealMetadata metadata_choice;
    gchar *metadata_text;
} GstFramesealElement;

/* Functions about keys answer NULL when all is well, else a text that says why not. */
typedef struct {
    GstElementClass parent_class;
    const gchar *(*add_key)(GstFramesealElement *self, guint64 key_id, const guint8 *key,
                            gsize len);
    const gchar *(*remove_key)(GstFramesealElement *self, guint64 key_id);
    /* NULL for an element that does not send. */
    const gchar *(*use_key)(GstFramesealElement *self, guint64 key_id);
    /* Before the first buffer; posts an error where it answers FALSE. */
    gboolean (*start)(GstFramesealElement *self);
    /* After the last buffer. */
    void (*stop)(GstFramesealElement *self);
} GstFramesealElementClass;

#define GST_TYPE_FRAMESEAL_ELEMENT (gst_frameseal_element_get_type())
#define GST_FRAMESEAL_ELEMENT(object) \
    (G_TYPE_CHECK_INSTANCE_CAST((object), GST_TYPE_FRAMESEAL_ELEMENT, GstFramesealElement))
#define GST_FRAMESEAL_ELEMENT_GET_CLASS(object) \
    (G_TYPE_INSTANCE_GET_CLASS((object), GST_TYPE_FRAMESEAL_ELEMENT, GstFramesealElementClass))

GType gst_frameseal_element_get_type(void);

/* Makes the two pads from the class's templates. For the init functions. */
void gst_frameseal_element_add_pads(GstFramesealElement *self, GstPadChainFunction chain,
                                    GstPadEventFunction sink_event);

/* The suite, which cannot be changed any more: an object is made for it. */
frameseal_suite gst_frameseal_element_take_suite(GstFramesealElement *self);

/* From now on frames are of `media`, as written by gst_caps_to_string. */
void gst_frameseal_element_set_media(GstFramesealElement *self, const gchar *media);

/* Whether there is no `reason` against `what`; logs it if there is one. For handlers of signals. */
gboolean gst_frameseal_element_accepted(GstFramesealElement *self, const gchar *what,
                                        guint64 key_id, const gchar *reason);

/*
 * A signal by which an application gives orders about keys. It takes a key id, and the base key as
 * GBytes if it has 2 parameters, and answers whether it was done.
 */
void gst_frameseal_element_install_signal(GstFramesealElementClass *klass, const gchar *name,
                                          GCallback handler, guint parameters);

#define GST_TYPE_FRAMESEAL_ENC (gst_frameseal_enc_get_type())
#define GST_TYPE_FRAMESEAL_DEC (gst_frameseal_dec_get_type())
GType gst_frameseal_enc_get_type(void);
GType gst_frameseal_dec_get_type(void);

#endif
