/*
 * Base keys from files. A key that stood in a property or a pipeline description would be seen by
 * everybody who can list processes; the name of a file may be.
 */
#ifndef GST_FRAMESEAL_KEY_FILE_H
#define GST_FRAMESEAL_KEY_FILE_H

#include <gst/gst.h>

#include "frameseal.h"

/* Overwrites a secret; the compiler does not leave it out. */
void gst_frameseal_wipe(void *secret, gsize len);

/*
 * Reads a base key of FRAMESEAL_MIN_BASE_KEY_LEN to FRAMESEAL_MAX_BASE_KEY_LEN bytes, written as
 * hexadecimal digits with white space anywhere between two bytes, into `key`, and its length into
 * `*len`. The caller wipes it. On failure `key` holds nothing of the file.
 */
gboolean gst_frameseal_read_key(const gchar *path, guint8 key[FRAMESEAL_MAX_BASE_KEY_LEN],
                                gsize *len, GError **error);

#endif
