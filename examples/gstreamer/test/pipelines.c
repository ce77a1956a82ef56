/*
 * Whole pipelines with VP8, in which something is wrong in between: they end as ever, and the
 * decoder gets what opened and nothing else.
 */
#include "checks.h"

#include <string.h>

enum { FRAMES = 30 };

typedef struct {
    GstElement *pipeline;
    GstElement *enc;
    GstElement *dec;
    guint decoded;
} Call;

static void on_decoded(GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
    (void)sink;
    (void)buffer;
    (void)pad;
    ((Call *)data)->decoded++;
}

static Call new_call(GBytes *sent, GBytes *received)
{
    Call call = {0};
    call.pipeline = gst_parse_launch(
        "videotestsrc num-buffers=30 ! video/x-raw,width=320,height=180 ! "
        "vp8enc deadline=1 threads=1 ! framesealenc name=enc ! framesealdec name=dec ! vp8dec ! "
        "fakesink name=sink signal-handoffs=true sync=false",
        NULL);
    g_assert(call.pipeline != NULL);
    call.enc = gst_bin_get_by_name(GST_BIN(call.pipeline), "enc");
    call.dec = gst_bin_get_by_name(GST_BIN(call.pipeline), "dec");
    CHECK(add_key(call.enc, 1, sent) && use_key(call.enc, 1) && add_key(call.dec, 1, received));
    return call;
}

/* Plays until the end, and tells how many frames were decoded. */
static guint play(Call *call)
{
    GstElement *sink = gst_bin_get_by_name(GST_BIN(call->pipeline), "sink");
    g_signal_connect(sink, "handoff", G_CALLBACK(on_decoded), call);
    gst_element_set_state(call->pipeline, GST_STATE_PLAYING);
    GstBus *bus = gst_element_get_bus(call->pipeline);
    GstMessage *end = gst_bus_timed_pop_filtered(bus, 30 * GST_SECOND,
                                                 GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    CHECK(end != NULL && GST_MESSAGE_TYPE(end) == GST_MESSAGE_EOS);
    if (end != NULL) {
        gst_message_unref(end);
    }
    gst_element_set_state(call->pipeline, GST_STATE_NULL);
    gst_object_unref(bus);
    gst_object_unref(sink);
    return call->decoded;
}

static guint64 counted(GstElement *element, const gchar *property)
{
    guint64 value = 0;
    g_object_get(element, property, &value, NULL);
    return value;
}

static void end_call(Call *call)
{
    gst_object_unref(call->enc);
    gst_object_unref(call->dec);
    gst_object_unref(call->pipeline);
}

static void a_call_decodes_every_frame(void)
{
    GBytes *key = new_key();
    Call call = new_call(key, key);
    CHECK(play(&call) == FRAMES);
    CHECK(counted(call.enc, "frames") == FRAMES);
    CHECK(counted(call.dec, "frames") == FRAMES);
    CHECK(counted(call.dec, "authentication-failures") == 0);
    end_call(&call);
}

static void with_a_wrong_key_nothing_is_decoded_and_the_pipeline_ends(void)
{
    Call call = new_call(new_key(), new_key());
    CHECK(play(&call) == 0);
    CHECK(counted(call.enc, "frames") == FRAMES);
    CHECK(counted(call.dec, "frames") == 0);
    CHECK(counted(call.dec, "authentication-failures") == FRAMES);
    end_call(&call);
}

/* A forwarder that flips a bit in every third frame but the first, and repeats every fifth. */
static GstPadProbeReturn meddle(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    guint *frame = data;
    GstBuffer *sealed = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    info->data = sealed;
    if (*frame == G_MAXUINT) {
        return GST_PAD_PROBE_OK;
    }
    const guint at = (*frame)++;
    if (at % 3 == 2) {
        GstMapInfo map;
        CHECK(gst_buffer_map(sealed, &map, GST_MAP_READWRITE));
        map.data[map.size / 2] ^= 1;
        gst_buffer_unmap(sealed, &map);
    } else if (at % 5 == 0) {
        const guint next = *frame;
        *frame = G_MAXUINT; /* what is pushed here is not meddled with */
        CHECK(gst_pad_push(pad, gst_buffer_copy_deep(sealed)) == GST_FLOW_OK);
        *frame = next;
    }
    return GST_PAD_PROBE_OK;
}

static void of_tampered_and_repeated_frames_none_is_opened(void)
{
    GBytes *key = new_key();
    Call call = new_call(key, key);
    GstPad *pad = gst_element_get_static_pad(call.enc, "src");
    guint frame = 0;
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, meddle, &frame, NULL);
    CHECK(play(&call) > 0);
    CHECK(frame == FRAMES);
    CHECK(counted(call.dec, "authentication-failures") == 10);
    /* 0, 10, 15 and 25: the others of every fifth were tampered with. */
    CHECK(counted(call.dec, "replays") == 4);
    CHECK(counted(call.dec, "frames") == 20);
    gst_object_unref(pad);
    end_call(&call);
}

void test_pipelines(void)
{
    a_call_decodes_every_frame();
    with_a_wrong_key_nothing_is_decoded_and_the_pipeline_ends();
    of_tampered_and_repeated_frames_none_is_opened();
}
