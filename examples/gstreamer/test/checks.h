/*
 * What the tests are written with: an element between two pads of the test, its bus, and keys.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include "frameseal.h"

/* Says where and what, and counts it. */
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
void check(gboolean holds, const gchar *what, const gchar *file, int line);
extern int failures;

#define MEDIA "video/x-vp8, width=(int)320, height=(int)180"

/* An element that plays, with everything that it pushes and posts. */
typedef struct {
    GstElement *element;
    GstHarness *harness;
    GstBus *bus;
} Rig;

/* A base key that no other test has. It lives until the program ends. */
GBytes *new_key(void);

/* Of signals of the elements. */
gboolean add_key(GstElement *element, guint64 key_id, GBytes *key);
gboolean use_key(GstElement *element, guint64 key_id);
gboolean remove_key(GstElement *element, guint64 key_id);

/* framesealenc or framesealdec, not yet started. */
GstElement *new_element(const gchar *factory);

/* Takes over the element and starts it. */
Rig rig_start(GstElement *element);
void rig_end(Rig *rig);

/* framesealenc that seals MEDIA with the key, and framesealdec that is told of it. */
Rig sender(guint64 key_id, GBytes *key);
Rig receiver(guint64 key_id, GBytes *key);

/* Says what comes: to framesealenc the caps of `media`, to framesealdec those of its sealed form. */
void give_media(Rig *rig, const gchar *media);
void give_sealed(Rig *rig, const gchar *media);

/* A frame of `len` bytes that are unlike those of another `seed`. */
GstBuffer *frame_of(gsize len, guint8 seed);
gboolean same_bytes(GstBuffer *one, GstBuffer *other);
GstBuffer *copy_of(GstBuffer *buffer);

/* Seals the frame, which it takes over. */
GstBuffer *seal(Rig *rig, GstBuffer *frame);

/* Pushes the frame and answers what came out of the element: NULL when it was dropped. */
GstBuffer *through(Rig *rig, GstBuffer *frame);
gboolean opens(Rig *rig, GstBuffer *frame);

guint64 count(Rig *rig, const gchar *property);

/* What was posted since the last call. */
typedef struct {
    guint warnings;
    guint errors;
    guint missing_keys;
    guint64 key_id; /* of the last of these */
} Told;
Told told(Rig *rig);

/* The tests, by what they are about. */
void test_frames(void);
void test_refusals(void);
void test_keys(void);
void test_caps(void);
void test_pipelines(void);

#endif
