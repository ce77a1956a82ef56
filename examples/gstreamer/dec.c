/*
 * framesealdec: opens sealed frames where they lie, and restores the media's caps. What does not
 * open is dropped and counted, and the stream goes on.
 *
 * Nothing reaches the decoder behind it that has not authenticated, and that holds for the caps
 * too: with codec data in them they are as good an attack as a frame. New caps go on with the first
 * frame that opened under them. With metadata=caps, the default, that proves them.
 */
#include "element.h"
#include "media.h"
#include "refusals.h"

GST_DEBUG_CATEGORY_STATIC(framesealdec_debug);
#define GST_CAT_DEFAULT framesealdec_debug

/* The counts of refusals, in the order of GstFramesealRefusal, then the frames. */
enum { PROP_REFUSALS = 1, PROP_FRAMES = PROP_REFUSALS + GST_FRAMESEAL_REFUSAL_KINDS };

typedef struct {
    GstFramesealElement parent;
    /* Made under the object lock, before the first use; from then on the same. */
    frameseal_decryptor *decryptor;
    /* Only the streaming thread uses these: the caps inside the last ones, NULL before them, and
       whether the decoder has them. */
    GstCaps *media;
    gboolean media_sent;
    guint64 frames; /* guarded by the object lock */
    GstFramesealRefusals refusals;
} GstFramesealDec;

typedef struct {
    GstFramesealElementClass parent_class;
} GstFramesealDecClass;

#define SELF(object) \
    (G_TYPE_CHECK_INSTANCE_CAST((object), GST_TYPE_FRAMESEAL_DEC, GstFramesealDec))

G_DEFINE_TYPE_WITH_CODE(GstFramesealDec, gst_frameseal_dec, GST_TYPE_FRAMESEAL_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(framesealdec_debug, "framesealdec", 0,
                                                "decryption of frames"))

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_FRAMESEAL_SEALED_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* The decryptor, made if there is none; NULL where that fails. */
static frameseal_decryptor *decryptor_of(GstFramesealDec *self)
{
    const frameseal_suite suite = gst_frameseal_element_take_suite(GST_FRAMESEAL_ELEMENT(self));
    GST_OBJECT_LOCK(self);
    if (self->decryptor == NULL
        && frameseal_decryptor_new(suite, &self->decryptor) != FRAMESEAL_OK) {
        self->decryptor = NULL;
    }
    frameseal_decryptor *decryptor = self->decryptor;
    GST_OBJECT_UNLOCK(self);
    return decryptor;
}

static const gchar *reason_of(frameseal_result result)
{
    return result == FRAMESEAL_OK ? NULL : frameseal_result_text(result);
}

static const gchar *add_key(GstFramesealElement *element, guint64 key_id, const guint8 *key,
                            gsize len)
{
    return reason_of(frameseal_decryptor_add_key(decryptor_of(SELF(element)), key_id, key, len));
}

static const gchar *remove_key(GstFramesealElement *element, guint64 key_id)
{
    return reason_of(frameseal_decryptor_remove_key(decryptor_of(SELF(element)), key_id));
}

/* A receiver may begin without a key: it asks for those that frames name. */
static gboolean start(GstFramesealElement *element)
{
    GstFramesealDec *self = SELF(element);
    gst_frameseal_refusals_restart(&self->refusals);
    const gboolean made = decryptor_of(self) != NULL;
    if (!made) {
        GST_ELEMENT_ERROR(self, LIBRARY, INIT, ("There is no decryptor."), (NULL));
    }
    return made;
}

static void stop(GstFramesealElement *element)
{
    gst_clear_caps(&SELF(element)->media);
    SELF(element)->media_sent = FALSE;
}

/* Takes the media's caps out of those of the sealed frames. */
static gboolean set_caps(GstFramesealDec *self, GstEvent *event)
{
    GstCaps *sealed = NULL;
    gst_event_parse_caps(event, &sealed);
    const gchar *media = gst_frameseal_media_inside(sealed);
    GstCaps *caps = gst_frameseal_media_caps(media);
    gst_clear_caps(&self->media);
    if (caps == NULL) {
        GST_WARNING_OBJECT(self, "no media's caps in %" GST_PTR_FORMAT, (gpointer)sealed);
        return FALSE;
    }
    self->media = caps;
    self->media_sent = FALSE;
    gst_frameseal_element_set_media(&self->parent, media);
    return TRUE;
}

/* Those that do not wait for the caps: the ones that come before them, and the ends. */
static gboolean goes_on_before_caps(GstEvent *event)
{
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_SEGMENT_DONE:
    case GST_EVENT_EOS:
        return TRUE;
    default:
        return !GST_EVENT_IS_SERIALIZED(event) || GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP;
    }
}

static gboolean sink_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    GstFramesealDec *self = SELF(parent);
    gboolean accepted = TRUE;
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        accepted = set_caps(self, event);
    } else if (self->media_sent || goes_on_before_caps(event)) {
        return gst_pad_event_default(pad, parent, event);
    }
    /* Sticky ones stay on the pad, send_media() finds them there; others are worth nothing now. */
    gst_event_unref(event);
    return accepted;
}

/* One of the events that waited, in the order in which they must go on. */
static gboolean send_sticky(GstPad *pad, GstEvent **event, gpointer data)
{
    GstFramesealDec *self = SELF(data);
    (void)pad;
    if (GST_EVENT_TYPE(*event) == GST_EVENT_CAPS) {
        gst_pad_push_event(self->parent.src, gst_event_new_caps(self->media));
    } else {
        gst_pad_push_event(self->parent.src, gst_event_ref(*event));
    }
    return TRUE;
}

/* A frame has authenticated: the caps go on, and what waited for them. */
static void send_media(GstFramesealDec *self)
{
    gst_pad_sticky_events_foreach(self->parent.sink, send_sticky, self);
    self->media_sent = TRUE;
}

/* Opens the frame where it lies; the caller has seen to it that nobody else uses the memory. */
static frameseal_result open_in_place(GstFramesealDec *self, GstBuffer *frame, guint64 *key_id)
{
    GstMapInfo map;
    gsize metadata_len = 0;
    gsize payload_len = 0;
    const guint8 *metadata = g_bytes_get_data(self->parent.metadata, &metadata_len);
    frameseal_open_info info = {.struct_size = sizeof info};
    /* Copies by itself what is shared or cannot be written to, and joins what is in pieces. */
    if (!gst_buffer_map(frame, &map, GST_MAP_READWRITE)) {
        return FRAMESEAL_ERROR_CAPACITY;
    }
    const frameseal_result result =
        frameseal_decryptor_decrypt(self->decryptor, metadata, metadata_len, map.data, map.size,
                                    map.data, map.size, &payload_len, &info);
    gst_buffer_unmap(frame, &map);
    if (result == FRAMESEAL_OK) {
        gst_buffer_set_size(frame, (gssize)payload_len);
    }
    *key_id = info.key_id;
    return result;
}

/*
 * What becomes of the stream when a frame did not open. The next one that does is not marked as a
 * discontinuity: a frame that was refused need not have been one of the stream, and a forger shall
 * not be able to make the decoder start anew.
 */
static GstFlowReturn refuse(GstFramesealDec *self, frameseal_result result, guint64 key_id)
{
    if (gst_frameseal_refused(GST_ELEMENT(self), &self->refusals, result, key_id)) {
        return GST_FLOW_OK;
    }
    GST_ELEMENT_ERROR(self, STREAM, DECRYPT, ("Frames cannot be decrypted."),
                      ("%s", frameseal_result_text(result)));
    return GST_FLOW_ERROR;
}

static GstFlowReturn chain(GstPad *pad, GstObject *parent, GstBuffer *frame)
{
    GstFramesealDec *self = SELF(parent);
    guint64 key_id = 0;
    (void)pad;
    if (self->media == NULL) {
        gst_buffer_unref(frame);
        GST_ELEMENT_ERROR(self, CORE, NEGOTIATION, ("The frames have no caps."), (NULL));
        return GST_FLOW_NOT_NEGOTIATED;
    }
    frame = gst_buffer_make_writable(frame);
    const frameseal_result result = open_in_place(self, frame, &key_id);
    if (result != FRAMESEAL_OK) {
        gst_buffer_unref(frame);
        return refuse(self, result, key_id);
    }
    GST_OBJECT_LOCK(self);
    self->frames++;
    GST_OBJECT_UNLOCK(self);
    if (!self->media_sent) {
        send_media(self);
    }
    return gst_pad_push(self->parent.src, frame);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    GstFramesealDec *self = SELF(object);
    (void)spec;
    GST_OBJECT_LOCK(self);
    g_value_set_uint64(value, id == PROP_FRAMES ? self->frames
                                                : self->refusals.counts[id - PROP_REFUSALS]);
    GST_OBJECT_UNLOCK(self);
}

static void finalize(GObject *object)
{
    gst_clear_caps(&SELF(object)->media);
    frameseal_decryptor_free(SELF(object)->decryptor);
    G_OBJECT_CLASS(gst_frameseal_dec_parent_class)->finalize(object);
}

static void install_count(GstFramesealDecClass *klass, guint id, const gchar *name,
                          const gchar *text)
{
    g_object_class_install_property(G_OBJECT_CLASS(klass), id,
                                    g_param_spec_uint64(name, name, text, 0, G_MAXUINT64, 0,
                                                        G_PARAM_READABLE
                                                            | G_PARAM_STATIC_STRINGS));
}

static void gst_frameseal_dec_class_init(GstFramesealDecClass *klass)
{
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    G_OBJECT_CLASS(klass)->get_property = get_property;
    G_OBJECT_CLASS(klass)->finalize = finalize;
    klass->parent_class.add_key = add_key;
    klass->parent_class.remove_key = remove_key;
    klass->parent_class.start = start;
    klass->parent_class.stop = stop;
    install_count(klass, PROP_FRAMES, "frames", "Frames decrypted");
    install_count(klass, PROP_REFUSALS + GST_FRAMESEAL_FORGED, "authentication-failures",
                  "Frames dropped that did not authenticate");
    install_count(klass, PROP_REFUSALS + GST_FRAMESEAL_REPLAYED, "replays",
                  "Frames dropped that had been accepted before, or were too old");
    install_count(klass, PROP_REFUSALS + GST_FRAMESEAL_UNKNOWN_KEY, "unknown-keys",
                  "Frames dropped for which there was no key");
    install_count(klass, PROP_REFUSALS + GST_FRAMESEAL_MALFORMED, "malformed",
                  "Frames dropped that were no SFrame ciphertext");
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    gst_element_class_set_static_metadata(element, "SFrame decryption", "Filter/Decryptor",
                                          "Decrypts media frames end to end (SFrame, RFC 9605)",
                                          "frameseal");
}

static void gst_frameseal_dec_init(GstFramesealDec *self)
{
    gst_frameseal_element_add_pads(&self->parent, chain, sink_event);
}
