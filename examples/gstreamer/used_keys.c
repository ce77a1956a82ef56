/*
 * A table from digests of keys to their owners, one for the process. It only grows: to forget a key
 * would be to allow it anew. An entry takes some 150 bytes.
 */
#include "used_keys.h"

static GMutex lock;
static GHashTable *owners; /* guarded by lock: digest in hexadecimal digits -> guint64 */
static guint64 last_owner; /* guarded by lock */

guint64 gst_frameseal_new_owner(void)
{
    g_mutex_lock(&lock);
    const guint64 owner = ++last_owner;
    g_mutex_unlock(&lock);
    return owner;
}

static gchar *digest_of(frameseal_suite suite, guint64 key_id, const guint8 *key, gsize len)
{
    /* Two blocks of SHA-256: afterwards, nothing of the key is in the buffer of the GChecksum. */
    static const guint8 zeros[128];
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(checksum, (const guchar *)&suite, sizeof suite);
    g_checksum_update(checksum, (const guchar *)&key_id, sizeof key_id);
    g_checksum_update(checksum, key, (gssize)len);
    g_checksum_update(checksum, zeros, sizeof zeros);
    gchar *digest = g_strdup(g_checksum_get_string(checksum));
    g_checksum_free(checksum);
    return digest;
}

gboolean gst_frameseal_claim_key(guint64 owner, frameseal_suite suite, guint64 key_id,
                                 const guint8 *key, gsize len)
{
    gchar *digest = digest_of(suite, key_id, key, len);
    g_mutex_lock(&lock);
    if (owners == NULL) {
        owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    }
    const guint64 *first = g_hash_table_lookup(owners, digest);
    const gboolean granted = first == NULL || *first == owner;
    if (first == NULL) {
        guint64 *entry = g_new(guint64, 1);
        *entry = owner;
        g_hash_table_insert(owners, digest, entry);
        digest = NULL;
    }
    g_mutex_unlock(&lock);
    g_free(digest);
    return granted;
}
