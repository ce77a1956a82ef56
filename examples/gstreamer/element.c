/*
 * The settings, the signals by which an application gives keys, and the changes of state, for both
 * elements.
 */
#include "element.h"

#include "key_file.h"
#include "media.h"

GST_DEBUG_CATEGORY_STATIC(frameseal_debug);
#define GST_CAT_DEFAULT frameseal_debug

enum {
    PROP_SUITE = 1,
    PROP_KEY_ID,
    PROP_KEY_FILE,
    PROP_METADATA,
    PROP_METADATA_TEXT,
};

G_DEFINE_ABSTRACT_TYPE_WITH_CODE(GstFramesealElement, gst_frameseal_element, GST_TYPE_ELEMENT,
                                 GST_DEBUG_CATEGORY_INIT(frameseal_debug, "frameseal", 0,
                                                         "end-to-end encryption of frames"))

void gst_frameseal_element_add_pads(GstFramesealElement *self, GstPadChainFunction chain,
                                    GstPadEventFunction sink_event)
{
    GstElementClass *klass = GST_ELEMENT_GET_CLASS(self);
    GstPadTemplate *sink = gst_element_class_get_pad_template(klass, "sink");
    GstPadTemplate *src = gst_element_class_get_pad_template(klass, "src");
    self->sink = gst_pad_new_from_template(sink, "sink");
    self->src = gst_pad_new_from_template(src, "src");
    gst_pad_set_chain_function(self->sink, chain);
    gst_pad_set_event_function(self->sink, sink_event);
    gst_element_add_pad(GST_ELEMENT(self), self->sink);
    gst_element_add_pad(GST_ELEMENT(self), self->src);
}

frameseal_suite gst_frameseal_element_take_suite(GstFramesealElement *self)
{
    GST_OBJECT_LOCK(self);
    self->suite_fixed = TRUE;
    const frameseal_suite suite = self->suite;
    GST_OBJECT_UNLOCK(self);
    return suite;
}

void gst_frameseal_element_set_media(GstFramesealElement *self, const gchar *media)
{
    g_clear_pointer(&self->metadata, g_bytes_unref);
    GST_OBJECT_LOCK(self);
    self->metadata =
        gst_frameseal_metadata_bytes(self->metadata_choice, self->metadata_text, media);
    GST_OBJECT_UNLOCK(self);
}

gboolean gst_frameseal_element_accepted(GstFramesealElement *self, const gchar *what,
                                        guint64 key_id, const gchar *reason)
{
    if (reason != NULL) {
        GST_WARNING_OBJECT(self, "%s, key id %" G_GUINT64_FORMAT ": %s", what, key_id, reason);
    }
    return reason == NULL;
}

static gboolean on_add_key(GstFramesealElement *self, guint64 key_id, GBytes *base_key)
{
    gsize len = 0;
    const guint8 *key = base_key == NULL ? NULL : g_bytes_get_data(base_key, &len);
    const gchar *reason =
        GST_FRAMESEAL_ELEMENT_GET_CLASS(self)->add_key(self, key_id, key, len);
    return gst_frameseal_element_accepted(self, "add-key", key_id, reason);
}

static gboolean on_remove_key(GstFramesealElement *self, guint64 key_id)
{
    const gchar *reason = GST_FRAMESEAL_ELEMENT_GET_CLASS(self)->remove_key(self, key_id);
    return gst_frameseal_element_accepted(self, "remove-key", key_id, reason);
}

/* Adds the key of the key file; a sender uses it. */
static gboolean add_key_of_file(GstFramesealElement *self, const gchar *path, guint64 key_id)
{
    GstFramesealElementClass *klass = GST_FRAMESEAL_ELEMENT_GET_CLASS(self);
    guint8 key[FRAMESEAL_MAX_BASE_KEY_LEN];
    gsize len = 0;
    GError *error = NULL;
    if (!gst_frameseal_read_key(path, key, &len, &error)) {
        GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ, ("The base key cannot be read."),
                          ("%s", error->message));
        g_clear_error(&error);
        return FALSE;
    }
    const gchar *reason = klass->add_key(self, key_id, key, len);
    gst_frameseal_wipe(key, sizeof key);
    if (reason == NULL && klass->use_key != NULL) {
        reason = klass->use_key(self, key_id);
    }
    if (reason != NULL) {
        GST_ELEMENT_ERROR(self, LIBRARY, SETTINGS, ("The base key of %s is refused.", path),
                          ("key id %" G_GUINT64_FORMAT ": %s", key_id, reason));
    }
    return reason == NULL;
}

static gboolean add_configured_key(GstFramesealElement *self)
{
    GST_OBJECT_LOCK(self);
    gchar *path = g_strdup(self->key_file);
    const guint64 key_id = self->key_id;
    GST_OBJECT_UNLOCK(self);
    const gboolean done = path == NULL || add_key_of_file(self, path, key_id);
    g_free(path);
    return done;
}

static GstStateChangeReturn change_state(GstElement *element, GstStateChange transition)
{
    GstFramesealElement *self = GST_FRAMESEAL_ELEMENT(element);
    GstFramesealElementClass *klass = GST_FRAMESEAL_ELEMENT_GET_CLASS(self);
    if ((transition == GST_STATE_CHANGE_NULL_TO_READY && !add_configured_key(self))
        || (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !klass->start(self))) {
        return GST_STATE_CHANGE_FAILURE;
    }
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(gst_frameseal_element_parent_class)->change_state(element, transition);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
        klass->stop(self);
        g_clear_pointer(&self->metadata, g_bytes_unref);
    }
    return result;
}

/* Called under the object lock. */
static void set_suite(GstFramesealElement *self, frameseal_suite suite)
{
    if (self->suite_fixed && suite != self->suite) {
        GST_WARNING_OBJECT(self, "the cipher suite cannot be changed once there is a key");
        return;
    }
    self->suite = suite;
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    GstFramesealElement *self = GST_FRAMESEAL_ELEMENT(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_SUITE:
        set_suite(self, (frameseal_suite)g_value_get_enum(value));
        break;
    case PROP_KEY_ID:
        self->key_id = g_value_get_uint64(value);
        break;
    case PROP_KEY_FILE:
        g_free(self->key_file);
        self->key_file = g_value_dup_string(value);
        break;
    case PROP_METADATA:
        self->metadata_choice = (GstFramesealMetadata)g_value_get_enum(value);
        break;
    case PROP_METADATA_TEXT:
        g_free(self->metadata_text);
        self->metadata_text = g_value_dup_string(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    GstFramesealElement *self = GST_FRAMESEAL_ELEMENT(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_SUITE:
        g_value_set_enum(value, self->suite);
        break;
    case PROP_KEY_ID:
        g_value_set_uint64(value, self->key_id);
        break;
    case PROP_KEY_FILE:
        g_value_set_string(value, self->key_file);
        break;
    case PROP_METADATA:
        g_value_set_enum(value, (gint)self->metadata_choice);
        break;
    case PROP_METADATA_TEXT:
        g_value_set_string(value, self->metadata_text);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

static void finalize(GObject *object)
{
    GstFramesealElement *self = GST_FRAMESEAL_ELEMENT(object);
    g_clear_pointer(&self->metadata, g_bytes_unref);
    g_free(self->key_file);
    g_free(self->metadata_text);
    G_OBJECT_CLASS(gst_frameseal_element_parent_class)->finalize(object);
}

static void install_properties(GObjectClass *klass)
{
    const GParamFlags flags =
        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;
    g_object_class_install_property(
        klass, PROP_SUITE,
        g_param_spec_enum("cipher-suite", "Cipher suite",
                          "The same on both sides; fixed from the first key on",
                          gst_frameseal_suite_get_type(), FRAMESEAL_AES_128_GCM_SHA256_128, flags));
    g_object_class_install_property(
        klass, PROP_KEY_ID,
        g_param_spec_uint64("key-id", "Key id", "The key id of the key in key-file", 0, G_MAXUINT64,
                            0, flags));
    g_object_class_install_property(
        klass, PROP_KEY_FILE,
        g_param_spec_string("key-file", "Key file",
                            "A file with a base key in hexadecimal digits, read in NULL to READY. "
                            "Applications rather use the signal add-key",
                            NULL, flags));
    g_object_class_install_property(
        klass, PROP_METADATA,
        g_param_spec_enum("metadata", "Metadata",
                          "What is authenticated with each frame and not sent, the same on both "
                          "sides; a change holds from the next caps on",
                          gst_frameseal_metadata_get_type(), GST_FRAMESEAL_METADATA_CAPS, flags));
    g_object_class_install_property(
        klass, PROP_METADATA_TEXT,
        g_param_spec_string("metadata-text", "Metadata text", "The metadata of metadata=text", NULL,
                            flags));
}

void gst_frameseal_element_install_signal(GstFramesealElementClass *klass, const gchar *name,
                                          GCallback handler, guint parameters)
{
    g_signal_new_class_handler(name, G_TYPE_FROM_CLASS(klass),
                               G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, handler, NULL, NULL, NULL,
                               G_TYPE_BOOLEAN, parameters, G_TYPE_UINT64, G_TYPE_BYTES);
}

static void gst_frameseal_element_class_init(GstFramesealElementClass *klass)
{
    G_OBJECT_CLASS(klass)->set_property = set_property;
    G_OBJECT_CLASS(klass)->get_property = get_property;
    G_OBJECT_CLASS(klass)->finalize = finalize;
    GST_ELEMENT_CLASS(klass)->change_state = change_state;
    install_properties(G_OBJECT_CLASS(klass));
    gst_frameseal_element_install_signal(klass, "add-key", G_CALLBACK(on_add_key), 2);
    gst_frameseal_element_install_signal(klass, "remove-key", G_CALLBACK(on_remove_key), 1);
    gst_type_mark_as_plugin_api(gst_frameseal_suite_get_type(), 0);
    gst_type_mark_as_plugin_api(gst_frameseal_metadata_get_type(), 0);
    gst_type_mark_as_plugin_api(GST_TYPE_FRAMESEAL_ELEMENT, 0);
}

static void gst_frameseal_element_init(GstFramesealElement *self)
{
    self->suite = FRAMESEAL_AES_128_GCM_SHA256_128;
    self->metadata_choice = GST_FRAMESEAL_METADATA_CAPS;
}
