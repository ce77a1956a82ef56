/*
 * Which encrypting element of this process has which key. Two that had the same base key under the
 * same key id would both begin at counter 0 and use the same nonces, which destroys the protection
 * (RFC 9605 section 4.4.1). An encryptor cannot see another one, so the plugin looks: it happens
 * easily where a pipeline is taken down and built anew with the same key file.
 *
 * It knows nothing of other processes, nor of another copy of the library in this one.
 */
#ifndef GST_FRAMESEAL_USED_KEYS_H
#define GST_FRAMESEAL_USED_KEYS_H

#include <gst/gst.h>

#include "frameseal.h"

/* A number for an element, which no other in this process gets. */
guint64 gst_frameseal_new_owner(void);

/*
 * Whether the key belongs to `owner`: it did already, or nobody has ever had it. It does until the
 * process ends, also when the element is gone.
 */
gboolean gst_frameseal_claim_key(guint64 owner, frameseal_suite suite, guint64 key_id,
                                 const guint8 *key, gsize len);

#endif
