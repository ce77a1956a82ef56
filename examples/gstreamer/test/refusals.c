/*
 * Frames that are not as they were sent: none comes out, all are counted, the application hears of
 * it without being flooded, and the stream goes on.
 */
#include "checks.h"

#include <string.h>

static GstBuffer *flipped(const GstBuffer *sealed, gsize at)
{
    guint8 byte = 0;
    GstBuffer *copy = gst_buffer_copy_deep(sealed);
    gst_buffer_extract(copy, at, &byte, 1);
    byte ^= 0x10;
    gst_buffer_fill(copy, at, &byte, 1);
    return copy;
}

static void a_tampered_frame_is_dropped_and_the_stream_goes_on(void)
{
    GBytes *key = new_key();
    Rig enc = sender(7, key);
    Rig dec = receiver(7, key);
    GstBuffer *sealed = seal(&enc, frame_of(100, 1));
    const gsize len = gst_buffer_get_size(sealed);
    const gsize places[] = {2, len / 2, len - 1};
    for (gsize place = 0; place < G_N_ELEMENTS(places); place++) {
        CHECK(!opens(&dec, flipped(sealed, places[place])));
    }
    CHECK(count(&dec, "authentication-failures") == 3);
    CHECK(count(&dec, "frames") == 0);
    CHECK(told(&dec).warnings == 1);
    CHECK(opens(&dec, sealed));
    CHECK(opens(&dec, seal(&enc, frame_of(100, 2))));
    CHECK(count(&dec, "frames") == 2);
    rig_end(&enc);
    rig_end(&dec);
}

static void a_replayed_frame_is_dropped(void)
{
    GBytes *key = new_key();
    Rig enc = sender(7, key);
    Rig dec = receiver(7, key);
    GstBuffer *sealed = seal(&enc, frame_of(100, 1));
    CHECK(opens(&dec, copy_of(sealed)));
    CHECK(!opens(&dec, copy_of(sealed)));
    CHECK(!opens(&dec, sealed));
    CHECK(count(&dec, "replays") == 2);
    CHECK(count(&dec, "frames") == 1);
    CHECK(count(&dec, "authentication-failures") == 0);
    CHECK(told(&dec).warnings == 1);
    rig_end(&enc);
    rig_end(&dec);
}

/* The replay window is of the element, not of one run of it. */
static void a_frame_is_replayed_also_after_the_receiver_was_stopped(void)
{
    GBytes *key = new_key();
    Rig enc = sender(7, key);
    Rig dec = receiver(7, key);
    GstBuffer *sealed = seal(&enc, frame_of(100, 1));
    CHECK(opens(&dec, copy_of(sealed)));
    gst_element_set_state(dec.element, GST_STATE_NULL);
    gst_harness_play(dec.harness);
    give_sealed(&dec, MEDIA);
    CHECK(!opens(&dec, sealed));
    CHECK(count(&dec, "replays") == 1);
    rig_end(&enc);
    rig_end(&dec);
}

static void a_missing_key_is_named_and_can_be_added(void)
{
    GBytes *other_key = new_key();
    Rig enc = sender(G_GUINT64_CONSTANT(0x123456789a), other_key);
    Rig dec = receiver(7, new_key());
    CHECK(!opens(&dec, seal(&enc, frame_of(100, 1))));
    const Told missing = told(&dec);
    CHECK(missing.missing_keys == 1);
    CHECK(missing.key_id == G_GUINT64_CONSTANT(0x123456789a));
    CHECK(count(&dec, "unknown-keys") == 1);
    CHECK(add_key(dec.element, missing.key_id, other_key));
    CHECK(opens(&dec, seal(&enc, frame_of(100, 2))));
    CHECK(remove_key(dec.element, missing.key_id));
    CHECK(!opens(&dec, seal(&enc, frame_of(100, 3))));
    CHECK(count(&dec, "unknown-keys") == 2);
    rig_end(&enc);
    rig_end(&dec);
}

static void many_unknown_keys_are_told_once_a_second(void)
{
    enum { FRAMES = 200 };
    Rig dec = receiver(7, new_key());
    const gint64 start = g_get_monotonic_time();
    for (guint8 key_id = 8; key_id < 8 + FRAMES; key_id++) {
        /* A header with a key id of one byte and counter 0, and what could be a ciphertext. */
        guint8 forged[40] = {0x80, key_id};
        CHECK(!opens(&dec, gst_buffer_new_memdup(forged, sizeof forged)));
    }
    const gint64 seconds = (g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    CHECK(count(&dec, "unknown-keys") == FRAMES);
    const Told all = told(&dec);
    CHECK(all.warnings == 1);
    CHECK(all.missing_keys >= 1 && all.missing_keys <= 1 + seconds);
    rig_end(&dec);
}

static void what_is_no_frame_is_dropped(void)
{
    GBytes *key = new_key();
    Rig enc = sender(7, key);
    Rig dec = receiver(7, key);
    CHECK(!opens(&dec, gst_buffer_new()));
    CHECK(!opens(&dec, frame_of(3, 0)));
    GstBuffer *sealed = seal(&enc, frame_of(100, 1));
    gst_buffer_set_size(sealed, 10);
    CHECK(!opens(&dec, sealed));
    CHECK(count(&dec, "malformed") == 3);
    CHECK(told(&dec).warnings == 1);
    rig_end(&enc);
    rig_end(&dec);
}

static void plain_media_does_not_pass(void)
{
    Rig dec = receiver(7, new_key());
    for (guint8 frame = 0; frame < 100; frame++) {
        CHECK(!opens(&dec, frame_of(frame * 20u, frame)));
    }
    CHECK(count(&dec, "frames") == 0);
    rig_end(&dec);
}

static void a_frame_that_cannot_be_encrypted_is_an_error_and_goes_nowhere(void)
{
    Rig enc = sender(7, new_key());
    GstBuffer *sealed = seal(&enc, frame_of(100, 1));
    gst_buffer_unref(sealed);
    CHECK(remove_key(enc.element, 7));
    CHECK(gst_harness_push(enc.harness, frame_of(100, 2)) == GST_FLOW_ERROR);
    CHECK(gst_harness_try_pull(enc.harness) == NULL);
    CHECK(told(&enc).errors == 1);
    CHECK(count(&enc, "frames") == 1);
    rig_end(&enc);
}

void test_refusals(void)
{
    a_tampered_frame_is_dropped_and_the_stream_goes_on();
    a_replayed_frame_is_dropped();
    a_frame_is_replayed_also_after_the_receiver_was_stopped();
    a_missing_key_is_named_and_can_be_added();
    many_unknown_keys_are_told_once_a_second();
    what_is_no_frame_is_dropped();
    plain_media_does_not_pass();
    a_frame_that_cannot_be_encrypted_is_an_error_and_goes_nowhere();
}
