/*
 * Elements between two pads of the test, by GStreamer's own harness, and the main program: `test`
 * runs what concerns the elements alone, `test pipelines` what needs an encoder and a decoder.
 */
#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS 64

int failures;
static GBytes *keys[KEYS];
static guint8 key_count;

void check(gboolean holds, const gchar *what, const gchar *file, int line)
{
    if (!holds) {
        printf("%s:%d: does not hold: %s\n", file, line, what);
        failures++;
    }
}

GBytes *new_key(void)
{
    guint8 key[32];
    g_assert(key_count < KEYS);
    memset(key, 0x40 + key_count, sizeof key);
    keys[key_count] = g_bytes_new(key, sizeof key);
    return keys[key_count++];
}

gboolean add_key(GstElement *element, guint64 key_id, GBytes *key)
{
    gboolean done = FALSE;
    g_signal_emit_by_name(element, "add-key", key_id, key, &done);
    return done;
}

gboolean use_key(GstElement *element, guint64 key_id)
{
    gboolean done = FALSE;
    g_signal_emit_by_name(element, "use-key", key_id, &done);
    return done;
}

gboolean remove_key(GstElement *element, guint64 key_id)
{
    gboolean done = FALSE;
    g_signal_emit_by_name(element, "remove-key", key_id, &done);
    return done;
}

GstElement *new_element(const gchar *factory)
{
    GstElement *element = gst_element_factory_make(factory, NULL);
    if (element == NULL) {
        printf("there is no element %s: is GST_PLUGIN_PATH set?\n", factory);
        exit(EXIT_FAILURE);
    }
    return gst_object_ref_sink(element);
}

Rig rig_start(GstElement *element)
{
    Rig rig = {.element = element, .bus = gst_bus_new()};
    gst_element_set_bus(element, rig.bus);
    rig.harness = gst_harness_new_with_element(element, "sink", "src");
    gst_harness_play(rig.harness);
    return rig;
}

void rig_end(Rig *rig)
{
    gst_harness_teardown(rig->harness);
    gst_element_set_bus(rig->element, NULL);
    gst_object_unref(rig->element);
    gst_object_unref(rig->bus);
}

Rig sender(guint64 key_id, GBytes *key)
{
    GstElement *element = new_element("framesealenc");
    CHECK(add_key(element, key_id, key));
    CHECK(use_key(element, key_id));
    Rig rig = rig_start(element);
    give_media(&rig, MEDIA);
    return rig;
}

Rig receiver(guint64 key_id, GBytes *key)
{
    GstElement *element = new_element("framesealdec");
    CHECK(add_key(element, key_id, key));
    Rig rig = rig_start(element);
    give_sealed(&rig, MEDIA);
    return rig;
}

void give_media(Rig *rig, const gchar *media)
{
    gst_harness_set_src_caps(rig->harness, gst_caps_from_string(media));
}

void give_sealed(Rig *rig, const gchar *media)
{
    gst_harness_set_src_caps(rig->harness,
                             gst_caps_new_simple("application/x-frameseal", "original-caps",
                                                 G_TYPE_STRING, media, NULL));
}

GstBuffer *frame_of(gsize len, guint8 seed)
{
    guint8 *bytes = g_malloc(len + 1);
    for (gsize at = 0; at < len; at++) {
        bytes[at] = (guint8)(at * 7 + at / 256 + seed * 31u);
    }
    return gst_buffer_new_wrapped_full(0, bytes, len + 1, 0, len, bytes, g_free);
}

gboolean same_bytes(GstBuffer *one, GstBuffer *other)
{
    GstMapInfo map;
    gboolean same = one != NULL && other != NULL && gst_buffer_map(one, &map, GST_MAP_READ);
    if (same) {
        same = gst_buffer_get_size(other) == map.size
               && gst_buffer_memcmp(other, 0, map.data, map.size) == 0;
        gst_buffer_unmap(one, &map);
    }
    return same;
}

GstBuffer *copy_of(GstBuffer *buffer)
{
    return gst_buffer_copy_deep(buffer);
}

GstBuffer *seal(Rig *rig, GstBuffer *frame)
{
    GstBuffer *sealed = through(rig, frame);
    g_assert(sealed != NULL);
    return sealed;
}

GstBuffer *through(Rig *rig, GstBuffer *frame)
{
    CHECK(gst_harness_push(rig->harness, frame) == GST_FLOW_OK);
    return gst_harness_try_pull(rig->harness);
}

gboolean opens(Rig *rig, GstBuffer *frame)
{
    GstBuffer *opened = through(rig, frame);
    const gboolean came = opened != NULL;
    gst_clear_buffer(&opened);
    return came;
}

guint64 count(Rig *rig, const gchar *property)
{
    guint64 value = 0;
    g_object_get(rig->element, property, &value, NULL);
    return value;
}

Told told(Rig *rig)
{
    Told told = {0};
    GstMessage *message;
    while ((message = gst_bus_pop(rig->bus)) != NULL) {
        const GstStructure *what = gst_message_get_structure(message);
        told.warnings += GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING;
        told.errors += GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
        if (gst_message_has_name(message, "frameseal-missing-key")
            && gst_structure_get_uint64(what, "key-id", &told.key_id)) {
            told.missing_keys++;
        }
        gst_message_unref(message);
    }
    return told;
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    if (argc > 1 && strcmp(argv[1], "pipelines") == 0) {
        test_pipelines();
    } else {
        test_frames();
        test_refusals();
        test_keys();
        test_caps();
    }
    for (guint8 key = 0; key < key_count; key++) {
        g_bytes_unref(keys[key]);
    }
    gst_deinit();
    printf("%s\n", failures == 0 ? "all as expected" : "NOT as expected");
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
