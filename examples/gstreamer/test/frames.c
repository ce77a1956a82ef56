/*
 * Frames that are as they were sent: what is sealed, what comes out again, and where in memory.
 */
#include "checks.h"

#include <string.h>

static void times_flags_and_metas_survive(void)
{
    GBytes *key = new_key();
    Rig enc = sender(7, key);
    Rig dec = receiver(7, key);
    GstCaps *reference = gst_caps_new_empty_simple("timestamp/x-test");
    GstBuffer *frame = frame_of(1000, 1);
    GST_BUFFER_PTS(frame) = 3 * GST_SECOND;
    GST_BUFFER_DTS(frame) = 2 * GST_SECOND;
    GST_BUFFER_DURATION(frame) = GST_MSECOND;
    GST_BUFFER_OFFSET(frame) = 12;
    GST_BUFFER_OFFSET_END(frame) = 13;
    GST_BUFFER_FLAG_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT | GST_BUFFER_FLAG_MARKER);
    gst_buffer_add_reference_timestamp_meta(frame, reference, 99, GST_CLOCK_TIME_NONE);
    GstBuffer *original = copy_of(frame);

    GstBuffer *sealed = seal(&enc, frame);
    CHECK(!same_bytes(sealed, original));
    GstBuffer *opened = through(&dec, sealed);
    CHECK(same_bytes(opened, original));
    CHECK(GST_BUFFER_PTS(opened) == 3 * GST_SECOND);
    CHECK(GST_BUFFER_DTS(opened) == 2 * GST_SECOND);
    CHECK(GST_BUFFER_DURATION(opened) == GST_MSECOND);
    CHECK(GST_BUFFER_OFFSET(opened) == 12);
    CHECK(GST_BUFFER_OFFSET_END(opened) == 13);
    CHECK(GST_BUFFER_FLAG_IS_SET(opened, GST_BUFFER_FLAG_DELTA_UNIT));
    CHECK(GST_BUFFER_FLAG_IS_SET(opened, GST_BUFFER_FLAG_MARKER));
    GstReferenceTimestampMeta *meta = gst_buffer_get_reference_timestamp_meta(opened, reference);
    CHECK(meta != NULL && meta->timestamp == 99);
    CHECK(count(&enc, "frames") == 1);
    CHECK(count(&dec, "frames") == 1);

    gst_buffer_unref(opened);
    gst_buffer_unref(original);
    gst_caps_unref(reference);
    rig_end(&enc);
    rig_end(&dec);
}

/* Also that two copies of the library live in one process: this program has its own. */
static void the_library_opens_what_the_element_seals_and_the_reverse(void)
{
    static const char media[] = MEDIA;
    GBytes *key = new_key();
    gsize key_len = 0;
    const guint8 *key_bytes = g_bytes_get_data(key, &key_len);
    frameseal_decryptor *opener = NULL;
    CHECK(frameseal_decryptor_new(FRAMESEAL_AES_128_GCM_SHA256_128, &opener) == FRAMESEAL_OK);
    CHECK(frameseal_decryptor_add_key(opener, 300, key_bytes, key_len) == FRAMESEAL_OK);
    Rig enc = sender(300, key);
    Rig dec = receiver(300, key);

    GstBuffer *frame = frame_of(500, 2);
    GstBuffer *sealed = seal(&enc, gst_buffer_ref(frame));
    guint8 bytes[600];
    const gsize sealed_len = gst_buffer_extract(sealed, 0, bytes, sizeof bytes);
    /* Config byte, key id of 2 bytes, payload, tag; and nothing more is allocated. */
    CHECK(sealed_len == 1 + 2 + 500 + 16);
    gsize allocated = 0;
    gst_buffer_get_sizes(sealed, NULL, &allocated);
    CHECK(allocated >= sealed_len && allocated < sealed_len + 16);
    gsize len = 0;
    CHECK(frameseal_decryptor_decrypt(opener, (const guint8 *)media, strlen(media), bytes,
                                      sealed_len, bytes, sizeof bytes, &len, NULL)
          == FRAMESEAL_OK);
    CHECK(len == 500 && gst_buffer_memcmp(frame, 0, bytes, len) == 0);
    CHECK(opens(&dec, sealed));

    gst_buffer_unref(frame);
    frameseal_decryptor_free(opener);
    rig_end(&enc);
    rig_end(&dec);
}

static void nothing_of_a_frame_is_seen_in_its_sealed_form(void)
{
    Rig enc = sender(1, new_key());
    GstBuffer *frame = frame_of(1024, 3);
    GstBuffer *sealed = seal(&enc, gst_buffer_ref(frame));
    GstMapInfo plain;
    gboolean seen = FALSE;
    CHECK(gst_buffer_map(frame, &plain, GST_MAP_READ));
    for (gsize at = 0; at + 8 <= plain.size; at += 8) {
        for (gsize in = 0; in + 8 <= gst_buffer_get_size(sealed); in++) {
            seen = seen || gst_buffer_memcmp(sealed, in, plain.data + at, 8) == 0;
        }
    }
    CHECK(!seen);
    gst_buffer_unmap(frame, &plain);
    gst_buffer_unref(frame);
    gst_buffer_unref(sealed);
    rig_end(&enc);
}

static void a_frame_is_opened_where_it_lies(void)
{
    GBytes *key = new_key();
    Rig enc = sender(1, key);
    Rig dec = receiver(1, key);
    GstBuffer *sealed = seal(&enc, frame_of(100, 4));
    const GstMemory *memory = gst_buffer_peek_memory(sealed, 0);
    GstBuffer *opened = through(&dec, sealed);
    CHECK(opened != NULL && gst_buffer_peek_memory(opened, 0) == memory);
    gst_clear_buffer(&opened);
    rig_end(&enc);
    rig_end(&dec);
}

static void memory_that_others_use_is_not_changed(void)
{
    GBytes *key = new_key();
    Rig enc = sender(1, key);
    Rig dec = receiver(1, key);
    GstBuffer *original = frame_of(100, 5);
    GstBuffer *sealed = seal(&enc, gst_buffer_ref(original));
    GstBuffer *before = copy_of(sealed);
    /* Once the buffer is shared, once only its memory. */
    GstBuffer *opened = through(&dec, gst_buffer_ref(sealed));
    CHECK(same_bytes(opened, original));
    CHECK(same_bytes(sealed, before));
    gst_clear_buffer(&opened);
    gst_buffer_unref(sealed);
    sealed = seal(&enc, gst_buffer_ref(original));
    gst_buffer_replace(&before, NULL);
    before = copy_of(sealed);
    opened = through(&dec, gst_buffer_copy(sealed));
    CHECK(same_bytes(opened, original));
    CHECK(same_bytes(sealed, before));
    gst_clear_buffer(&opened);
    gst_buffer_unref(before);
    gst_buffer_unref(sealed);
    gst_buffer_unref(original);
    rig_end(&enc);
    rig_end(&dec);
}

static void frames_in_pieces_and_empty_ones_go_through(void)
{
    GBytes *key = new_key();
    Rig enc = sender(1, key);
    Rig dec = receiver(1, key);
    GstBuffer *original = gst_buffer_append(frame_of(100, 6), frame_of(50, 7));
    GstBuffer *sealed = seal(&enc, gst_buffer_ref(original));
    GstBuffer *rest = gst_buffer_copy_region(sealed, GST_BUFFER_COPY_MEMORY, 60, (gsize)-1);
    gst_buffer_set_size(sealed, 60);
    GstBuffer *opened = through(&dec, gst_buffer_append(sealed, rest));
    CHECK(same_bytes(opened, original));
    gst_clear_buffer(&opened);
    gst_buffer_unref(original);

    opened = through(&dec, seal(&enc, gst_buffer_new()));
    CHECK(opened != NULL && gst_buffer_get_size(opened) == 0);
    gst_clear_buffer(&opened);
    rig_end(&enc);
    rig_end(&dec);
}

static gboolean goes_through(gint suite, gint other_suite)
{
    GBytes *key = new_key();
    GstElement *encryption = new_element("framesealenc");
    GstElement *decryption = new_element("framesealdec");
    g_object_set(encryption, "cipher-suite", suite, NULL);
    g_object_set(decryption, "cipher-suite", other_suite, NULL);
    CHECK(add_key(encryption, 1, key) && use_key(encryption, 1) && add_key(decryption, 1, key));
    Rig enc = rig_start(encryption);
    Rig dec = rig_start(decryption);
    give_media(&enc, MEDIA);
    give_sealed(&dec, MEDIA);
    const gboolean opened = opens(&dec, seal(&enc, frame_of(100, 8)));
    rig_end(&enc);
    rig_end(&dec);
    return opened;
}

static void every_suite_opens_its_own_frames_only(void)
{
    for (gint suite = 1; suite <= 8; suite++) {
        CHECK(goes_through(suite, suite));
        CHECK(!goes_through(suite, suite % 8 + 1));
    }
}

void test_frames(void)
{
    times_flags_and_metas_survive();
    the_library_opens_what_the_element_seals_and_the_reverse();
    nothing_of_a_frame_is_seen_in_its_sealed_form();
    a_frame_is_opened_where_it_lies();
    memory_that_others_use_is_not_changed();
    frames_in_pieces_and_empty_ones_go_through();
    every_suite_opens_its_own_frames_only();
}
