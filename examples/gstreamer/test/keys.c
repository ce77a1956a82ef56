/*
 * Keys: where they come from, who may have them, and that they may change at any time.
 */
#include "checks.h"

#include <glib/gstdio.h>
#include <string.h>

static void a_sender_without_a_key_does_not_start(void)
{
    GstElement *enc = new_element("framesealenc");
    GstBus *bus = gst_bus_new();
    gst_element_set_bus(enc, bus);
    CHECK(gst_element_set_state(enc, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE);
    GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    GError *error = NULL;
    CHECK(message != NULL);
    if (message != NULL) {
        gst_message_parse_error(message, &error, NULL);
        CHECK(g_error_matches(error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS));
        g_clear_error(&error);
        gst_message_unref(message);
    }
    /* A key that is there but not in use is not enough. */
    CHECK(add_key(enc, 1, new_key()));
    CHECK(gst_element_set_state(enc, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE);
    CHECK(use_key(enc, 1));
    CHECK(gst_element_set_state(enc, GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE);
    gst_element_set_state(enc, GST_STATE_NULL);
    gst_element_set_bus(enc, NULL);
    gst_object_unref(bus);
    gst_object_unref(enc);
}

static void two_senders_cannot_have_the_same_key(void)
{
    GBytes *key = new_key();
    GstElement *one = new_element("framesealenc");
    GstElement *other = new_element("framesealenc");
    CHECK(add_key(one, 1, key));
    CHECK(add_key(one, 1, key));
    CHECK(!add_key(other, 1, key));
    CHECK(add_key(other, 2, key));
    gst_object_unref(one);
    /* The one is gone, its counters too: nobody may begin anew at 0. */
    CHECK(!add_key(other, 1, key));
    gst_object_unref(other);
}

static guint64 counter_of(GstBuffer *sealed)
{
    guint8 bytes[FRAMESEAL_MAX_HEADER_LEN];
    frameseal_header header;
    const gsize len = gst_buffer_extract(sealed, 0, bytes, sizeof bytes);
    CHECK(frameseal_header_peek(bytes, len, &header) == FRAMESEAL_OK);
    gst_buffer_unref(sealed);
    return header.counter;
}

static void a_sender_that_is_stopped_and_started_counts_on(void)
{
    Rig enc = sender(1, new_key());
    CHECK(counter_of(seal(&enc, frame_of(10, 1))) == 0);
    CHECK(counter_of(seal(&enc, frame_of(10, 2))) == 1);
    gst_element_set_state(enc.element, GST_STATE_NULL);
    gst_harness_play(enc.harness);
    give_media(&enc, MEDIA);
    CHECK(counter_of(seal(&enc, frame_of(10, 3))) == 2);
    rig_end(&enc);
}

static void the_suite_is_fixed_by_the_first_key(void)
{
    gint suite = 0;
    GstElement *enc = new_element("framesealenc");
    g_object_set(enc, "cipher-suite", FRAMESEAL_AES_256_GCM_SHA512_128, NULL);
    CHECK(add_key(enc, 1, new_key()));
    g_object_set(enc, "cipher-suite", FRAMESEAL_AES_128_GCM_SHA256_128, NULL);
    g_object_get(enc, "cipher-suite", &suite, NULL);
    CHECK(suite == FRAMESEAL_AES_256_GCM_SHA512_128);
    gst_object_unref(enc);
}

static void keys_that_cannot_be_right_are_refused(void)
{
    GBytes *short_key = g_bytes_new("123456789012345", 15);
    GBytes *key = new_key();
    const gchar *factories[] = {"framesealenc", "framesealdec"};
    for (gsize at = 0; at < G_N_ELEMENTS(factories); at++) {
        GstElement *element = new_element(factories[at]);
        CHECK(!add_key(element, 1, short_key));
        CHECK(!add_key(element, 1, NULL));
        CHECK(!remove_key(element, 1));
        CHECK(add_key(element, 1, key));
        CHECK(!add_key(element, 1, new_key()));
        gst_object_unref(element);
    }
    g_bytes_unref(short_key);
}

/* Whether framesealdec starts with a key file of that content. */
static gboolean starts_with(const gchar *content)
{
    gchar *path = NULL;
    const gint file = g_file_open_tmp("frameseal-XXXXXX", &path, NULL);
    g_assert(file >= 0 && g_file_set_contents(path, content, -1, NULL));
    g_close(file, NULL);
    GstElement *dec = new_element("framesealdec");
    g_object_set(dec, "key-file", path, "key-id", (guint64)1, NULL);
    const gboolean started =
        gst_element_set_state(dec, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
    /* What is in the file is there under the key id: another key is refused. */
    CHECK(!started || !add_key(dec, 1, new_key()));
    gst_element_set_state(dec, GST_STATE_NULL);
    gst_object_unref(dec);
    g_remove(path);
    g_free(path);
    return started;
}

static void key_files_have_16_to_96_bytes_in_hexadecimal_digits(void)
{
    gchar *longest = g_strnfill(2 * 96, 'a');
    gchar *too_long = g_strnfill(2 * 97, 'a');
    gchar *too_large = g_strnfill(600, ' ');
    memcpy(too_large, "00112233445566778899aabbccddeeff", 32);
    CHECK(starts_with("00112233445566778899aabbccddeeff"));
    CHECK(starts_with("00112233445566778899AABBCCDDEEFF\n"));
    CHECK(starts_with(" 0011 2233 4455 6677\n8899 aabb ccdd eeff 00\n"));
    CHECK(starts_with(longest));
    CHECK(!starts_with(too_long));
    CHECK(!starts_with(too_large));
    CHECK(!starts_with(""));
    CHECK(!starts_with("00112233445566778899aabbccddee"));
    CHECK(!starts_with("00112233445566778899aabbccddeeff0"));
    CHECK(!starts_with("00112233445566778899aabbccddeeffgg"));
    g_free(longest);
    g_free(too_long);
    g_free(too_large);
}

typedef struct {
    GstElement *enc;
    gint stop;
} Changing;

/* An application that changes its mind, and looks at the counts meanwhile. */
static gpointer change_keys(gpointer data)
{
    Changing *changing = data;
    guint64 frames = 0;
    while (!g_atomic_int_get(&changing->stop)) {
        use_key(changing->enc, 1);
        g_object_get(changing->enc, "frames", &frames, NULL);
        use_key(changing->enc, G_GUINT64_CONSTANT(1) << 40);
        g_object_set(changing->enc, "metadata-text", "not used", NULL);
    }
    return NULL;
}

static void keys_may_change_while_frames_flow(void)
{
    enum { FRAMES = 1000 };
    const guint64 longer = G_GUINT64_CONSTANT(1) << 40;
    GBytes *one = new_key();
    GBytes *other = new_key();
    Rig enc = sender(1, one);
    Rig dec = receiver(1, one);
    CHECK(add_key(enc.element, longer, other) && add_key(dec.element, longer, other));
    Changing changing = {.enc = enc.element};
    GThread *thread = g_thread_new("keys", change_keys, &changing);
    guint opened = 0;
    for (guint frame = 0; frame < FRAMES; frame++) {
        opened += opens(&dec, seal(&enc, frame_of(50, (guint8)frame))) ? 1 : 0;
    }
    g_atomic_int_set(&changing.stop, 1);
    g_thread_join(thread);
    CHECK(opened == FRAMES);
    CHECK(count(&dec, "frames") == FRAMES);
    rig_end(&enc);
    rig_end(&dec);
}

void test_keys(void)
{
    a_sender_without_a_key_does_not_start();
    two_senders_cannot_have_the_same_key();
    a_sender_that_is_stopped_and_started_counts_on();
    the_suite_is_fixed_by_the_first_key();
    keys_that_cannot_be_right_are_refused();
    key_files_have_16_to_96_bytes_in_hexadecimal_digits();
    keys_may_change_while_frames_flow();
}
