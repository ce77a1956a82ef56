/*
 * framesealenc: every buffer that comes is a frame, and goes on sealed, in a buffer of its own with
 * exactly the size that it needs. What cannot be sealed stops the pipeline with an error: it never
 * goes on in the clear.
 */
#include "element.h"
#include "media.h"
#include "used_keys.h"

GST_DEBUG_CATEGORY_STATIC(framesealenc_debug);
#define GST_CAT_DEFAULT framesealenc_debug

enum { PROP_FRAMES = 1 };

typedef struct {
    GstFramesealElement parent;
    /* Made under the object lock, before the first use; from then on the same. */
    frameseal_encryptor *encryptor;
    guint64 owner;
    guint64 frames; /* guarded by the object lock */
} GstFramesealEnc;

typedef struct {
    GstFramesealElementClass parent_class;
} GstFramesealEncClass;

#define SELF(object) \
    (G_TYPE_CHECK_INSTANCE_CAST((object), GST_TYPE_FRAMESEAL_ENC, GstFramesealEnc))

G_DEFINE_TYPE_WITH_CODE(GstFramesealEnc, gst_frameseal_enc, GST_TYPE_FRAMESEAL_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(framesealenc_debug, "framesealenc", 0,
                                                "encryption of frames"))

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_FRAMESEAL_SEALED_CAPS));

/* The encryptor, made if there is none; NULL where that fails. */
static frameseal_encryptor *encryptor_of(GstFramesealEnc *self)
{
    const frameseal_suite suite = gst_frameseal_element_take_suite(GST_FRAMESEAL_ELEMENT(self));
    GST_OBJECT_LOCK(self);
    if (self->encryptor == NULL
        && frameseal_encryptor_new(suite, &self->encryptor) != FRAMESEAL_OK) {
        self->encryptor = NULL;
    }
    frameseal_encryptor *encryptor = self->encryptor;
    GST_OBJECT_UNLOCK(self);
    return encryptor;
}

static const gchar *reason_of(frameseal_result result)
{
    return result == FRAMESEAL_OK ? NULL : frameseal_result_text(result);
}

static const gchar *add_key(GstFramesealElement *element, guint64 key_id, const guint8 *key,
                            gsize len)
{
    GstFramesealEnc *self = SELF(element);
    const frameseal_suite suite = gst_frameseal_element_take_suite(element);
    if (len >= FRAMESEAL_MIN_BASE_KEY_LEN
        && !gst_frameseal_claim_key(self->owner, suite, key_id, key, len)) {
        return "another framesealenc of this process has, or had, this base key under this key id: "
               "they would use the same nonces";
    }
    return reason_of(frameseal_encryptor_add_key(encryptor_of(self), key_id, key, len));
}

static const gchar *remove_key(GstFramesealElement *element, guint64 key_id)
{
    return reason_of(frameseal_encryptor_remove_key(encryptor_of(SELF(element)), key_id));
}

static const gchar *use_key(GstFramesealElement *element, guint64 key_id)
{
    return reason_of(frameseal_encryptor_use_key(encryptor_of(SELF(element)), key_id));
}

static gboolean on_use_key(GstFramesealElement *element, guint64 key_id)
{
    return gst_frameseal_element_accepted(element, "use-key", key_id, use_key(element, key_id));
}

/* A sender without a key is stopped here, before there is anything to send. */
static gboolean start(GstFramesealElement *element)
{
    gsize sealed_len = 0;
    const frameseal_result result =
        frameseal_encryptor_sealed_len(encryptor_of(SELF(element)), 0, &sealed_len);
    if (result != FRAMESEAL_OK) {
        GST_ELEMENT_ERROR(element, LIBRARY, SETTINGS, ("There is no key to encrypt with."),
                          ("%s: set key-file, or call add-key and use-key",
                           frameseal_result_text(result)));
    }
    return result == FRAMESEAL_OK;
}

static void stop(GstFramesealElement *element)
{
    (void)element;
}

/* From the media's caps to those of sealed frames. */
static gboolean set_caps(GstFramesealElement *element, GstEvent *event)
{
    GstCaps *caps = NULL;
    gst_event_parse_caps(event, &caps);
    gchar *media = gst_caps_to_string(caps);
    gst_frameseal_element_set_media(element, media);
    GstCaps *sealed = gst_frameseal_sealed_caps(media);
    const gboolean accepted = gst_pad_push_event(element->src, gst_event_new_caps(sealed));
    gst_caps_unref(sealed);
    g_free(media);
    return accepted;
}

static gboolean sink_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) {
        return gst_pad_event_default(pad, parent, event);
    }
    const gboolean accepted = set_caps(GST_FRAMESEAL_ELEMENT(parent), event);
    gst_event_unref(event);
    return accepted;
}

/*
 * Seals into a new buffer. Its size is asked for first; should another thread change the key in
 * between, encryption says what it needs instead, and is tried again.
 */
static frameseal_result seal(GstFramesealEnc *self, const GstMapInfo *payload, GstBuffer **sealed)
{
    gsize metadata_len = 0;
    const guint8 *metadata = g_bytes_get_data(self->parent.metadata, &metadata_len);
    gsize len = 0;
    frameseal_result result = frameseal_encryptor_sealed_len(self->encryptor, payload->size, &len);
    gboolean again = result == FRAMESEAL_OK;
    while (again) {
        GstMapInfo out;
        GstBuffer *buffer = gst_buffer_new_allocate(NULL, len, NULL);
        if (buffer == NULL || !gst_buffer_map(buffer, &out, GST_MAP_WRITE)) {
            gst_clear_buffer(&buffer);
            return FRAMESEAL_ERROR_CAPACITY;
        }
        result = frameseal_encryptor_encrypt(self->encryptor, metadata, metadata_len,
                                             payload->data, payload->size, out.data, out.size,
                                             &len);
        gst_buffer_unmap(buffer, &out);
        if (result == FRAMESEAL_OK) {
            gst_buffer_set_size(buffer, (gssize)len);
            *sealed = buffer;
        } else {
            gst_buffer_unref(buffer);
        }
        again = result == FRAMESEAL_ERROR_BUFFER_TOO_SMALL;
    }
    return result;
}

/* The sealed form of `frame`, with its flags, times and metas; NULL with an error posted. */
static GstBuffer *sealed_of(GstFramesealEnc *self, GstBuffer *frame)
{
    GstMapInfo payload;
    GstBuffer *sealed = NULL;
    if (!gst_buffer_map(frame, &payload, GST_MAP_READ)) {
        GST_ELEMENT_ERROR(self, RESOURCE, READ, ("The frame cannot be read."), (NULL));
        return NULL;
    }
    const frameseal_result result = seal(self, &payload, &sealed);
    gst_buffer_unmap(frame, &payload);
    if (result != FRAMESEAL_OK) {
        GST_ELEMENT_ERROR(self, LIBRARY, ENCODE, ("The frame cannot be encrypted."),
                          ("%s", frameseal_result_text(result)));
        return NULL;
    }
    gst_buffer_copy_into(sealed, frame, GST_BUFFER_COPY_METADATA, 0, (gsize)-1);
    return sealed;
}

static GstFlowReturn chain(GstPad *pad, GstObject *parent, GstBuffer *frame)
{
    GstFramesealEnc *self = SELF(parent);
    (void)pad;
    if (self->parent.metadata == NULL) {
        gst_buffer_unref(frame);
        GST_ELEMENT_ERROR(self, CORE, NEGOTIATION, ("The frames have no caps."), (NULL));
        return GST_FLOW_NOT_NEGOTIATED;
    }
    GstBuffer *sealed = sealed_of(self, frame);
    gst_buffer_unref(frame);
    if (sealed == NULL) {
        return GST_FLOW_ERROR;
    }
    GST_OBJECT_LOCK(self);
    self->frames++;
    GST_OBJECT_UNLOCK(self);
    return gst_pad_push(self->parent.src, sealed);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id != PROP_FRAMES) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    g_value_set_uint64(value, SELF(object)->frames);
    GST_OBJECT_UNLOCK(object);
}

static void finalize(GObject *object)
{
    frameseal_encryptor_free(SELF(object)->encryptor);
    G_OBJECT_CLASS(gst_frameseal_enc_parent_class)->finalize(object);
}

static void gst_frameseal_enc_class_init(GstFramesealEncClass *klass)
{
    GstElementClass *element = GST_ELEMENT_CLASS(klass);
    G_OBJECT_CLASS(klass)->get_property = get_property;
    G_OBJECT_CLASS(klass)->finalize = finalize;
    klass->parent_class.add_key = add_key;
    klass->parent_class.remove_key = remove_key;
    klass->parent_class.use_key = use_key;
    klass->parent_class.start = start;
    klass->parent_class.stop = stop;
    g_object_class_install_property(
        G_OBJECT_CLASS(klass), PROP_FRAMES,
        g_param_spec_uint64("frames", "Frames", "Frames encrypted", 0, G_MAXUINT64, 0,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
    gst_frameseal_element_install_signal(&klass->parent_class, "use-key", G_CALLBACK(on_use_key),
                                         1);
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &src_template);
    gst_element_class_set_static_metadata(element, "SFrame encryption", "Filter/Encryptor",
                                          "Encrypts media frames end to end (SFrame, RFC 9605)",
                                          "frameseal");
}

static void gst_frameseal_enc_init(GstFramesealEnc *self)
{
    self->owner = gst_frameseal_new_owner();
    gst_frameseal_element_add_pads(&self->parent, chain, sink_event);
}
