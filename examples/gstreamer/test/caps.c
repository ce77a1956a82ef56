/*
 * Caps and metadata: that sealed media is not taken for media, that the decoder gets back the caps
 * that were sealed and no others, and that both sides must mean the same.
 */
#include "checks.h"

#include <string.h>

static GstCaps *caps_behind(Rig *rig)
{
    return gst_pad_get_current_caps(rig->harness->sinkpad);
}

static void sealed_caps_hold_those_of_the_media(void)
{
    Rig enc = sender(1, new_key());
    gst_buffer_unref(seal(&enc, frame_of(10, 1)));
    GstCaps *sealed = caps_behind(&enc);
    GstCaps *media = gst_caps_from_string(MEDIA);
    CHECK(sealed != NULL);
    const GstStructure *structure = gst_caps_get_structure(sealed, 0);
    CHECK(gst_structure_has_name(structure, "application/x-frameseal"));
    const gchar *inside = gst_structure_get_string(structure, "original-caps");
    CHECK(g_strcmp0(inside, MEDIA) == 0);
    CHECK(!gst_caps_can_intersect(sealed, media));
    gst_caps_unref(media);
    gst_caps_unref(sealed);
    rig_end(&enc);
}

static void caps_go_on_with_the_first_frame_that_opens(void)
{
    GBytes *key = new_key();
    Rig enc = sender(1, key);
    Rig dec = receiver(1, key);
    CHECK(!opens(&dec, frame_of(200, 9)));
    CHECK(caps_behind(&dec) == NULL);
    CHECK(gst_pad_get_sticky_event(dec.harness->sinkpad, GST_EVENT_SEGMENT, 0) == NULL);
    CHECK(opens(&dec, seal(&enc, frame_of(10, 1))));
    GstCaps *caps = caps_behind(&dec);
    GstCaps *media = gst_caps_from_string(MEDIA);
    CHECK(caps != NULL && gst_caps_is_equal(caps, media));
    GstEvent *segment = gst_pad_get_sticky_event(dec.harness->sinkpad, GST_EVENT_SEGMENT, 0);
    CHECK(segment != NULL);
    gst_clear_mini_object((GstMiniObject **)&segment);
    gst_caps_unref(media);
    gst_clear_caps(&caps);
    rig_end(&enc);
    rig_end(&dec);
}

static void caps_that_a_server_changed_do_not_reach_the_decoder(void)
{
    GBytes *key = new_key();
    Rig enc = sender(1, key);
    Rig dec = receiver(1, key);
    give_sealed(&dec, "video/x-vp8, width=(int)320, height=(int)181");
    CHECK(!opens(&dec, seal(&enc, frame_of(10, 1))));
    CHECK(caps_behind(&dec) == NULL);
    CHECK(count(&dec, "authentication-failures") == 1);
    give_sealed(&dec, MEDIA);
    CHECK(opens(&dec, seal(&enc, frame_of(10, 2))));
    rig_end(&enc);
    rig_end(&dec);
}

static void caps_may_change_between_frames(void)
{
    static const gchar later[] = "video/x-vp8, width=(int)640, height=(int)360";
    GBytes *key = new_key();
    Rig enc = sender(1, key);
    Rig dec = receiver(1, key);
    CHECK(opens(&dec, seal(&enc, frame_of(10, 1))));
    give_media(&enc, later);
    give_sealed(&dec, later);
    CHECK(opens(&dec, seal(&enc, frame_of(10, 2))));
    GstCaps *caps = caps_behind(&dec);
    GstCaps *media = gst_caps_from_string(later);
    CHECK(caps != NULL && gst_caps_is_equal(caps, media));
    gst_caps_unref(media);
    gst_clear_caps(&caps);
    rig_end(&enc);
    rig_end(&dec);
}

/* With codec data, as Opus and H.264 have, which has to be written into a string in a string. */
static void buffers_inside_caps_come_back(void)
{
    static const gchar opus[] = "audio/x-opus, rate=(int)48000, channels=(int)2, "
                                "streamheader=(buffer)< 4f707573, 00ff2c22 >";
    GBytes *key = new_key();
    Rig enc = sender(1, key);
    Rig dec = receiver(1, key);
    give_media(&enc, opus);
    GstBuffer *sealed = seal(&enc, frame_of(10, 1));
    /* As text and back, which is how rtpgstpay carries them. */
    GstCaps *between = caps_behind(&enc);
    gchar *text = gst_caps_to_string(between);
    gst_harness_set_src_caps(dec.harness, gst_caps_from_string(text));
    CHECK(opens(&dec, sealed));
    GstCaps *caps = caps_behind(&dec);
    GstCaps *media = gst_caps_from_string(opus);
    CHECK(caps != NULL && gst_caps_is_equal(caps, media));
    g_free(text);
    gst_caps_unref(between);
    gst_caps_unref(media);
    gst_clear_caps(&caps);
    rig_end(&enc);
    rig_end(&dec);
}

static gboolean takes_caps(const gchar *text)
{
    GstCaps *caps = gst_caps_from_string(text);
    GstElement *dec = new_element("framesealdec");
    gst_element_set_state(dec, GST_STATE_PAUSED);
    GstPad *pad = gst_element_get_static_pad(dec, "sink");
    gst_pad_send_event(pad, gst_event_new_stream_start("test"));
    const gboolean taken = gst_pad_send_event(pad, gst_event_new_caps(caps));
    gst_caps_unref(caps);
    gst_object_unref(pad);
    gst_element_set_state(dec, GST_STATE_NULL);
    gst_object_unref(dec);
    return taken;
}

static void caps_without_the_medias_are_not_taken(void)
{
    CHECK(takes_caps("application/x-frameseal, original-caps=(string)video/x-vp8"));
    CHECK(!takes_caps("application/x-frameseal"));
    CHECK(!takes_caps("application/x-frameseal, original-caps=(int)1"));
    CHECK(!takes_caps("application/x-frameseal, original-caps=(string)ANY"));
    CHECK(!takes_caps("application/x-frameseal, original-caps=(string)\"a\\ b\\,\""));
    CHECK(!takes_caps("application/x-frameseal, "
                      "original-caps=(string)\"video/x-vp8\\;audio/x-opus\""));
    CHECK(!takes_caps("video/x-vp8"));
}

/* Frames before any caps are an error on both sides. */
static void frames_without_caps_are_not_negotiated(void)
{
    GBytes *key = new_key();
    const gchar *factories[] = {"framesealenc", "framesealdec"};
    for (gsize at = 0; at < G_N_ELEMENTS(factories); at++) {
        GstElement *element = new_element(factories[at]);
        CHECK(add_key(element, 1, key));
        CHECK(at == 1 || use_key(element, 1));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_element_set_state(element, GST_STATE_PAUSED);
        GstPad *pad = gst_element_get_static_pad(element, "sink");
        gst_pad_send_event(pad, gst_event_new_stream_start("test"));
        gst_pad_send_event(pad, gst_event_new_segment(&segment));
        CHECK(gst_pad_chain(pad, frame_of(10, 1)) == GST_FLOW_NOT_NEGOTIATED);
        gst_object_unref(pad);
        gst_element_set_state(element, GST_STATE_NULL);
        gst_object_unref(element);
    }
}

static Rig with_metadata(const gchar *factory, GBytes *key, const gchar *choice, const gchar *text,
                         const gchar *media)
{
    GstElement *element = new_element(factory);
    const gboolean sends = strcmp(factory, "framesealenc") == 0;
    gst_util_set_object_arg(G_OBJECT(element), "metadata", choice);
    g_object_set(element, "metadata-text", text, NULL);
    CHECK(add_key(element, 1, key));
    CHECK(!sends || use_key(element, 1));
    Rig rig = rig_start(element);
    (sends ? give_media : give_sealed)(&rig, media);
    return rig;
}

static void both_sides_must_mean_the_same_metadata(void)
{
    static const gchar large[] = "video/x-vp8, width=(int)1920";
    static const struct {
        const gchar *sent, *sent_text, *expected, *expected_text, *expected_media;
        gboolean opens;
    } rows[] = {
        {"caps", NULL, "caps", NULL, MEDIA, TRUE},
        {"caps", NULL, "caps", NULL, large, FALSE},
        {"caps", NULL, "media-type", NULL, MEDIA, FALSE},
        {"media-type", NULL, "media-type", NULL, MEDIA, TRUE},
        {"media-type", NULL, "media-type", NULL, large, TRUE},
        {"media-type", NULL, "media-type", NULL, "video/x-vp9", FALSE},
        {"media-type", NULL, "text", "video/x-vp8", MEDIA, TRUE},
        {"text", "room 12", "text", "room 12", large, TRUE},
        {"text", "room 12", "text", "room 13", MEDIA, FALSE},
        {"text", NULL, "none", NULL, MEDIA, TRUE},
        {"none", "not used", "none", NULL, large, TRUE},
        {"none", NULL, "caps", NULL, MEDIA, FALSE},
    };
    for (gsize at = 0; at < G_N_ELEMENTS(rows); at++) {
        GBytes *key = new_key();
        Rig enc = with_metadata("framesealenc", key, rows[at].sent, rows[at].sent_text, MEDIA);
        Rig dec = with_metadata("framesealdec", key, rows[at].expected, rows[at].expected_text,
                                rows[at].expected_media);
        CHECK(opens(&dec, seal(&enc, frame_of(10, 1))) == rows[at].opens);
        rig_end(&enc);
        rig_end(&dec);
    }
}

void test_caps(void)
{
    sealed_caps_hold_those_of_the_media();
    caps_go_on_with_the_first_frame_that_opens();
    caps_that_a_server_changed_do_not_reach_the_decoder();
    caps_may_change_between_frames();
    buffers_inside_caps_come_back();
    caps_without_the_medias_are_not_taken();
    frames_without_caps_are_not_negotiated();
    both_sides_must_mean_the_same_metadata();
}
